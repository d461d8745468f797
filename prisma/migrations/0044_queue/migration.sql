-- The queue of runs: turns between workspaces, a limit per workspace, what became of every attempt, and retrying what is dead.

ALTER TABLE "workspace"."workload" ADD COLUMN "taken_at" TIMESTAMP(6),
ADD COLUMN "started_at" TIMESTAMP(6),
ADD COLUMN "history" JSON NOT NULL DEFAULT '[]',
ADD COLUMN "retried_run_id" UUID;

ALTER TABLE "workspace"."workload" ADD CONSTRAINT "fk_workload_retried_run_id" FOREIGN KEY ("workspace_id", "retried_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE SET NULL ("retried_run_id") ON UPDATE NO ACTION;

CREATE INDEX "ix_workload_retried_run_id" ON "workspace"."workload"("workspace_id", "retried_run_id");
CREATE INDEX "ix_workload_taken_at" ON "workspace"."workload"("workspace_id", "taken_at");

-- What the claim looks through, across workspaces: those that wait in their order, and those that are under way.
DROP INDEX "workspace"."ix_workload_waiting";
CREATE INDEX "ix_workload_queued" ON "workspace"."workload"("workspace_id", "available_at", "created", "id") WHERE "status" = 'queued';
CREATE INDEX "ix_workload_under_way" ON "workspace"."workload"("workspace_id", "lease_until") WHERE "status" IN ('leased', 'started');

-- One more entry of a workload's history: how an attempt ended that did not become a run.
CREATE FUNCTION "workspace"."with_attempt"(history json, attempt integer, error text) RETURNS json
LANGUAGE sql VOLATILE
AS $$
  SELECT json_agg(e.value ORDER BY e.n)
  FROM (
    SELECT value, n FROM json_array_elements(history) WITH ORDINALITY AS known(value, n)
    UNION ALL
    SELECT json_build_object('attempt', attempt, 'ended_at', to_char(clock_timestamp() AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US'), 'error', error), 1000000
  ) e
$$;

-- Where a run is that waits for the server to start it; null when it does not wait. The place is the one in its workspace's own queue.
CREATE FUNCTION "workspace"."place_in_queue"(tenant uuid, run uuid) RETURNS text
LANGUAGE sql STABLE
AS $$
  SELECT CASE
    WHEN w.available_at > (clock_timestamp() AT TIME ZONE 'utc')
      THEN 'Queued for another attempt (number ' || (w.attempts + 1) || ') at ' || to_char(w.available_at, 'YYYY-MM-DD HH24:MI:SS') || ' UTC.'
    ELSE 'Queued at position ' || (1 + (
      SELECT count(*) FROM workspace.workload q
      WHERE q.workspace_id = tenant AND q.status = 'queued' AND (q.available_at, q.created, q.id) < (w.available_at, w.created, w.id)
    )) || '.'
  END
  FROM workspace.workload w
  WHERE w.workspace_id = tenant AND w.run_id = run AND w.status = 'queued'
$$;

-- The next workload for a worker, of any workspace, or none.
-- One that was taken but not started goes back into the queue when its lease is over. One that was started is given out only to be put to rest (status
-- `started`), room or not: nobody knows how far it came, so it is never started twice. No workspace has more than `most_per_workspace` under way.
-- Among the workspaces with room the one with the least under way is next, then the one that has waited longest for its turn, so a long queue of one
-- never keeps the others waiting. Claims take turns (the lock ends with the statement), which makes limits and turns exact over all processes.
-- Runs with its owner's rights: the applications see one tenant at a time.
CREATE FUNCTION "workspace"."claim_workload"(claimer text, lease_seconds integer, most_per_workspace integer, has_room boolean)
RETURNS TABLE (workspace_id uuid, id uuid, run_id uuid, snapshot_id uuid, user_id uuid, status text, attempts integer, binding json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_column
DECLARE
  present timestamp;
  candidate record;
BEGIN
  SET LOCAL row_security = off;
  PERFORM pg_advisory_xact_lock(hashtextextended('workspace.claim_workload', 0));
  present := clock_timestamp() AT TIME ZONE 'utc';

  RETURN QUERY
    UPDATE workspace.workload w SET worker = claimer, lease_until = present + make_interval(secs => lease_seconds), updated = present
    FROM (
      SELECT q.workspace_id, q.id FROM workspace.workload q
      WHERE q.status = 'started' AND q.lease_until < present LIMIT 1 FOR UPDATE SKIP LOCKED
    ) lost
    WHERE w.workspace_id = lost.workspace_id AND w.id = lost.id
    RETURNING w.workspace_id, w.id, w.run_id, w.snapshot_id, w.user_id, w.status, w.attempts, w.binding;
  IF FOUND THEN RETURN; END IF;

  UPDATE workspace.workload w SET status = 'queued', worker = NULL, lease_until = NULL, updated = present,
    history = workspace.with_attempt(w.history, w.attempts, 'The worker was lost before the run was started.')
  FROM (
    SELECT q.workspace_id, q.id FROM workspace.workload q
    WHERE q.status = 'leased' AND q.lease_until < present FOR UPDATE SKIP LOCKED
  ) left_behind
  WHERE w.workspace_id = left_behind.workspace_id AND w.id = left_behind.id;

  IF NOT has_room THEN RETURN; END IF;
  FOR candidate IN
    WITH RECURSIVE tenant AS (
      (SELECT q.workspace_id FROM workspace.workload q WHERE q.status = 'queued' ORDER BY q.workspace_id LIMIT 1)
      UNION ALL
      SELECT (SELECT q.workspace_id FROM workspace.workload q WHERE q.status = 'queued' AND q.workspace_id > t.workspace_id ORDER BY q.workspace_id LIMIT 1)
      FROM tenant t WHERE t.workspace_id IS NOT NULL
    )
    SELECT t.workspace_id, head.id
    FROM tenant t
    CROSS JOIN LATERAL (
      SELECT q.id, q.available_at, q.created FROM workspace.workload q
      WHERE q.workspace_id = t.workspace_id AND q.status = 'queued' AND q.available_at <= present
      ORDER BY q.available_at, q.created, q.id LIMIT 1
    ) head
    CROSS JOIN LATERAL (
      SELECT count(*) AS number FROM workspace.workload b WHERE b.workspace_id = t.workspace_id AND b.status IN ('leased', 'started')
    ) under_way
    WHERE under_way.number < most_per_workspace
    ORDER BY under_way.number,
      (SELECT max(b.taken_at) FROM workspace.workload b WHERE b.workspace_id = t.workspace_id) NULLS FIRST,
      head.available_at, head.created, head.id
  LOOP
    -- Somebody may be stopping it at this moment; then the next workspace has its turn.
    RETURN QUERY
      UPDATE workspace.workload w SET status = 'leased', attempts = w.attempts + 1, worker = claimer, taken_at = present, updated = present,
        lease_until = present + make_interval(secs => lease_seconds)
      FROM (
        SELECT q.workspace_id, q.id FROM workspace.workload q
        WHERE q.workspace_id = candidate.workspace_id AND q.id = candidate.id AND q.status = 'queued' FOR UPDATE SKIP LOCKED
      ) next
      WHERE w.workspace_id = next.workspace_id AND w.id = next.id
      RETURNING w.workspace_id, w.id, w.run_id, w.snapshot_id, w.user_id, w.status, w.attempts, w.binding;
    EXIT WHEN FOUND;
  END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."claim_workload"(text, integer, integer, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "workspace"."claim_workload"(text, integer, integer, boolean) TO workspace_api;

-- Seconds until time alone makes something claimable: the next attempt that waits for its hour, or the end of a lease that nobody renews.
CREATE FUNCTION "workspace"."seconds_to_next_workload"() RETURNS float8
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  present timestamp := clock_timestamp() AT TIME ZONE 'utc';
BEGIN
  SET LOCAL row_security = off;
  RETURN extract(epoch FROM least(
    (SELECT min(available_at) FROM workspace.workload WHERE status = 'queued' AND available_at > present),
    (SELECT min(lease_until) FROM workspace.workload WHERE status IN ('leased', 'started'))
  ) - present)::float8;
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."seconds_to_next_workload"() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "workspace"."seconds_to_next_workload"() TO workspace_api;

-- Workers hear of what they could not see coming: something new in the queue, room in a workspace, a run that is to be stopped (its id).
CREATE FUNCTION "workspace"."tell_workers"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.status IN ('queued', 'finished', 'dead') AND NEW.status <> OLD.status THEN
    PERFORM pg_notify('workload', '');
  ELSIF NEW.is_stop_requested AND NOT OLD.is_stop_requested THEN
    PERFORM pg_notify('workload', NEW.run_id::text);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "tell_workers" AFTER INSERT OR UPDATE OF "status", "is_stop_requested" ON "workspace"."workload"
FOR EACH ROW EXECUTE FUNCTION "workspace"."tell_workers"();
