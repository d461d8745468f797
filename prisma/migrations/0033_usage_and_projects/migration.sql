-- What a plan counted of a resource is given back when its row goes, whichever way it goes: by itself, with its project, or with its workspace. Only what
-- was counted comes back, so the rows that every workspace starts with, and those of stand-alone workspaces, change nothing.
CREATE FUNCTION "workspace"."count_deleted"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  WITH returned AS (
    INSERT INTO cloud.usage_event (organization_id, workspace_id, feature, resource_id, sign, total)
    SELECT made.organization_id, made.workspace_id, made.feature, made.resource_id, -1, -made.total
    FROM gone
    JOIN cloud.workspace w ON w.id = gone.workspace_id
    JOIN cloud.usage_event made ON made.organization_id = w.organization_id AND made.feature = TG_ARGV[0] AND made.resource_id = gone.id AND made.sign = 1
    ON CONFLICT DO NOTHING
    RETURNING organization_id, feature, total)
  UPDATE cloud.entitlement e SET used = greatest(0, e.used + r.total), updated = (now() AT TIME ZONE 'utc')
  FROM (SELECT organization_id, feature, sum(total) AS total FROM returned GROUP BY organization_id, feature) r
  WHERE e.organization_id = r.organization_id AND e.feature = r.feature;
  RETURN NULL;
END
$$;

CREATE TRIGGER "count_deleted" AFTER DELETE ON "workspace"."project"
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_deleted"('project');
CREATE TRIGGER "count_deleted" AFTER DELETE ON "workspace"."pipeline"
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_deleted"('pipeline');
CREATE TRIGGER "count_deleted" AFTER DELETE ON "workspace"."model"
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_deleted"('model');

-- The one thing that the control plane may ask about the rows of a workspace: whether it has a project, which roles are about to be given in. It runs with
-- the rights of whoever serves workspaces, for that workspace only, and holds the project until the grant is committed.
CREATE FUNCTION "cloud"."has_project"(in_workspace uuid, project uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
SET app.workspace_id = ''
AS $$
BEGIN
  PERFORM set_config('app.workspace_id', in_workspace::text, true);
  PERFORM FROM workspace.project p WHERE p.workspace_id = in_workspace AND p.id = project FOR KEY SHARE;
  RETURN FOUND;
END
$$;
REVOKE EXECUTE ON FUNCTION "cloud"."has_project"(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "cloud"."has_project"(uuid, uuid) TO cloudapi;
GRANT CREATE ON SCHEMA "cloud" TO workspace_api;
ALTER FUNCTION "cloud"."has_project"(uuid, uuid) OWNER TO workspace_api;
REVOKE CREATE ON SCHEMA "cloud" FROM workspace_api;
