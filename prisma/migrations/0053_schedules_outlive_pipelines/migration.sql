-- A schedule is a record of something that an orchestrator still does after its pipeline is deleted here.
ALTER TABLE "workspace"."schedule" DROP CONSTRAINT "fk_schedule_pipeline_id";
ALTER TABLE "workspace"."schedule" ADD CONSTRAINT "fk_schedule_pipeline_id" FOREIGN KEY ("workspace_id", "pipeline_id") REFERENCES "workspace"."pipeline"("workspace_id", "id") ON DELETE SET NULL ("pipeline_id") ON UPDATE NO ACTION;
