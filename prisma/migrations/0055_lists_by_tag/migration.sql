-- What carries a tag is listed in order of creation, and counted, in an index of the links alone: they say when what they tag was created, and in which project. Neither ever changes.
ALTER TABLE "workspace"."tag_resource" ADD COLUMN "project_id" UUID, ADD COLUMN "resource_created" TIMESTAMP(6);

-- The owner of the tables need not be a superuser, and forced row security would show him no rows.
ALTER TABLE "workspace"."tag_resource" NO FORCE ROW LEVEL SECURITY;
DO $$
DECLARE
  tagged text;
BEGIN
  FOREACH tagged IN ARRAY ARRAY['artifact', 'artifact_version', 'deployment', 'model', 'model_version', 'pipeline', 'pipeline_run', 'pipeline_snapshot', 'run_template'] LOOP
    EXECUTE format('ALTER TABLE workspace.%I NO FORCE ROW LEVEL SECURITY', tagged);
    EXECUTE format(
      'UPDATE workspace.tag_resource l SET project_id = x.project_id, resource_created = x.created FROM workspace.%I x WHERE l.resource_type = %L AND x.workspace_id = l.workspace_id AND x.id = l.resource_id',
      tagged, tagged
    );
    EXECUTE format('ALTER TABLE workspace.%I FORCE ROW LEVEL SECURITY', tagged);
  END LOOP;
END
$$;
-- Links of what is gone.
DELETE FROM "workspace"."tag_resource" WHERE "project_id" IS NULL;
ALTER TABLE "workspace"."tag_resource" FORCE ROW LEVEL SECURITY;

ALTER TABLE "workspace"."tag_resource" ALTER COLUMN "project_id" SET NOT NULL, ALTER COLUMN "resource_created" SET NOT NULL;
DROP INDEX "workspace"."ix_tag_resource_tag_id_resource_type_resource_id";
CREATE INDEX "ix_tag_resource_of_project" ON "workspace"."tag_resource"("workspace_id", "tag_id", "resource_type", "project_id", "resource_created", "resource_id");
