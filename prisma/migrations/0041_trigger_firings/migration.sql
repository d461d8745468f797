-- Triggers that fire: every occasion once, and from each a run of every attached snapshot, or the reason why there is none.

CREATE TABLE "workspace"."trigger_firing" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "trigger_id" UUID NOT NULL,
    "occasion" TEXT NOT NULL,
    "info" JSON,

    CONSTRAINT "pk_trigger_firing" PRIMARY KEY ("workspace_id","id")
);

CREATE TABLE "workspace"."trigger_dispatch" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "firing_id" UUID NOT NULL,
    "snapshot_id" UUID NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "available_at" TIMESTAMP(6) NOT NULL,
    "pipeline_run_id" UUID,

    CONSTRAINT "pk_trigger_dispatch" PRIMARY KEY ("workspace_id","id")
);

CREATE UNIQUE INDEX "unique_trigger_firing_occasion" ON "workspace"."trigger_firing"("workspace_id", "trigger_id", "occasion");

CREATE INDEX "ix_trigger_dispatch_firing_id" ON "workspace"."trigger_dispatch"("workspace_id", "firing_id");

ALTER TABLE "workspace"."trigger_dispatch" ADD CONSTRAINT "fk_trigger_dispatch_firing_id" FOREIGN KEY ("workspace_id", "firing_id") REFERENCES "workspace"."trigger_firing"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

ALTER TABLE "workspace"."trigger_dispatch" ADD CONSTRAINT "ck_trigger_dispatch_status" CHECK ("status" IN ('waiting', 'started', 'skipped', 'failed'));

-- What is to be done next in any workspace; workspaces without any of it cost nothing.
CREATE INDEX "ix_trigger_due" ON "workspace"."trigger"("next_occurrence") WHERE "type" = 'schedule' AND "active" AND NOT "is_archived";
CREATE INDEX "ix_trigger_dispatch_waiting" ON "workspace"."trigger_dispatch"("available_at") WHERE "status" = 'waiting';
CREATE INDEX "ix_trigger_firing_created" ON "workspace"."trigger_firing"("created");

SELECT workspace.protect_table('trigger_firing');
SELECT workspace.protect_table('trigger_dispatch');

-- The functions below look into all workspaces, so they run with their owner's rights: the applications see one tenant at a time. What they find is
-- then worked on in the tenant's own scope, under the lock of its rows.

-- Schedules that are due, in workspaces that are at work.
CREATE FUNCTION "workspace"."due_triggers"(present timestamp, most integer) RETURNS TABLE (workspace_id uuid, id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_column
BEGIN
  SET LOCAL row_security = off;
  RETURN QUERY
    SELECT t.workspace_id, t.id FROM workspace.trigger t
    WHERE t.type = 'schedule' AND t.active AND NOT t.is_archived AND t.next_occurrence <= present
      AND EXISTS (SELECT FROM cloud.workspace w WHERE w.id = t.workspace_id AND w.status = 'available')
    ORDER BY t.next_occurrence LIMIT most;
END
$$;

CREATE FUNCTION "workspace"."next_due"(present timestamp) RETURNS timestamp
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  SET LOCAL row_security = off;
  RETURN (SELECT min(t.next_occurrence) FROM workspace.trigger t WHERE t.type = 'schedule' AND t.active AND NOT t.is_archived AND t.next_occurrence > present);
END
$$;

CREATE FUNCTION "workspace"."waiting_dispatches"(present timestamp, most integer) RETURNS TABLE (workspace_id uuid, id uuid, trigger_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_column
BEGIN
  SET LOCAL row_security = off;
  RETURN QUERY
    SELECT d.workspace_id, d.id, f.trigger_id
    FROM workspace.trigger_dispatch d JOIN workspace.trigger_firing f ON f.workspace_id = d.workspace_id AND f.id = d.firing_id
    WHERE d.status = 'waiting' AND d.available_at <= present
      AND EXISTS (SELECT FROM cloud.workspace w WHERE w.id = d.workspace_id AND w.status = 'available')
    ORDER BY d.available_at, d.created LIMIT most;
END
$$;

CREATE FUNCTION "workspace"."next_dispatch"(present timestamp) RETURNS timestamp
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  SET LOCAL row_security = off;
  RETURN (SELECT min(d.available_at) FROM workspace.trigger_dispatch d WHERE d.status = 'waiting' AND d.available_at > present);
END
$$;

-- Firings older than so many days whose work is done, some at a time.
CREATE FUNCTION "workspace"."purge_trigger_firings"(days integer, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  gone integer;
BEGIN
  SET LOCAL row_security = off;
  DELETE FROM workspace.trigger_firing f USING (
    SELECT o.workspace_id, o.id FROM workspace.trigger_firing o
    WHERE o.created < (now() AT TIME ZONE 'utc') - make_interval(days => days)
      AND NOT EXISTS (SELECT FROM workspace.trigger_dispatch d WHERE d.workspace_id = o.workspace_id AND d.firing_id = o.id AND d.status = 'waiting')
    ORDER BY o.created LIMIT most FOR UPDATE OF o SKIP LOCKED
  ) old WHERE f.workspace_id = old.workspace_id AND f.id = old.id;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
$$;

DO $$
DECLARE
  signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY[
    'due_triggers(timestamp, integer)', 'next_due(timestamp)', 'waiting_dispatches(timestamp, integer)', 'next_dispatch(timestamp)',
    'purge_trigger_firings(integer, integer)'
  ] LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION workspace.%s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION workspace.%s TO workspace_api', signature);
  END LOOP;
END
$$;

-- Whoever waits for work is told of it at once, whatever wrote it. What the scheduler itself writes does not wake it.
CREATE FUNCTION "workspace"."wake"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM pg_notify(TG_ARGV[0], '');
  RETURN NULL;
END
$$;

CREATE TRIGGER wake_dispatcher AFTER INSERT ON "workspace"."trigger_dispatch" FOR EACH ROW EXECUTE FUNCTION workspace.wake('trigger_dispatch');
CREATE TRIGGER wake_scheduler AFTER INSERT OR UPDATE OF "active", "configuration" ON "workspace"."trigger" FOR EACH ROW EXECUTE FUNCTION workspace.wake('trigger_due');
