-- Every request with a credential of the control plane finds its user by the id there.
CREATE INDEX "ix_user_external_user_id" ON "workspace"."user"("workspace_id", "external_user_id");
