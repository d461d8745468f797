-- Events of running pipelines, for those who watch. Positions count per run and in the order of commits, so that a reader never misses one.
CREATE TABLE "workspace"."run_event" (
    "workspace_id" UUID NOT NULL,
    "pipeline_run_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "created" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "event" JSON NOT NULL,

    CONSTRAINT "pk_run_event" PRIMARY KEY ("workspace_id","pipeline_run_id","position")
);

ALTER TABLE "workspace"."run_event" ADD CONSTRAINT "fk_run_event_pipeline_run_id" FOREIGN KEY ("workspace_id", "pipeline_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

SELECT workspace.protect_table('run_event');

-- A document with one field set. jsonb could do it, but forgets the order of fields and how numbers are written.
CREATE FUNCTION "workspace"."json_with"(document json, field text, new_value json) RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce(json_object_agg(e.key, CASE WHEN e.key = field THEN new_value ELSE e.value END ORDER BY e.n), '{}'::json)
  FROM (
    SELECT d.key, d.value, d.ordinality AS n FROM json_each(document) WITH ORDINALITY AS d
    UNION ALL
    SELECT field, new_value, 9223372036854775807 WHERE document -> field IS NULL
  ) e
$$;

-- A document without one of its fields.
CREATE FUNCTION "workspace"."json_without"(document json, field text) RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce(json_object_agg(d.key, d.value ORDER BY d.ordinality), '{}'::json)
  FROM json_each(document) WITH ORDINALITY AS d WHERE d.key <> field
$$;
