-- Lists with filters look for their rows once, to count and to sort them. Where an index has all that this takes, no row is read but those that are shown:
-- the project besides what is filtered by, the owner, which decides what people see, and the status of runs, which is what they filter by. That its changes are written to indexes costs a
-- run some tens of microseconds.
DROP INDEX "workspace"."ix_pipeline_run_project_id_created_id";
DROP INDEX "workspace"."ix_pipeline_run_pipeline_id_created";
DROP INDEX "workspace"."ix_pipeline_snapshot_project_id_created_id";
DROP INDEX "workspace"."ix_artifact_version_artifact_id_created";
DROP INDEX "workspace"."ix_tag_resource_tag_id";
CREATE INDEX "ix_pipeline_run_project_id_created_id_status_user_id" ON "workspace"."pipeline_run"("workspace_id", "project_id", "created", "id", "status", "user_id");
CREATE INDEX "ix_pipeline_snapshot_project_id_created_id_user_id" ON "workspace"."pipeline_snapshot"("workspace_id", "project_id", "created", "id", "user_id");
CREATE INDEX "ix_pipeline_run_pipeline_id_created_id_project_id_status" ON "workspace"."pipeline_run"("workspace_id", "pipeline_id", "created", "id", "project_id", "status");
CREATE INDEX "ix_artifact_version_artifact_id_created_id_project_id" ON "workspace"."artifact_version"("workspace_id", "artifact_id", "created", "id", "project_id");
CREATE INDEX "ix_tag_resource_tag_id_resource_type_resource_id" ON "workspace"."tag_resource"("workspace_id", "tag_id", "resource_type", "resource_id");
