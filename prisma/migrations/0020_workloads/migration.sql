-- Runs that the server starts by itself: a queue that all processes share, and what the runs print.

CREATE TABLE "workspace"."workload" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "status" TEXT NOT NULL DEFAULT 'queued',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "available_at" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "lease_until" TIMESTAMP(6),
    "worker" TEXT,
    "is_stop_requested" BOOLEAN NOT NULL DEFAULT false,
    "error" TEXT,
    "binding" JSON NOT NULL,
    "run_id" UUID NOT NULL,
    "snapshot_id" UUID NOT NULL,
    "user_id" UUID,

    CONSTRAINT "pk_workload" PRIMARY KEY ("workspace_id","id")
);

CREATE TABLE "workspace"."workload_output" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "part" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "run_id" UUID NOT NULL,

    CONSTRAINT "pk_workload_output" PRIMARY KEY ("workspace_id","id")
);

CREATE INDEX "ix_workload_status_available_at" ON "workspace"."workload"("workspace_id", "status", "available_at");

CREATE INDEX "ix_workload_snapshot_id" ON "workspace"."workload"("workspace_id", "snapshot_id");

CREATE INDEX "ix_workload_user_id" ON "workspace"."workload"("workspace_id", "user_id");

CREATE UNIQUE INDEX "unique_workload_run_id" ON "workspace"."workload"("workspace_id", "run_id");

CREATE INDEX "ix_workload_output_run_id_part" ON "workspace"."workload_output"("workspace_id", "run_id", "part");

ALTER TABLE "workspace"."workload" ADD CONSTRAINT "fk_workload_run_id" FOREIGN KEY ("workspace_id", "run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

ALTER TABLE "workspace"."workload" ADD CONSTRAINT "fk_workload_snapshot_id" FOREIGN KEY ("workspace_id", "snapshot_id") REFERENCES "workspace"."pipeline_snapshot"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

ALTER TABLE "workspace"."workload" ADD CONSTRAINT "fk_workload_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

ALTER TABLE "workspace"."workload_output" ADD CONSTRAINT "fk_workload_output_run_id" FOREIGN KEY ("workspace_id", "run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

ALTER TABLE "workspace"."workload" ADD CONSTRAINT "ck_workload_status" CHECK ("status" IN ('queued', 'leased', 'started', 'finished', 'dead'));

-- What the claim looks through, across workspaces: only what is not over.
CREATE INDEX "ix_workload_waiting" ON "workspace"."workload"("workspace_id", "available_at", "created") WHERE "status" IN ('queued', 'leased', 'started');

SELECT workspace.protect_table('workload');
SELECT workspace.protect_table('workload_output');

-- The next workload for a worker, of any workspace, or none. One that was taken but not started may be taken again when its lease is over. One that
-- was started is given out only to be put to rest (status `started`): nobody knows how far it came, so it is never started twice. Workspaces with
-- less under way come first. Runs with its owner's rights: the applications see one tenant at a time.
CREATE FUNCTION "workspace"."claim_workload"(claimer text, lease_seconds integer)
RETURNS TABLE (workspace_id uuid, id uuid, run_id uuid, snapshot_id uuid, user_id uuid, status text, attempts integer, binding json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_column
DECLARE
  present timestamp := clock_timestamp() AT TIME ZONE 'utc';
BEGIN
  SET LOCAL row_security = off;
  RETURN QUERY
    UPDATE workspace.workload w SET
      status = CASE WHEN w.status = 'started' THEN 'started' ELSE 'leased' END,
      attempts = w.attempts + CASE WHEN w.status = 'started' THEN 0 ELSE 1 END,
      worker = claimer,
      lease_until = present + make_interval(secs => lease_seconds),
      updated = present
    FROM (
      SELECT q.workspace_id, q.id FROM workspace.workload q
      WHERE (q.status = 'queued' AND q.available_at <= present) OR (q.status IN ('leased', 'started') AND q.lease_until < present)
      ORDER BY q.status = 'started' DESC,
        (SELECT count(*) FROM workspace.workload b WHERE b.workspace_id = q.workspace_id AND b.status IN ('leased', 'started')),
        q.available_at, q.created, q.id
      LIMIT 1 FOR UPDATE SKIP LOCKED
    ) next
    WHERE w.workspace_id = next.workspace_id AND w.id = next.id
    RETURNING w.workspace_id, w.id, w.run_id, w.snapshot_id, w.user_id, w.status, w.attempts, w.binding;
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."claim_workload"(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "workspace"."claim_workload"(text, integer) TO workspace_api;
