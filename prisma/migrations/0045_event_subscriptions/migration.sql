-- Webhooks out: who wants to hear of which events, and what became of each report.

CREATE TABLE "workspace"."event_subscription" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "events" JSON NOT NULL,
    "only_project_id" UUID,
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_until" TIMESTAMP(6),
    "active" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "failures_in_a_row" INTEGER NOT NULL DEFAULT 0,
    "last_delivery_at" TIMESTAMP(6),
    "last_delivery_status" INTEGER,
    "last_delivery_error" TEXT,

    CONSTRAINT "pk_event_subscription" PRIMARY KEY ("workspace_id","id")
);

CREATE TABLE "workspace"."event_delivery" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "subscription_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "event" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMP(6) DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "delivered_at" TIMESTAMP(6),
    "last_status" INTEGER,
    "last_error" TEXT,
    "last_response" TEXT,
    "last_duration_ms" INTEGER,

    CONSTRAINT "pk_event_delivery" PRIMARY KEY ("workspace_id","id")
);

CREATE UNIQUE INDEX "unique_event_subscription_name" ON "workspace"."event_subscription"("workspace_id", "name");
CREATE INDEX "ix_event_subscription_only_project_id" ON "workspace"."event_subscription"("workspace_id", "only_project_id");
CREATE UNIQUE INDEX "unique_event_delivery_event" ON "workspace"."event_delivery"("workspace_id", "subscription_id", "event_id");
CREATE INDEX "ix_event_delivery_subscription_id_created" ON "workspace"."event_delivery"("workspace_id", "subscription_id", "created", "id");

ALTER TABLE "workspace"."event_subscription" ADD CONSTRAINT "fk_event_subscription_only_project_id" FOREIGN KEY ("workspace_id", "only_project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "workspace"."event_delivery" ADD CONSTRAINT "fk_event_delivery_subscription_id" FOREIGN KEY ("workspace_id", "subscription_id") REFERENCES "workspace"."event_subscription"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "workspace"."event_delivery" ADD CONSTRAINT "ck_event_delivery_status" CHECK ("status" IN ('pending', 'delivered', 'failed'));

-- What the claim looks through, across workspaces.
CREATE INDEX "ix_event_delivery_pending" ON "workspace"."event_delivery"("workspace_id", "subscription_id", "next_attempt_at") WHERE "status" = 'pending';

-- What is old is removed for all workspaces at once.
CREATE INDEX "ix_event_delivery_old" ON "workspace"."event_delivery"("created");
CREATE INDEX "ix_workload_old" ON "workspace"."workload"("updated") WHERE "status" = 'finished';

SELECT workspace.protect_table('event_subscription');
SELECT workspace.protect_table('event_delivery');

-- Every event becomes one delivery for each subscription that asks for it, in the transaction of what happened: nothing is lost between the two, and
-- nothing has to be remembered about how far somebody has read. Workspaces without subscriptions pay for one look into an empty index.
CREATE FUNCTION "workspace"."address_events"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO workspace.event_delivery (workspace_id, subscription_id, event_id, event, payload)
  SELECT e.workspace_id, s.id, e.id, e.kind,
    json_build_object(
      'id', e.id,
      'type', e.kind,
      'timestamp', to_char(e.created, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'workspace_id', e.workspace_id,
      'project_id', e.project_id,
      'resource', json_build_object('type', e.resource_type, 'id', e.resource_id),
      -- Receivers refuse large bodies; who needs more than this asks for the resource.
      'data', CASE WHEN octet_length(e.payload::text) <= 32768 THEN e.payload END
    )::text
  FROM told e
  JOIN workspace.event_subscription s ON s.workspace_id = e.workspace_id AND s.active AND (s.only_project_id IS NULL OR s.only_project_id = e.project_id)
  WHERE EXISTS (
    SELECT 1 FROM json_array_elements_text(s.events) AS wanted(kind)
    WHERE wanted.kind IN ('*', e.kind, split_part(e.kind, '.', 1) || '.*')
  );
  IF FOUND THEN PERFORM pg_notify('event_delivery', ''); END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "address_events" AFTER INSERT ON "workspace"."platform_event" REFERENCING NEW TABLE AS "told"
FOR EACH STATEMENT EXECUTE FUNCTION "workspace"."address_events"();

-- Changes of what a workspace consists of, as events `<type>.created`, `<type>.updated` and `<type>.deleted`. Runs and snapshots tell their own. Nothing
-- secret is told: the name, whose it is, and the stage or status where there is one. The argument is the type.
CREATE FUNCTION "workspace"."tell_change"() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  tenant uuid;
  subject jsonb;
BEGIN
  tenant := CASE TG_OP WHEN 'DELETE' THEN OLD.workspace_id ELSE NEW.workspace_id END;
  -- Where nobody listens there is no event: these have no other reader.
  IF EXISTS (SELECT 1 FROM workspace.event_subscription s WHERE s.workspace_id = tenant AND s.active) THEN
    subject := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    INSERT INTO workspace.platform_event (workspace_id, kind, resource_type, resource_id, project_id, payload)
    VALUES (
      tenant,
      TG_ARGV[0] || '.' || CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'updated' ELSE 'deleted' END,
      TG_ARGV[0],
      (subject ->> 'id')::uuid,
      (subject ->> 'project_id')::uuid,
      json_strip_nulls(json_build_object('name', subject ->> 'name', 'user_id', subject ->> 'user_id', 'stage', subject ->> 'stage', 'status', subject ->> 'status'))
    );
  END IF;
  RETURN NULL;
END
$$;
DO $$
DECLARE
  kind text;
BEGIN
  FOREACH kind IN ARRAY ARRAY['project', 'stack', 'stack_component', 'service_connector', 'code_repository', 'pipeline', 'run_template', 'trigger', 'model', 'model_version', 'deployment'] LOOP
    EXECUTE format('CREATE TRIGGER tell_change AFTER INSERT OR DELETE ON workspace.%I FOR EACH ROW EXECUTE FUNCTION workspace.tell_change(%L)', kind, kind);
  END LOOP;
  -- Only what people change; counters and times that runs move are no news.
  FOREACH kind IN ARRAY ARRAY['project', 'stack', 'stack_component', 'service_connector', 'code_repository', 'run_template', 'trigger', 'model', 'deployment'] LOOP
    EXECUTE format('CREATE TRIGGER tell_update AFTER UPDATE ON workspace.%I FOR EACH ROW WHEN (OLD.updated IS DISTINCT FROM NEW.updated) EXECUTE FUNCTION workspace.tell_change(%L)', kind, kind);
  END LOOP;
END
$$;
CREATE TRIGGER "tell_update" AFTER UPDATE OF "stage" ON "workspace"."model_version"
FOR EACH ROW WHEN (OLD.stage IS DISTINCT FROM NEW.stage) EXECUTE FUNCTION "workspace"."tell_change"('model_version');

-- Deliveries that are due, of any workspace, at most two of a subscription at a time, so that a slow receiver does not hold up the others. Each is out of
-- sight until its lease is over; a process that dies over it leaves it to the next one, which is why receivers may see a delivery twice.
-- Runs with its owner's rights: the applications see one tenant at a time.
CREATE FUNCTION "workspace"."claim_deliveries"(present timestamp, lease_seconds integer, most integer, busy uuid[])
RETURNS TABLE (workspace_id uuid, id uuid, subscription_id uuid, attempts integer, payload text, url text, secret text, previous_secret text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_column
BEGIN
  SET LOCAL row_security = off;
  RETURN QUERY
    WITH RECURSIVE waiting AS (
      (SELECT d.workspace_id, d.subscription_id FROM workspace.event_delivery d WHERE d.status = 'pending' ORDER BY d.workspace_id, d.subscription_id LIMIT 1)
      UNION ALL
      SELECT n.workspace_id, n.subscription_id FROM waiting w CROSS JOIN LATERAL (
        SELECT d.workspace_id, d.subscription_id FROM workspace.event_delivery d
        WHERE d.status = 'pending' AND (d.workspace_id, d.subscription_id) > (w.workspace_id, w.subscription_id)
        ORDER BY d.workspace_id, d.subscription_id LIMIT 1
      ) n
    ),
    due AS (
      SELECT s.workspace_id, s.id AS subscription_id, s.url, s.secret, CASE WHEN s.previous_secret_until > present THEN s.previous_secret END AS previous_secret, d.id
      FROM waiting w
      JOIN workspace.event_subscription s ON s.workspace_id = w.workspace_id AND s.id = w.subscription_id AND s.active
      CROSS JOIN LATERAL (
        SELECT p.id, p.next_attempt_at FROM workspace.event_delivery p
        WHERE p.workspace_id = s.workspace_id AND p.subscription_id = s.id AND p.status = 'pending' AND p.next_attempt_at <= present
        ORDER BY p.next_attempt_at LIMIT 2
      ) d
      WHERE NOT s.id = ANY (busy)
      ORDER BY d.next_attempt_at LIMIT most
    ),
    locked AS (
      SELECT d.workspace_id, d.id FROM workspace.event_delivery d
      WHERE (d.workspace_id, d.id) IN (SELECT due.workspace_id, due.id FROM due) AND d.status = 'pending' AND d.next_attempt_at <= present
      FOR UPDATE SKIP LOCKED
    )
    UPDATE workspace.event_delivery d SET attempts = d.attempts + 1, next_attempt_at = present + make_interval(secs => lease_seconds)
    FROM locked JOIN due ON due.workspace_id = locked.workspace_id AND due.id = locked.id
    WHERE d.workspace_id = locked.workspace_id AND d.id = locked.id
    RETURNING d.workspace_id, d.id, d.subscription_id, d.attempts, d.payload, due.url, due.secret, due.previous_secret;
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."claim_deliveries"(timestamp, integer, integer, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "workspace"."claim_deliveries"(timestamp, integer, integer, uuid[]) TO workspace_api;

-- Seconds until the next delivery is due; null when none waits.
CREATE FUNCTION "workspace"."seconds_to_next_delivery"(present timestamp) RETURNS float8
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  SET LOCAL row_security = off;
  RETURN extract(epoch FROM (
    SELECT min(d.next_attempt_at) FROM workspace.event_delivery d
    JOIN workspace.event_subscription s ON s.workspace_id = d.workspace_id AND s.id = d.subscription_id AND s.active
    WHERE d.status = 'pending'
  ) - present)::float8;
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."seconds_to_next_delivery"(timestamp) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "workspace"."seconds_to_next_delivery"(timestamp) TO workspace_api;

-- Deliveries that are over, and those that a switched-off subscription never got, after so many days; of all workspaces, some at a time.
CREATE FUNCTION "workspace"."purge_deliveries"(days integer, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  gone integer;
BEGIN
  SET LOCAL row_security = off;
  DELETE FROM workspace.event_delivery d USING (
    SELECT workspace_id, id FROM workspace.event_delivery
    WHERE created < (now() AT TIME ZONE 'utc') - make_interval(days => days) ORDER BY created LIMIT most FOR UPDATE SKIP LOCKED
  ) old WHERE d.workspace_id = old.workspace_id AND d.id = old.id;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."purge_deliveries"(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "workspace"."purge_deliveries"(integer, integer) TO workspace_api;

-- Finished workloads after so many days: what they printed stays with their runs. Dead ones stay until somebody deletes the run.
CREATE FUNCTION "workspace"."purge_workloads"(days integer, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  gone integer;
BEGIN
  SET LOCAL row_security = off;
  DELETE FROM workspace.workload w USING (
    SELECT workspace_id, id FROM workspace.workload
    WHERE status = 'finished' AND updated < (now() AT TIME ZONE 'utc') - make_interval(days => days) ORDER BY updated LIMIT most FOR UPDATE SKIP LOCKED
  ) old WHERE w.workspace_id = old.workspace_id AND w.id = old.id;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."purge_workloads"(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "workspace"."purge_workloads"(integer, integer) TO workspace_api;
