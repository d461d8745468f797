-- The newest version of an artifact is shown with every artifact of a list.
CREATE INDEX "ix_artifact_version_artifact_id_created" ON "workspace"."artifact_version"("workspace_id", "artifact_id", "created", "id");

-- Numbers of deleted versions at the end are given again, as clients know it: the counter follows the highest number that is left. The row lock comes
-- first and in a statement of its own, so that the highest number is read after whoever is numbering has committed.
CREATE FUNCTION "workspace"."follow_highest_number"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_ARGV[0] = 'artifact' THEN
    PERFORM 1 FROM workspace.artifact a WHERE (a.workspace_id, a.id) IN (SELECT workspace_id, artifact_id FROM gone) ORDER BY a.id FOR NO KEY UPDATE;
    UPDATE workspace.artifact a SET latest_version_number = n.highest FROM (
      SELECT g.workspace_id, g.artifact_id, greatest(coalesce((SELECT max(v.version_number) FROM workspace.artifact_version v WHERE v.workspace_id = g.workspace_id AND v.artifact_id = g.artifact_id), 0), 0) AS highest
      FROM (SELECT DISTINCT workspace_id, artifact_id FROM gone) g
    ) n WHERE a.workspace_id = n.workspace_id AND a.id = n.artifact_id AND a.latest_version_number <> n.highest;
  ELSE
    PERFORM 1 FROM workspace.model m WHERE (m.workspace_id, m.id) IN (SELECT workspace_id, model_id FROM gone) ORDER BY m.id FOR NO KEY UPDATE;
    UPDATE workspace.model m SET latest_version_number = n.highest FROM (
      SELECT g.workspace_id, g.model_id, coalesce((SELECT max(v.number) FROM workspace.model_version v WHERE v.workspace_id = g.workspace_id AND v.model_id = g.model_id), 0) AS highest
      FROM (SELECT DISTINCT workspace_id, model_id FROM gone) g
    ) n WHERE m.workspace_id = n.workspace_id AND m.id = n.model_id AND m.latest_version_number <> n.highest;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER follow_highest_number AFTER DELETE ON "workspace"."artifact_version" REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."follow_highest_number"('artifact');
CREATE TRIGGER follow_highest_number AFTER DELETE ON "workspace"."model_version" REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."follow_highest_number"('model');
