-- How many carry a tag is kept like how many there are (0050_row_counts): in the same table, under what they are and the tag.
ALTER TABLE "workspace"."row_count" ADD COLUMN "tag_id" UUID;
DROP INDEX "workspace"."ix_row_count_project_id_table_name";
DROP INDEX "workspace"."uq_row_count_folded";
CREATE INDEX "ix_row_count_project_id_table_name_tag_id" ON "workspace"."row_count"("workspace_id", "project_id", "table_name", "tag_id");
CREATE UNIQUE INDEX "uq_row_count_folded" ON "workspace"."row_count"("workspace_id", "project_id", "table_name", "tag_id") NULLS NOT DISTINCT WHERE "is_folded";

CREATE FUNCTION "workspace"."count_tagged"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO workspace.row_count (workspace_id, project_id, table_name, tag_id, delta)
    SELECT c.workspace_id, c.project_id, c.resource_type, c.tag_id, count(*) FROM changed c GROUP BY 1, 2, 3, 4;
  ELSE
    -- What a project or a tag takes with it is untagged when that and its counts are gone already.
    INSERT INTO workspace.row_count (workspace_id, project_id, table_name, tag_id, delta)
    SELECT c.workspace_id, c.project_id, c.resource_type, c.tag_id, -count(*) FROM changed c
    WHERE EXISTS (SELECT 1 FROM workspace.project p WHERE p.workspace_id = c.workspace_id AND p.id = c.project_id)
      AND EXISTS (SELECT 1 FROM workspace.tag t WHERE t.workspace_id = c.workspace_id AND t.id = c.tag_id) GROUP BY 1, 2, 3, 4;
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION "workspace"."forget_tag_counts"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  DELETE FROM workspace.row_count r USING gone g WHERE r.workspace_id = g.workspace_id AND r.tag_id = g.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER "forget_tag_counts" AFTER DELETE ON "workspace"."tag" REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."forget_tag_counts"();

CREATE OR REPLACE FUNCTION "workspace"."fold_row_counts"(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  taken integer;
BEGIN
  SET LOCAL row_security = off;
  WITH old AS (
    SELECT workspace_id, id FROM workspace.row_count WHERE NOT is_folded LIMIT most FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM workspace.row_count r USING old WHERE r.workspace_id = old.workspace_id AND r.id = old.id
    RETURNING r.workspace_id, r.project_id, r.table_name, r.tag_id, r.delta
  ), folded AS (
    INSERT INTO workspace.row_count AS r (workspace_id, project_id, table_name, tag_id, delta, is_folded)
    SELECT workspace_id, project_id, table_name, tag_id, sum(delta), true FROM gone GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (workspace_id, project_id, table_name, tag_id) WHERE is_folded DO UPDATE SET delta = r.delta + excluded.delta
  )
  SELECT count(*) INTO taken FROM gone;
  RETURN taken;
END
$$;

-- The owner of the tables need not be a superuser, and forced row security would show him no rows.
ALTER TABLE "workspace"."row_count" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "workspace"."tag_resource" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "workspace"."row_count" ("workspace_id", "project_id", "table_name", "tag_id", "delta", "is_folded")
SELECT "workspace_id", "project_id", "resource_type", "tag_id", count(*), true FROM "workspace"."tag_resource" GROUP BY 1, 2, 3, 4;
ALTER TABLE "workspace"."tag_resource" FORCE ROW LEVEL SECURITY;
ALTER TABLE "workspace"."row_count" FORCE ROW LEVEL SECURITY;
CREATE TRIGGER "count_inserted" AFTER INSERT ON "workspace"."tag_resource" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_tagged"();
CREATE TRIGGER "count_deleted" AFTER DELETE ON "workspace"."tag_resource" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."count_tagged"();
