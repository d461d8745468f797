-- A run carries what its snapshot says about it: lists of runs show it and filter by it, and looking the snapshot up for every field was what they cost.
-- Snapshots never change where they point to, except that what is deleted becomes null, and that the references below do for runs too.
ALTER TABLE "workspace"."pipeline_run" ADD COLUMN "code_reference_id" UUID,
ADD COLUMN "source_snapshot_id" UUID,
ADD COLUMN "template_id" UUID;

-- The owner of the tables need not be a superuser, and forced row security would show him no rows.
ALTER TABLE "workspace"."pipeline_run" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "workspace"."pipeline_snapshot" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "workspace"."run_template" NO FORCE ROW LEVEL SECURITY;

UPDATE "workspace"."pipeline_run" r
SET "stack_id" = s."stack_id", "build_id" = s."build_id", "schedule_id" = s."schedule_id", "code_reference_id" = s."code_reference_id",
    "source_snapshot_id" = (SELECT o."id" FROM "workspace"."pipeline_snapshot" o WHERE o."workspace_id" = s."workspace_id" AND o."id" = s."source_snapshot_id"),
    "template_id" = (SELECT o."id" FROM "workspace"."run_template" o WHERE o."workspace_id" = s."workspace_id" AND o."id" = s."template_id")
FROM "workspace"."pipeline_snapshot" s
WHERE s."workspace_id" = r."workspace_id" AND s."id" = r."snapshot_id";

ALTER TABLE "workspace"."pipeline_run" FORCE ROW LEVEL SECURITY;
ALTER TABLE "workspace"."pipeline_snapshot" FORCE ROW LEVEL SECURITY;
ALTER TABLE "workspace"."run_template" FORCE ROW LEVEL SECURITY;

CREATE INDEX "ix_pipeline_run_code_reference_id" ON "workspace"."pipeline_run"("workspace_id", "code_reference_id");
CREATE INDEX "ix_pipeline_run_source_snapshot_id" ON "workspace"."pipeline_run"("workspace_id", "source_snapshot_id");
CREATE INDEX "ix_pipeline_run_template_id" ON "workspace"."pipeline_run"("workspace_id", "template_id");

ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_code_reference_id" FOREIGN KEY ("workspace_id", "code_reference_id") REFERENCES "workspace"."code_reference"("workspace_id", "id") ON DELETE SET NULL ("code_reference_id") ON UPDATE NO ACTION;
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_source_snapshot_id" FOREIGN KEY ("workspace_id", "source_snapshot_id") REFERENCES "workspace"."pipeline_snapshot"("workspace_id", "id") ON DELETE SET NULL ("source_snapshot_id") ON UPDATE NO ACTION;
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_template_id" FOREIGN KEY ("workspace_id", "template_id") REFERENCES "workspace"."run_template"("workspace_id", "id") ON DELETE SET NULL ("template_id") ON UPDATE NO ACTION;
