-- What happens in a workspace, for whoever follows it: triggers start runs on it, webhooks report it elsewhere.

CREATE TABLE "workspace"."platform_event" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "kind" TEXT NOT NULL,
    "resource_type" TEXT NOT NULL,
    "resource_id" UUID NOT NULL,
    "project_id" UUID,
    "payload" JSON NOT NULL,

    CONSTRAINT "pk_platform_event" PRIMARY KEY ("workspace_id","id")
);

CREATE INDEX "ix_platform_event_resource_id_created" ON "workspace"."platform_event"("workspace_id", "resource_id", "created");

-- Old events are removed for all workspaces at once.
CREATE INDEX "ix_platform_event_created" ON "workspace"."platform_event"("created");

SELECT workspace.protect_table('platform_event');

-- Events older than so many days, of all workspaces, some at a time. Runs with its owner's rights: the applications see one tenant at a time.
CREATE FUNCTION "workspace"."purge_platform_events"(days integer, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  gone integer;
BEGIN
  SET LOCAL row_security = off;
  DELETE FROM workspace.platform_event e USING (
    SELECT workspace_id, id FROM workspace.platform_event
    WHERE created < (now() AT TIME ZONE 'utc') - make_interval(days => days) ORDER BY created LIMIT most FOR UPDATE SKIP LOCKED
  ) old WHERE e.workspace_id = old.workspace_id AND e.id = old.id;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."purge_platform_events"(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "workspace"."purge_platform_events"(integer, integer) TO workspace_api;
