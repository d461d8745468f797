-- What the resource engine asks the database to do: read values that hang on any resource, and forget them with it.

-- Numbers in text columns, for the operators gt, gte, lt and lte; text that is no number counts as 0, as in the databases clients know.
CREATE FUNCTION "workspace"."text_to_number"(value text) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value ~ '^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$' THEN value::float8 ELSE 0 END $$;

-- Metadata values of a resource by key: the newest one, or, where all values of a key are objects, all of them merged from oldest to newest.
CREATE FUNCTION "workspace"."run_metadata_of"(tenant uuid, kind text, resource uuid) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT coalesce(json_object_agg(k.key, k.value), '{}'::json)
  FROM (
    SELECT m.key,
      CASE
        WHEN count(*) > 1 AND bool_and(json_typeof(m.value) = 'object') THEN (
          SELECT json_object_agg(e.key, e.value)
          FROM (
            SELECT DISTINCT ON (o.key) o.key, o.value
            FROM unnest(array_agg(m.value ORDER BY m.created, m.id)) WITH ORDINALITY AS part(value, n), json_each(part.value) AS o
            ORDER BY o.key, part.n DESC
          ) e
        )
        ELSE (array_agg(m.value ORDER BY m.created DESC, m.id DESC))[1]
      END AS value
    FROM workspace.run_metadata_resource r
    JOIN workspace.run_metadata m ON m.workspace_id = r.workspace_id AND m.id = r.run_metadata_id
    WHERE r.workspace_id = tenant AND r.resource_type = kind AND r.resource_id = resource
    GROUP BY m.key
  ) k
$$;

-- Tag links, metadata links, visualizations and secret links name their resource without a foreign key. They go with it, however it goes: by
-- one DELETE, by a cascade or in bulk. The argument is the name under which things are attached.
CREATE FUNCTION "workspace"."forget_attachments"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  DELETE FROM workspace.tag_resource x USING gone WHERE x.workspace_id = gone.workspace_id AND x.resource_type = TG_ARGV[0] AND x.resource_id = gone.id;
  DELETE FROM workspace.run_metadata_resource x USING gone WHERE x.workspace_id = gone.workspace_id AND x.resource_type = TG_ARGV[0] AND x.resource_id = gone.id;
  DELETE FROM workspace.curated_visualization x USING gone WHERE x.workspace_id = gone.workspace_id AND x.resource_type = TG_ARGV[0] AND x.resource_id = gone.id;
  DELETE FROM workspace.secret_resource x USING gone WHERE x.workspace_id = gone.workspace_id AND x.resource_type = TG_ARGV[0] AND x.resource_id = gone.id;
  RETURN NULL;
END
$$;

DO $$
DECLARE
  pair text[];
BEGIN
  FOREACH pair SLICE 1 IN ARRAY ARRAY[
    ['artifact', 'artifact'], ['artifact_version', 'artifact_version'], ['model', 'model'], ['model_version', 'model_version'],
    ['pipeline', 'pipeline'], ['pipeline_run', 'pipeline_run'], ['run_template', 'run_template'], ['pipeline_snapshot', 'pipeline_snapshot'],
    ['deployment', 'deployment'], ['step_run', 'step_run'], ['schedule', 'schedule'], ['run_wait_condition', 'wait_condition'],
    ['project', 'project'], ['stack', 'stack'], ['stack_component', 'stack_component']
  ] LOOP
    EXECUTE format(
      'CREATE TRIGGER forget_attachments AFTER DELETE ON workspace.%I REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION workspace.forget_attachments(%L)',
      pair[1], pair[2]
    );
  END LOOP;
END
$$;

-- Finished requests whose replay time is over, in all workspaces. Runs with its owner's rights: the applications see one tenant at a time.
CREATE FUNCTION "workspace"."purge_requests"(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  gone integer;
BEGIN
  SET LOCAL row_security = off;
  DELETE FROM workspace.api_transaction t USING (
    SELECT workspace_id, id FROM workspace.api_transaction WHERE expired < (now() AT TIME ZONE 'utc') LIMIT most FOR UPDATE SKIP LOCKED
  ) old WHERE t.workspace_id = old.workspace_id AND t.id = old.id;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
$$;
