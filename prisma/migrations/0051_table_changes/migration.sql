-- Which tables a transaction has changed, and of which workspace. A server keeps what it has read, and one look here tells it, for all requests that wait,
-- what of that has changed since its last look: everything that a snapshot of the database does not show and the next one does.
CREATE TABLE "cloud"."table_change" (
    "transaction" BIGINT NOT NULL,
    "workspace_id" UUID NOT NULL,
    "table_name" TEXT NOT NULL,

    CONSTRAINT "pk_table_change" PRIMARY KEY ("transaction", "workspace_id", "table_name")
);

-- Where notes were forgotten; see below.
CREATE INDEX "ix_table_change_forgotten" ON "cloud"."table_change"("transaction") WHERE "table_name" = '*';

SELECT "cloud"."protect_table"('table_change', 'platform');
REVOKE ALL ON "cloud"."table_change" FROM cloudapi;
-- It says nothing of what was changed, so servers of workspaces may look at all of it. Only the functions below write.
CREATE POLICY workspace_server ON "cloud"."table_change" FOR SELECT TO workspace_api USING (true);
GRANT SELECT ON "cloud"."table_change" TO workspace_api;
CREATE POLICY owner ON "cloud"."table_change" TO CURRENT_USER USING (true) WITH CHECK (true);

-- Rows of the control plane concern everybody, and so does what is changed without a workspace; that is noted under the id 0.
-- What is changed in a workspace is that workspace's alone: row-level security sees to it, and references carry the workspace.
CREATE FUNCTION "cloud"."note_table_change"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  -- Housekeeping deletes again and again what is mostly not there.
  IF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT FROM gone) THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO cloud.table_change (transaction, workspace_id, table_name) VALUES (
    pg_current_xact_id()::text::bigint,
    CASE WHEN TG_TABLE_SCHEMA = 'workspace' AND current_setting('role') = 'workspace_api' THEN coalesce(nullif(current_setting('app.workspace_id', true), ''), '00000000-0000-0000-0000-000000000000')
    ELSE '00000000-0000-0000-0000-000000000000' END::uuid,
    TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME
  ) ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION "cloud"."note_table_change"() FROM PUBLIC;

-- Forgets what was noted by transactions below the given one, all of which have ended long ago. The note `*` stays in their place: whoever looked for the last
-- time before they ended must take everything for changed.
CREATE FUNCTION "cloud"."forget_table_changes"(below bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  gone integer;
BEGIN
  -- Numbers to come are those of another cluster, from which this database was restored.
  DELETE FROM cloud.table_change WHERE transaction < below OR transaction > pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
  GET DIAGNOSTICS gone = ROW_COUNT;
  INSERT INTO cloud.table_change (transaction, workspace_id, table_name) VALUES (below - 1, '00000000-0000-0000-0000-000000000000', '*') ON CONFLICT DO NOTHING;
  RETURN gone;
END
$$;
REVOKE EXECUTE ON FUNCTION "cloud"."forget_table_changes"(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "cloud"."forget_table_changes"(bigint) TO workspace_api;

-- Also for rows that replication or a restore writes.
CREATE FUNCTION "cloud"."note_changes_of"(changed regclass, columns text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER note_change AFTER INSERT OR UPDATE %s OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION cloud.note_table_change()', 'OF ' || columns, changed);
  EXECUTE format('CREATE TRIGGER note_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION cloud.note_table_change()', changed);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER note_change, ENABLE ALWAYS TRIGGER note_delete', changed);
END
$$;
REVOKE EXECUTE ON FUNCTION "cloud"."note_changes_of"(regclass, text) FROM PUBLIC;

-- As in 0001_workspace; now a table's changes are noted, too.
CREATE OR REPLACE FUNCTION "workspace"."protect_table"(name text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format('ALTER TABLE workspace.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('DROP POLICY IF EXISTS tenant ON workspace.%I', name);
  EXECUTE format(
    'CREATE POLICY tenant ON workspace.%I TO workspace_api USING (workspace_id = workspace.current_workspace()) WITH CHECK (workspace_id = workspace.current_workspace())',
    name
  );
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON workspace.%I TO workspace_api', name);
  PERFORM cloud.note_changes_of(format('workspace.%I', name)::regclass);
END
$$;

-- Not the stored replies of requests, nor counts, which change with the rows they count and when they are added up.
SELECT "cloud"."note_changes_of"(format('workspace.%I', tablename)::regclass) FROM pg_tables
WHERE schemaname = 'workspace' AND tablename NOT IN ('api_transaction', 'row_count');

-- Workers look for work again and again by updating what is mostly not there.
DROP TRIGGER "note_change" ON "workspace"."workload";
CREATE TRIGGER "note_change" AFTER INSERT OR TRUNCATE ON "workspace"."workload" FOR EACH STATEMENT EXECUTE FUNCTION "cloud"."note_table_change"();
CREATE TRIGGER "note_update" AFTER UPDATE ON "workspace"."workload" FOR EACH ROW EXECUTE FUNCTION "cloud"."note_table_change"();
ALTER TABLE "workspace"."workload" ENABLE ALWAYS TRIGGER "note_change", ENABLE ALWAYS TRIGGER "note_update";

-- What decides who somebody is and what they may do. When they were last seen decides nothing and changes often.
SELECT "cloud"."note_changes_of"(format('cloud.%I', relname)::regclass, string_agg(quote_ident(attname), ', '))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'cloud'::regnamespace
  AND relname IN ('workspace', 'organization', 'user', 'role', 'role_assignment', 'resource_member', 'team_member', 'api_key', 'device', 'session')
  AND attname NOT IN ('updated', 'last_login', 'last_reported', 'last_seen', 'last_polled')
GROUP BY relname;

-- As in 0044_queue, but without asking for the time, so that what it says changes only when the queue does: put off is what was to wait when it last changed.
CREATE OR REPLACE FUNCTION "workspace"."place_in_queue"(tenant uuid, run uuid) RETURNS text
LANGUAGE sql STABLE
AS $$
  SELECT CASE
    WHEN w.attempts > 0 AND w.available_at > w.updated
      THEN 'Queued for another attempt (number ' || (w.attempts + 1) || ') at ' || to_char(w.available_at, 'YYYY-MM-DD HH24:MI:SS') || ' UTC.'
    ELSE 'Queued at position ' || (1 + (
      SELECT count(*) FROM workspace.workload q
      WHERE q.workspace_id = tenant AND q.status = 'queued' AND (q.available_at, q.created, q.id) < (w.available_at, w.created, w.id)
    )) || '.'
  END
  FROM workspace.workload w
  WHERE w.workspace_id = tenant AND w.run_id = run AND w.status = 'queued'
$$;
