-- Counting the rows of a large project takes longer than everything else in a list, and every list says how many there are. So writers leave behind what
-- they changed: rows that are only ever added, because a counter that all of them update would make them wait for each other.
CREATE TABLE "workspace"."row_count" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "project_id" UUID NOT NULL,
    "table_name" TEXT NOT NULL,
    "delta" BIGINT NOT NULL,
    "is_folded" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "pk_row_count" PRIMARY KEY ("workspace_id", "id")
);

CREATE INDEX "ix_row_count_project_id_table_name" ON "workspace"."row_count"("workspace_id", "project_id", "table_name");
CREATE UNIQUE INDEX "uq_row_count_folded" ON "workspace"."row_count"("workspace_id", "project_id", "table_name") WHERE "is_folded";
-- What is to be folded, of all workspaces.
CREATE INDEX "ix_row_count_unfolded" ON "workspace"."row_count"("workspace_id", "id") WHERE NOT "is_folded";

SELECT workspace.protect_table('row_count');

CREATE FUNCTION "workspace"."count_rows"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO workspace.row_count (workspace_id, project_id, table_name, delta)
    SELECT c.workspace_id, c.project_id, TG_TABLE_NAME, count(*) FROM changed c GROUP BY 1, 2;
  ELSE
    -- What a project takes with it is deleted when the project and its counts are gone already.
    INSERT INTO workspace.row_count (workspace_id, project_id, table_name, delta)
    SELECT c.workspace_id, c.project_id, TG_TABLE_NAME, -count(*) FROM changed c
    WHERE EXISTS (SELECT 1 FROM workspace.project p WHERE p.workspace_id = c.workspace_id AND p.id = c.project_id) GROUP BY 1, 2;
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION "workspace"."forget_row_counts"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  DELETE FROM workspace.row_count r USING gone g WHERE r.workspace_id = g.workspace_id AND r.project_id = g.id;
  RETURN NULL;
END
$$;

CREATE TRIGGER "forget_row_counts" AFTER DELETE ON "workspace"."project" REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."forget_row_counts"();

-- Adds up what was left behind, of all workspaces, a little at a time; readers see the sum before or after, which is the same. Says how many rows it took.
CREATE FUNCTION "workspace"."fold_row_counts"(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  taken integer;
BEGIN
  SET LOCAL row_security = off;
  WITH old AS (
    SELECT workspace_id, id FROM workspace.row_count WHERE NOT is_folded LIMIT most FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM workspace.row_count r USING old WHERE r.workspace_id = old.workspace_id AND r.id = old.id RETURNING r.workspace_id, r.project_id, r.table_name, r.delta
  ), folded AS (
    INSERT INTO workspace.row_count AS r (workspace_id, project_id, table_name, delta, is_folded)
    SELECT workspace_id, project_id, table_name, sum(delta), true FROM gone GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (workspace_id, project_id, table_name) WHERE is_folded DO UPDATE SET delta = r.delta + excluded.delta
  )
  SELECT count(*) INTO taken FROM gone;
  RETURN taken;
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."fold_row_counts"(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "workspace"."fold_row_counts"(integer) TO workspace_api;

-- The owner of the tables need not be a superuser, and forced row security would show him no rows.
ALTER TABLE "workspace"."row_count" NO FORCE ROW LEVEL SECURITY;

ALTER TABLE "workspace"."pipeline_run" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "workspace"."row_count" ("workspace_id", "project_id", "table_name", "delta", "is_folded")
SELECT "workspace_id", "project_id", 'pipeline_run', count(*), true FROM "workspace"."pipeline_run" GROUP BY 1, 2;
ALTER TABLE "workspace"."pipeline_run" FORCE ROW LEVEL SECURITY;
CREATE TRIGGER "count_inserted" AFTER INSERT ON "workspace"."pipeline_run" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();
CREATE TRIGGER "count_deleted" AFTER DELETE ON "workspace"."pipeline_run" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();

ALTER TABLE "workspace"."step_run" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "workspace"."row_count" ("workspace_id", "project_id", "table_name", "delta", "is_folded")
SELECT "workspace_id", "project_id", 'step_run', count(*), true FROM "workspace"."step_run" GROUP BY 1, 2;
ALTER TABLE "workspace"."step_run" FORCE ROW LEVEL SECURITY;
CREATE TRIGGER "count_inserted" AFTER INSERT ON "workspace"."step_run" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();
CREATE TRIGGER "count_deleted" AFTER DELETE ON "workspace"."step_run" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();

ALTER TABLE "workspace"."artifact_version" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "workspace"."row_count" ("workspace_id", "project_id", "table_name", "delta", "is_folded")
SELECT "workspace_id", "project_id", 'artifact_version', count(*), true FROM "workspace"."artifact_version" GROUP BY 1, 2;
ALTER TABLE "workspace"."artifact_version" FORCE ROW LEVEL SECURITY;
CREATE TRIGGER "count_inserted" AFTER INSERT ON "workspace"."artifact_version" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();
CREATE TRIGGER "count_deleted" AFTER DELETE ON "workspace"."artifact_version" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();

ALTER TABLE "workspace"."artifact" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "workspace"."row_count" ("workspace_id", "project_id", "table_name", "delta", "is_folded")
SELECT "workspace_id", "project_id", 'artifact', count(*), true FROM "workspace"."artifact" GROUP BY 1, 2;
ALTER TABLE "workspace"."artifact" FORCE ROW LEVEL SECURITY;
CREATE TRIGGER "count_inserted" AFTER INSERT ON "workspace"."artifact" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();
CREATE TRIGGER "count_deleted" AFTER DELETE ON "workspace"."artifact" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();

ALTER TABLE "workspace"."pipeline_snapshot" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "workspace"."row_count" ("workspace_id", "project_id", "table_name", "delta", "is_folded")
SELECT "workspace_id", "project_id", 'pipeline_snapshot', count(*), true FROM "workspace"."pipeline_snapshot" GROUP BY 1, 2;
ALTER TABLE "workspace"."pipeline_snapshot" FORCE ROW LEVEL SECURITY;
CREATE TRIGGER "count_inserted" AFTER INSERT ON "workspace"."pipeline_snapshot" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();
CREATE TRIGGER "count_deleted" AFTER DELETE ON "workspace"."pipeline_snapshot" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_rows"();

ALTER TABLE "workspace"."row_count" FORCE ROW LEVEL SECURITY;
