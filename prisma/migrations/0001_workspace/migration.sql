-- The tables of a workspace. Every key, unique index, index and reference starts with workspace_id.
-- Generated from prisma/schema, then edited: SET NULL names its column, and everything after the last ALTER TABLE is by hand.

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "workspace";

-- CreateTable
CREATE TABLE "workspace"."artifact" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "has_custom_name" BOOLEAN NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "latest_version_number" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "pk_artifact" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."artifact_version" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "version" TEXT NOT NULL,
    "version_number" INTEGER,
    "type" TEXT NOT NULL,
    "uri" TEXT NOT NULL,
    "materializer" JSON NOT NULL,
    "data_type" JSON NOT NULL,
    "save_type" TEXT NOT NULL,
    "content_hash" TEXT,
    "item_count" INTEGER,
    "artifact_id" UUID NOT NULL,
    "artifact_store_id" UUID,
    "user_id" UUID,
    "project_id" UUID NOT NULL,

    CONSTRAINT "pk_artifact_version" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."artifact_visualization" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "type" TEXT NOT NULL,
    "uri" TEXT NOT NULL,
    "artifact_version_id" UUID NOT NULL,
    "position" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "pk_artifact_visualization" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."curated_visualization" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "project_id" UUID NOT NULL,
    "artifact_visualization_id" UUID NOT NULL,
    "display_name" TEXT,
    "display_order" INTEGER,
    "layout_size" TEXT NOT NULL DEFAULT 'full_width',
    "resource_id" UUID NOT NULL,
    "resource_type" TEXT NOT NULL,

    CONSTRAINT "pk_curated_visualization" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."schedule" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "pipeline_id" UUID,
    "orchestrator_id" UUID,
    "active" BOOLEAN NOT NULL,
    "cron_expression" TEXT,
    "start_time" TIMESTAMP(6),
    "end_time" TIMESTAMP(6),
    "interval_second" DOUBLE PRECISION,
    "catchup" BOOLEAN NOT NULL,
    "run_once_start_time" TIMESTAMP(6),
    "is_archived" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "pk_schedule" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."trigger" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL,
    "is_archived" BOOLEAN NOT NULL DEFAULT false,
    "type" TEXT NOT NULL,
    "flavor" TEXT NOT NULL,
    "configuration" JSON NOT NULL,
    "concurrency" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "webhook_id" UUID,
    "next_occurrence" TIMESTAMP(6),
    "source_entity" TEXT,
    "target_events" TEXT,

    CONSTRAINT "pk_trigger" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."trigger_execution" (
    "workspace_id" UUID NOT NULL,
    "trigger_id" UUID NOT NULL,
    "pipeline_run_id" UUID NOT NULL,
    "created_at" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "info" JSON,

    CONSTRAINT "pk_trigger_execution" PRIMARY KEY ("workspace_id","trigger_id","pipeline_run_id")
);

-- CreateTable
CREATE TABLE "workspace"."trigger_snapshot" (
    "workspace_id" UUID NOT NULL,
    "trigger_id" UUID NOT NULL,
    "snapshot_id" UUID NOT NULL,
    "created_at" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "dispatch_state" JSON,

    CONSTRAINT "pk_trigger_snapshot" PRIMARY KEY ("workspace_id","trigger_id","snapshot_id")
);

-- CreateTable
CREATE TABLE "workspace"."webhook" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "secret_id" UUID NOT NULL,
    "webhook_type" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "pk_webhook" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."webhook_event_payload" (
    "workspace_id" UUID NOT NULL,
    "webhook_id" UUID NOT NULL,
    "delivery_id" TEXT NOT NULL,
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "payload" BYTEA NOT NULL,

    CONSTRAINT "pk_webhook_event_payload" PRIMARY KEY ("workspace_id","webhook_id","delivery_id")
);

-- CreateTable
CREATE TABLE "workspace"."webhook_stats" (
    "workspace_id" UUID NOT NULL,
    "webhook_id" UUID NOT NULL,
    "received_count" INTEGER NOT NULL DEFAULT 0,
    "accepted_count" INTEGER NOT NULL DEFAULT 0,
    "auth_failed_count" INTEGER NOT NULL DEFAULT 0,
    "invalid_payload_count" INTEGER NOT NULL DEFAULT 0,
    "last_received_at" TIMESTAMP(6),
    "last_accepted_at" TIMESTAMP(6),
    "last_error_at" TIMESTAMP(6),
    "last_error_summary" TEXT,

    CONSTRAINT "pk_webhook_stats" PRIMARY KEY ("workspace_id","webhook_id")
);

-- CreateTable
CREATE TABLE "workspace"."code_repository" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "config" JSON NOT NULL,
    "source" JSON NOT NULL,
    "logo_url" TEXT,
    "description" TEXT,

    CONSTRAINT "pk_code_repository" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."code_reference" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "project_id" UUID NOT NULL,
    "code_repository_id" UUID NOT NULL,
    "commit" TEXT NOT NULL,
    "subdirectory" TEXT NOT NULL,

    CONSTRAINT "pk_code_reference" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."user" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "is_service_account" BOOLEAN NOT NULL DEFAULT false,
    "full_name" TEXT NOT NULL,
    "description" TEXT,
    "email" TEXT,
    "avatar_url" TEXT,
    "active" BOOLEAN NOT NULL,
    "password" TEXT,
    "password_changed_at" TIMESTAMP(6),
    "activation_token" TEXT,
    "email_opted_in" BOOLEAN,
    "external_user_id" UUID,
    "is_admin" BOOLEAN NOT NULL DEFAULT false,
    "user_metadata" JSON,
    "oidc_claims" JSON,
    "default_project_id" UUID,

    CONSTRAINT "pk_user" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."api_key" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "description" TEXT,
    "key" TEXT NOT NULL,
    "previous_key" TEXT,
    "key_generation" INTEGER NOT NULL DEFAULT 1,
    "retain_period" INTEGER NOT NULL DEFAULT 0,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "last_login" TIMESTAMP(6),
    "last_rotated" TIMESTAMP(6),
    "service_account_id" UUID NOT NULL,

    CONSTRAINT "pk_api_key" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."auth_devices" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "client_id" UUID NOT NULL,
    "user_code" TEXT NOT NULL,
    "device_code" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "failed_auth_attempts" INTEGER NOT NULL DEFAULT 0,
    "expires" TIMESTAMP(6),
    "last_login" TIMESTAMP(6),
    "trusted_device" BOOLEAN NOT NULL DEFAULT false,
    "os" TEXT,
    "ip_address" TEXT,
    "hostname" TEXT,
    "python_version" TEXT,
    "zenml_version" TEXT,
    "city" TEXT,
    "region" TEXT,
    "country" TEXT,
    "user_id" UUID,

    CONSTRAINT "pk_auth_devices" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."run_metadata" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "stack_component_id" UUID,
    "user_id" UUID,
    "project_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" JSON NOT NULL,
    "type" TEXT NOT NULL,
    "publisher_step_id" UUID,

    CONSTRAINT "pk_run_metadata" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."run_metadata_resource" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "resource_id" UUID NOT NULL,
    "resource_type" TEXT NOT NULL,
    "run_metadata_id" UUID NOT NULL,

    CONSTRAINT "pk_run_metadata_resource" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."tag" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "user_id" UUID,
    "color" TEXT NOT NULL,
    "exclusive" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "pk_tag" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."tag_resource" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "tag_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,
    "resource_type" TEXT NOT NULL,

    CONSTRAINT "pk_tag_resource" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."model" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "license" TEXT,
    "description" TEXT,
    "audience" TEXT,
    "use_cases" TEXT,
    "limitations" TEXT,
    "trade_offs" TEXT,
    "ethics" TEXT,
    "save_models_to_registry" BOOLEAN NOT NULL,
    "latest_version_number" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "pk_model" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."model_version" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "model_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "description" TEXT,
    "stage" TEXT,
    "producer_run_id_if_numeric" UUID NOT NULL,

    CONSTRAINT "pk_model_version" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."model_versions_artifacts" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "model_version_id" UUID NOT NULL,
    "artifact_version_id" UUID NOT NULL,

    CONSTRAINT "pk_model_versions_artifacts" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."model_versions_runs" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "model_version_id" UUID NOT NULL,
    "pipeline_run_id" UUID NOT NULL,

    CONSTRAINT "pk_model_versions_runs" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."pipeline" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "description" TEXT,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "run_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "pk_pipeline" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."pipeline_build" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "user_id" UUID,
    "project_id" UUID NOT NULL,
    "stack_id" UUID,
    "pipeline_id" UUID,
    "images" JSON NOT NULL,
    "is_local" BOOLEAN NOT NULL,
    "contains_code" BOOLEAN NOT NULL,
    "zenml_version" TEXT,
    "python_version" TEXT,
    "checksum" TEXT,
    "stack_checksum" TEXT,
    "duration" INTEGER,

    CONSTRAINT "pk_pipeline_build" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."pipeline_snapshot" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT,
    "description" TEXT,
    "is_dynamic" BOOLEAN NOT NULL DEFAULT false,
    "pipeline_configuration" JSON NOT NULL,
    "client_environment" JSON NOT NULL,
    "run_name_template" TEXT NOT NULL,
    "client_version" TEXT,
    "server_version" TEXT,
    "pipeline_version_hash" TEXT,
    "pipeline_spec" JSON,
    "source_code" TEXT,
    "code_path" TEXT,
    "user_id" UUID,
    "project_id" UUID NOT NULL,
    "stack_id" UUID,
    "pipeline_id" UUID NOT NULL,
    "schedule_id" UUID,
    "build_id" UUID,
    "code_reference_id" UUID,
    "source_snapshot_id" UUID,
    "template_id" UUID,
    "step_count" INTEGER NOT NULL,

    CONSTRAINT "pk_pipeline_snapshot" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."step_configuration" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "index" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "config" JSON NOT NULL,
    "snapshot_id" UUID,
    "step_run_id" UUID,

    CONSTRAINT "pk_step_configuration" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."run_template" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "hidden" BOOLEAN NOT NULL DEFAULT false,
    "description" TEXT,
    "user_id" UUID,
    "project_id" UUID NOT NULL,
    "source_snapshot_id" UUID,

    CONSTRAINT "pk_run_template" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."pipeline_run" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "orchestrator_run_id" TEXT,
    "start_time" TIMESTAMP(6),
    "end_time" TIMESTAMP(6),
    "in_progress" BOOLEAN NOT NULL,
    "status" TEXT NOT NULL,
    "status_reason" TEXT,
    "orchestrator_environment" JSON,
    "index" INTEGER NOT NULL,
    "enable_heartbeat" BOOLEAN NOT NULL,
    "exception_info" JSON,
    "child_key" TEXT,
    "snapshot_id" UUID,
    "user_id" UUID,
    "project_id" UUID NOT NULL,
    "pipeline_id" UUID,
    "model_version_id" UUID,
    "pipeline_configuration" JSON,
    "client_environment" JSON,
    "stack_id" UUID,
    "build_id" UUID,
    "schedule_id" UUID,
    "original_run_id" UUID,
    "parent_run_id" UUID,
    "root_run_id" UUID,
    "triggered_by" UUID,
    "triggered_by_type" TEXT,

    CONSTRAINT "pk_pipeline_run" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."pipeline_run_output" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "output_index" INTEGER NOT NULL,
    "pipeline_run_id" UUID NOT NULL,
    "artifact_id" UUID NOT NULL,

    CONSTRAINT "pk_pipeline_run_output" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."step_run" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "start_time" TIMESTAMP(6),
    "end_time" TIMESTAMP(6),
    "latest_heartbeat" TIMESTAMP(6),
    "status" TEXT NOT NULL,
    "docstring" TEXT,
    "cache_key" TEXT,
    "cache_expires_at" TIMESTAMP(6),
    "source_code" TEXT,
    "code_hash" TEXT,
    "version" INTEGER NOT NULL,
    "is_retriable" BOOLEAN NOT NULL,
    "exception_info" JSON,
    "heartbeat_threshold" INTEGER,
    "original_step_run_id" UUID,
    "snapshot_id" UUID,
    "pipeline_run_id" UUID NOT NULL,
    "user_id" UUID,
    "project_id" UUID NOT NULL,
    "model_version_id" UUID,
    "resource_request_id" UUID,
    "step_configuration" JSON,

    CONSTRAINT "pk_step_run" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."step_run_input_artifact" (
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "input_index" INTEGER NOT NULL,
    "chunk_index" INTEGER,
    "chunk_size" INTEGER,
    "step_id" UUID NOT NULL,
    "artifact_id" UUID NOT NULL,

    CONSTRAINT "pk_step_run_input_artifact" PRIMARY KEY ("workspace_id","step_id","artifact_id","name","input_index")
);

-- CreateTable
CREATE TABLE "workspace"."step_run_output_artifact" (
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "step_id" UUID NOT NULL,
    "artifact_id" UUID NOT NULL,

    CONSTRAINT "pk_step_run_output_artifact" PRIMARY KEY ("workspace_id","step_id","artifact_id")
);

-- CreateTable
CREATE TABLE "workspace"."step_run_parents" (
    "workspace_id" UUID NOT NULL,
    "parent_id" UUID NOT NULL,
    "child_id" UUID NOT NULL,

    CONSTRAINT "pk_step_run_parents" PRIMARY KEY ("workspace_id","parent_id","child_id")
);

-- CreateTable
CREATE TABLE "workspace"."hook_invocation" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "hook_type" TEXT NOT NULL,
    "name" TEXT,
    "status" TEXT NOT NULL,
    "start_time" TIMESTAMP(6) NOT NULL,
    "end_time" TIMESTAMP(6),
    "source" TEXT,
    "exception_info" JSON,
    "pipeline_run_id" UUID NOT NULL,
    "step_run_id" UUID,
    "user_id" UUID,
    "project_id" UUID NOT NULL,

    CONSTRAINT "pk_hook_invocation" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."hook_invocation_output_artifact" (
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hook_invocation_id" UUID NOT NULL,
    "artifact_version_id" UUID NOT NULL,

    CONSTRAINT "pk_hook_invocation_output_artifact" PRIMARY KEY ("workspace_id","hook_invocation_id","artifact_version_id","name")
);

-- CreateTable
CREATE TABLE "workspace"."run_wait_condition" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "run_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "resolved_by_user_id" UUID,
    "type" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "question" TEXT,
    "data_schema_json" JSON,
    "resolution" TEXT,
    "result_json" JSON,
    "last_polled_at" TIMESTAMP(6),
    "poller_instance_id" TEXT,
    "poller_lease_expires_at" TIMESTAMP(6),
    "resolved_at" TIMESTAMP(6),

    CONSTRAINT "pk_run_wait_condition" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."logs" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "uri" TEXT,
    "source" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "pipeline_run_id" UUID,
    "step_run_id" UUID,
    "artifact_store_id" UUID,
    "log_store_id" UUID,
    "hook_invocation_id" UUID,

    CONSTRAINT "pk_logs" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."secret" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "private" BOOLEAN NOT NULL,
    "internal" BOOLEAN NOT NULL DEFAULT false,
    "values" TEXT,
    "user_id" UUID NOT NULL,

    CONSTRAINT "pk_secret" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."secret_resource" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "secret_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,
    "resource_type" TEXT NOT NULL,

    CONSTRAINT "pk_secret_resource" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."server_settings" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "server_name" TEXT NOT NULL,
    "logo_url" TEXT,
    "active" BOOLEAN NOT NULL DEFAULT false,
    "enable_analytics" BOOLEAN NOT NULL DEFAULT false,
    "display_announcements" BOOLEAN,
    "display_updates" BOOLEAN,
    "onboarding_state" JSON,
    "last_user_activity" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),

    CONSTRAINT "pk_server_settings" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."project" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "project_metadata" JSON,

    CONSTRAINT "pk_project" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."api_transaction" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "method" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "completed" BOOLEAN NOT NULL DEFAULT false,
    "expired" TIMESTAMP(6),
    "user_id" UUID NOT NULL,
    "result" JSON,

    CONSTRAINT "pk_api_transaction" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."service" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "service_source" TEXT,
    "service_type" JSON NOT NULL,
    "type" TEXT NOT NULL,
    "flavor" TEXT NOT NULL,
    "admin_state" TEXT,
    "state" TEXT,
    "labels" JSON,
    "config" JSON NOT NULL,
    "status" JSON,
    "endpoint" JSON,
    "prediction_url" TEXT,
    "health_check_url" TEXT,
    "pipeline_name" TEXT,
    "pipeline_step_name" TEXT,
    "model_version_id" UUID,
    "pipeline_run_id" UUID,

    CONSTRAINT "pk_service" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."deployment" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "status" TEXT NOT NULL,
    "url" TEXT,
    "auth_key" TEXT,
    "deployment_metadata" JSON NOT NULL DEFAULT '{}',
    "snapshot_id" UUID,
    "deployer_id" UUID,

    CONSTRAINT "pk_deployment" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."stack" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "description" TEXT,
    "stack_spec_path" TEXT,
    "labels" JSON,
    "environment" JSON,
    "user_id" UUID,

    CONSTRAINT "pk_stack" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."stack_component" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "flavor" TEXT NOT NULL,
    "configuration" JSON NOT NULL,
    "labels" JSON,
    "environment" JSON,
    "user_id" UUID,
    "connector_id" UUID,
    "connector_resource_id" TEXT,

    CONSTRAINT "pk_stack_component" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."stack_composition" (
    "workspace_id" UUID NOT NULL,
    "stack_id" UUID NOT NULL,
    "component_id" UUID NOT NULL,
    "default_for_type" TEXT,

    CONSTRAINT "pk_stack_composition" PRIMARY KEY ("workspace_id","stack_id","component_id")
);

-- CreateTable
CREATE TABLE "workspace"."flavor" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "display_name" TEXT,
    "config_schema" JSON NOT NULL,
    "integration" TEXT DEFAULT '',
    "connector_type" TEXT,
    "connector_resource_type" TEXT,
    "connector_resource_id_attr" TEXT,
    "user_id" UUID,
    "logo_url" TEXT,
    "docs_url" TEXT,
    "sdk_docs_url" TEXT,
    "is_custom" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "pk_flavor" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "workspace"."service_connector" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "connector_type" TEXT,
    "description" TEXT NOT NULL,
    "auth_method" TEXT,
    "resource_types" JSON NOT NULL,
    "resource_id" TEXT,
    "supports_instances" BOOLEAN NOT NULL,
    "configuration" JSON,
    "secret_id" UUID,
    "expires_at" TIMESTAMP(6),
    "expires_skew_tolerance" INTEGER,
    "expiration_seconds" INTEGER,
    "labels" JSON,
    "user_id" UUID,

    CONSTRAINT "pk_service_connector" PRIMARY KEY ("workspace_id","id")
);

-- CreateIndex
CREATE INDEX "ix_artifact_project_id_created_id" ON "workspace"."artifact"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_artifact_user_id" ON "workspace"."artifact"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_artifact_name_in_project" ON "workspace"."artifact"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_artifact_version_project_id_created_id" ON "workspace"."artifact_version"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_artifact_version_artifact_id_version_number" ON "workspace"."artifact_version"("workspace_id", "artifact_id", "version_number");

-- CreateIndex
CREATE INDEX "ix_artifact_version_artifact_store_id" ON "workspace"."artifact_version"("workspace_id", "artifact_store_id");

-- CreateIndex
CREATE INDEX "ix_artifact_version_user_id" ON "workspace"."artifact_version"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_version_for_artifact_id" ON "workspace"."artifact_version"("workspace_id", "artifact_id", "version");

-- CreateIndex
CREATE INDEX "ix_artifact_visualization_artifact_version_id" ON "workspace"."artifact_visualization"("workspace_id", "artifact_version_id");

-- CreateIndex
CREATE INDEX "ix_curated_visualization_project_id" ON "workspace"."curated_visualization"("workspace_id", "project_id");

-- CreateIndex
CREATE INDEX "ix_curated_visualization_artifact_visualization_id" ON "workspace"."curated_visualization"("workspace_id", "artifact_visualization_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_curated_visualization_link" ON "workspace"."curated_visualization"("workspace_id", "resource_type", "resource_id", "artifact_visualization_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_curated_visualization_display_order" ON "workspace"."curated_visualization"("workspace_id", "resource_type", "resource_id", "display_order");

-- CreateIndex
CREATE INDEX "ix_schedule_project_id_created_id" ON "workspace"."schedule"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_schedule_user_id" ON "workspace"."schedule"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_schedule_pipeline_id" ON "workspace"."schedule"("workspace_id", "pipeline_id");

-- CreateIndex
CREATE INDEX "ix_schedule_orchestrator_id" ON "workspace"."schedule"("workspace_id", "orchestrator_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_schedule_name_in_project" ON "workspace"."schedule"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_trigger_project_id_created_id" ON "workspace"."trigger"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_trigger_type_webhook_id" ON "workspace"."trigger"("workspace_id", "type", "webhook_id");

-- CreateIndex
CREATE INDEX "ix_trigger_flavor_next_occurrence" ON "workspace"."trigger"("workspace_id", "flavor", "next_occurrence");

-- CreateIndex
CREATE INDEX "ix_trigger_flavor_source_entity" ON "workspace"."trigger"("workspace_id", "flavor", "source_entity");

-- CreateIndex
CREATE INDEX "ix_trigger_user_id" ON "workspace"."trigger"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_trigger_webhook_id" ON "workspace"."trigger"("workspace_id", "webhook_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_trigger_name_in_project" ON "workspace"."trigger"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_trigger_execution_pipeline_run_id" ON "workspace"."trigger_execution"("workspace_id", "pipeline_run_id");

-- CreateIndex
CREATE INDEX "ix_trigger_snapshot_snapshot_id" ON "workspace"."trigger_snapshot"("workspace_id", "snapshot_id");

-- CreateIndex
CREATE INDEX "ix_webhook_project_id_created_id" ON "workspace"."webhook"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_webhook_webhook_type" ON "workspace"."webhook"("workspace_id", "webhook_type");

-- CreateIndex
CREATE INDEX "ix_webhook_user_id" ON "workspace"."webhook"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_webhook_secret_id" ON "workspace"."webhook"("workspace_id", "secret_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_webhook_name_in_project" ON "workspace"."webhook"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_code_repository_project_id_created_id" ON "workspace"."code_repository"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_code_repository_user_id" ON "workspace"."code_repository"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_code_repository_name_in_project" ON "workspace"."code_repository"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_code_reference_code_repository_id" ON "workspace"."code_reference"("workspace_id", "code_repository_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_code_reference" ON "workspace"."code_reference"("workspace_id", "project_id", "code_repository_id", "commit", "subdirectory");

-- CreateIndex
CREATE INDEX "ix_user_created_id" ON "workspace"."user"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_user_default_project_id" ON "workspace"."user"("workspace_id", "default_project_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_user_name_is_service_account" ON "workspace"."user"("workspace_id", "name", "is_service_account");

-- CreateIndex
CREATE INDEX "ix_api_key_created_id" ON "workspace"."api_key"("workspace_id", "created", "id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_api_key_name_in_service_account" ON "workspace"."api_key"("workspace_id", "service_account_id", "name");

-- CreateIndex
CREATE INDEX "ix_auth_devices_created_id" ON "workspace"."auth_devices"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_auth_devices_user_id" ON "workspace"."auth_devices"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_auth_device_client_id" ON "workspace"."auth_devices"("workspace_id", "client_id");

-- CreateIndex
CREATE INDEX "ix_run_metadata_key" ON "workspace"."run_metadata"("workspace_id", "key");

-- CreateIndex
CREATE INDEX "ix_run_metadata_stack_component_id" ON "workspace"."run_metadata"("workspace_id", "stack_component_id");

-- CreateIndex
CREATE INDEX "ix_run_metadata_user_id" ON "workspace"."run_metadata"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_run_metadata_project_id" ON "workspace"."run_metadata"("workspace_id", "project_id");

-- CreateIndex
CREATE INDEX "ix_run_metadata_publisher_step_id" ON "workspace"."run_metadata"("workspace_id", "publisher_step_id");

-- CreateIndex
CREATE INDEX "ix_run_metadata_resource_run_metadata_id" ON "workspace"."run_metadata_resource"("workspace_id", "run_metadata_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_run_metadata_resource_link" ON "workspace"."run_metadata_resource"("workspace_id", "resource_type", "resource_id", "run_metadata_id");

-- CreateIndex
CREATE INDEX "ix_tag_created_id" ON "workspace"."tag"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_tag_user_id" ON "workspace"."tag"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_tag_name" ON "workspace"."tag"("workspace_id", "name");

-- CreateIndex
CREATE INDEX "ix_tag_resource_tag_id" ON "workspace"."tag_resource"("workspace_id", "tag_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_tag_resource_link" ON "workspace"."tag_resource"("workspace_id", "resource_type", "resource_id", "tag_id");

-- CreateIndex
CREATE INDEX "ix_model_project_id_created_id" ON "workspace"."model"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_model_user_id" ON "workspace"."model"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_model_name_in_project" ON "workspace"."model"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_model_version_project_id_created_id" ON "workspace"."model_version"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_model_version_user_id" ON "workspace"."model_version"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_version_for_model_id" ON "workspace"."model_version"("workspace_id", "model_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "unique_version_number_for_model_id" ON "workspace"."model_version"("workspace_id", "model_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "unique_numeric_version_for_pipeline_run" ON "workspace"."model_version"("workspace_id", "model_id", "producer_run_id_if_numeric");

-- CreateIndex
CREATE INDEX "ix_model_versions_artifacts_created_id" ON "workspace"."model_versions_artifacts"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_model_versions_artifacts_artifact_version_id" ON "workspace"."model_versions_artifacts"("workspace_id", "artifact_version_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_model_version_artifact_link" ON "workspace"."model_versions_artifacts"("workspace_id", "model_version_id", "artifact_version_id");

-- CreateIndex
CREATE INDEX "ix_model_versions_runs_created_id" ON "workspace"."model_versions_runs"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_model_versions_runs_pipeline_run_id" ON "workspace"."model_versions_runs"("workspace_id", "pipeline_run_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_model_version_run_link" ON "workspace"."model_versions_runs"("workspace_id", "model_version_id", "pipeline_run_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_project_id_created_id" ON "workspace"."pipeline"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_pipeline_user_id" ON "workspace"."pipeline"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_pipeline_name_in_project" ON "workspace"."pipeline"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_pipeline_build_project_id_created_id" ON "workspace"."pipeline_build"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_pipeline_build_user_id" ON "workspace"."pipeline_build"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_build_stack_id" ON "workspace"."pipeline_build"("workspace_id", "stack_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_build_pipeline_id" ON "workspace"."pipeline_build"("workspace_id", "pipeline_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_snapshot_project_id_created_id" ON "workspace"."pipeline_snapshot"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_pipeline_snapshot_project_id_name" ON "workspace"."pipeline_snapshot"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_pipeline_snapshot_source_snapshot_id" ON "workspace"."pipeline_snapshot"("workspace_id", "source_snapshot_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_snapshot_user_id" ON "workspace"."pipeline_snapshot"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_snapshot_stack_id" ON "workspace"."pipeline_snapshot"("workspace_id", "stack_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_snapshot_schedule_id" ON "workspace"."pipeline_snapshot"("workspace_id", "schedule_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_snapshot_build_id" ON "workspace"."pipeline_snapshot"("workspace_id", "build_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_snapshot_code_reference_id" ON "workspace"."pipeline_snapshot"("workspace_id", "code_reference_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_name_for_pipeline_id" ON "workspace"."pipeline_snapshot"("workspace_id", "pipeline_id", "name");

-- CreateIndex
CREATE INDEX "ix_step_configuration_snapshot_id_name" ON "workspace"."step_configuration"("workspace_id", "snapshot_id", "name");

-- CreateIndex
CREATE INDEX "ix_step_configuration_step_run_id" ON "workspace"."step_configuration"("workspace_id", "step_run_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_step_configuration_for_snapshot_or_step_run" ON "workspace"."step_configuration"("workspace_id", "snapshot_id", "step_run_id", "name") NULLS NOT DISTINCT;

-- CreateIndex
CREATE INDEX "ix_run_template_project_id_created_id" ON "workspace"."run_template"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_run_template_user_id" ON "workspace"."run_template"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_run_template_source_snapshot_id" ON "workspace"."run_template"("workspace_id", "source_snapshot_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_template_name_in_project" ON "workspace"."run_template"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_project_id_created_id" ON "workspace"."pipeline_run"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_pipeline_id_created" ON "workspace"."pipeline_run"("workspace_id", "pipeline_id", "created");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_triggered_by_triggered_by_type" ON "workspace"."pipeline_run"("workspace_id", "triggered_by", "triggered_by_type");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_user_id" ON "workspace"."pipeline_run"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_model_version_id" ON "workspace"."pipeline_run"("workspace_id", "model_version_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_stack_id" ON "workspace"."pipeline_run"("workspace_id", "stack_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_build_id" ON "workspace"."pipeline_run"("workspace_id", "build_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_schedule_id" ON "workspace"."pipeline_run"("workspace_id", "schedule_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_original_run_id" ON "workspace"."pipeline_run"("workspace_id", "original_run_id");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_root_run_id" ON "workspace"."pipeline_run"("workspace_id", "root_run_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_run_name_in_project" ON "workspace"."pipeline_run"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "unique_orchestrator_run_id_for_snapshot_id" ON "workspace"."pipeline_run"("workspace_id", "snapshot_id", "orchestrator_run_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_child_key_for_parent_run_id" ON "workspace"."pipeline_run"("workspace_id", "parent_run_id", "child_key");

-- CreateIndex
CREATE INDEX "ix_pipeline_run_output_artifact_id" ON "workspace"."pipeline_run_output"("workspace_id", "artifact_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_pipeline_run_output_name" ON "workspace"."pipeline_run_output"("workspace_id", "pipeline_run_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "unique_pipeline_run_output_index" ON "workspace"."pipeline_run_output"("workspace_id", "pipeline_run_id", "output_index");

-- CreateIndex
CREATE INDEX "ix_step_run_project_id_created_id" ON "workspace"."step_run"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_step_run_pipeline_run_id_created_id" ON "workspace"."step_run"("workspace_id", "pipeline_run_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_step_run_cache_key" ON "workspace"."step_run"("workspace_id", "cache_key");

-- CreateIndex
CREATE INDEX "ix_step_run_original_step_run_id" ON "workspace"."step_run"("workspace_id", "original_step_run_id");

-- CreateIndex
CREATE INDEX "ix_step_run_snapshot_id" ON "workspace"."step_run"("workspace_id", "snapshot_id");

-- CreateIndex
CREATE INDEX "ix_step_run_user_id" ON "workspace"."step_run"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_step_run_model_version_id" ON "workspace"."step_run"("workspace_id", "model_version_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_step_name_for_pipeline_run" ON "workspace"."step_run"("workspace_id", "pipeline_run_id", "name", "version");

-- CreateIndex
CREATE INDEX "ix_step_run_input_artifact_artifact_id" ON "workspace"."step_run_input_artifact"("workspace_id", "artifact_id");

-- CreateIndex
CREATE INDEX "ix_step_run_output_artifact_artifact_id" ON "workspace"."step_run_output_artifact"("workspace_id", "artifact_id");

-- CreateIndex
CREATE INDEX "ix_step_run_parents_child_id" ON "workspace"."step_run_parents"("workspace_id", "child_id");

-- CreateIndex
CREATE INDEX "ix_hook_invocation_project_id_created_id" ON "workspace"."hook_invocation"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_hook_invocation_pipeline_run_id" ON "workspace"."hook_invocation"("workspace_id", "pipeline_run_id");

-- CreateIndex
CREATE INDEX "ix_hook_invocation_step_run_id" ON "workspace"."hook_invocation"("workspace_id", "step_run_id");

-- CreateIndex
CREATE INDEX "ix_hook_invocation_user_id" ON "workspace"."hook_invocation"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_hook_invocation_output_artifact_artifact_version_id" ON "workspace"."hook_invocation_output_artifact"("workspace_id", "artifact_version_id");

-- CreateIndex
CREATE INDEX "ix_run_wait_condition_project_id_created_id" ON "workspace"."run_wait_condition"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_run_wait_condition_run_id_status" ON "workspace"."run_wait_condition"("workspace_id", "run_id", "status");

-- CreateIndex
CREATE INDEX "ix_run_wait_condition_user_id" ON "workspace"."run_wait_condition"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_run_wait_condition_resolved_by_user_id" ON "workspace"."run_wait_condition"("workspace_id", "resolved_by_user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_wait_condition_name_per_run" ON "workspace"."run_wait_condition"("workspace_id", "run_id", "name");

-- CreateIndex
CREATE INDEX "ix_logs_project_id_created_id" ON "workspace"."logs"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_logs_user_id" ON "workspace"."logs"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_logs_pipeline_run_id" ON "workspace"."logs"("workspace_id", "pipeline_run_id");

-- CreateIndex
CREATE INDEX "ix_logs_step_run_id" ON "workspace"."logs"("workspace_id", "step_run_id");

-- CreateIndex
CREATE INDEX "ix_logs_artifact_store_id" ON "workspace"."logs"("workspace_id", "artifact_store_id");

-- CreateIndex
CREATE INDEX "ix_logs_log_store_id" ON "workspace"."logs"("workspace_id", "log_store_id");

-- CreateIndex
CREATE INDEX "ix_logs_hook_invocation_id" ON "workspace"."logs"("workspace_id", "hook_invocation_id");

-- CreateIndex
CREATE INDEX "ix_secret_created_id" ON "workspace"."secret"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_secret_user_id" ON "workspace"."secret"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_secret_name_private_scope_user" ON "workspace"."secret"("workspace_id", "name", "private", "user_id");

-- CreateIndex
CREATE INDEX "ix_secret_resource_secret_id" ON "workspace"."secret_resource"("workspace_id", "secret_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_secret_resource_link" ON "workspace"."secret_resource"("workspace_id", "resource_type", "resource_id", "secret_id");

-- CreateIndex
CREATE INDEX "ix_project_created_id" ON "workspace"."project"("workspace_id", "created", "id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_project_name" ON "workspace"."project"("workspace_id", "name");

-- CreateIndex
CREATE INDEX "ix_api_transaction_expired_id" ON "workspace"."api_transaction"("workspace_id", "expired", "id");

-- CreateIndex
CREATE INDEX "ix_api_transaction_user_id" ON "workspace"."api_transaction"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_service_project_id_created_id" ON "workspace"."service"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_service_user_id" ON "workspace"."service"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_service_model_version_id" ON "workspace"."service"("workspace_id", "model_version_id");

-- CreateIndex
CREATE INDEX "ix_service_pipeline_run_id" ON "workspace"."service"("workspace_id", "pipeline_run_id");

-- CreateIndex
CREATE INDEX "ix_deployment_project_id_created_id" ON "workspace"."deployment"("workspace_id", "project_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_deployment_user_id" ON "workspace"."deployment"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_deployment_snapshot_id" ON "workspace"."deployment"("workspace_id", "snapshot_id");

-- CreateIndex
CREATE INDEX "ix_deployment_deployer_id" ON "workspace"."deployment"("workspace_id", "deployer_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_deployment_name_in_project" ON "workspace"."deployment"("workspace_id", "project_id", "name");

-- CreateIndex
CREATE INDEX "ix_stack_created_id" ON "workspace"."stack"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_stack_user_id" ON "workspace"."stack"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_stack_name" ON "workspace"."stack"("workspace_id", "name");

-- CreateIndex
CREATE INDEX "ix_stack_component_created_id" ON "workspace"."stack_component"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_stack_component_user_id" ON "workspace"."stack_component"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "ix_stack_component_connector_id" ON "workspace"."stack_component"("workspace_id", "connector_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_component_name_and_type" ON "workspace"."stack_component"("workspace_id", "name", "type");

-- CreateIndex
CREATE INDEX "ix_stack_composition_component_id" ON "workspace"."stack_composition"("workspace_id", "component_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_default_stack_component_type" ON "workspace"."stack_composition"("workspace_id", "stack_id", "default_for_type");

-- CreateIndex
CREATE INDEX "ix_flavor_created_id" ON "workspace"."flavor"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_flavor_user_id" ON "workspace"."flavor"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_flavor_name_and_type" ON "workspace"."flavor"("workspace_id", "name", "type");

-- CreateIndex
CREATE INDEX "ix_service_connector_created_id" ON "workspace"."service_connector"("workspace_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_service_connector_user_id" ON "workspace"."service_connector"("workspace_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_service_connector_name" ON "workspace"."service_connector"("workspace_id", "name");

-- AddForeignKey
ALTER TABLE "workspace"."artifact" ADD CONSTRAINT "fk_artifact_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."artifact" ADD CONSTRAINT "fk_artifact_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."artifact_version" ADD CONSTRAINT "fk_artifact_version_artifact_id" FOREIGN KEY ("workspace_id", "artifact_id") REFERENCES "workspace"."artifact"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."artifact_version" ADD CONSTRAINT "fk_artifact_version_artifact_store_id" FOREIGN KEY ("workspace_id", "artifact_store_id") REFERENCES "workspace"."stack_component"("workspace_id", "id") ON DELETE SET NULL ("artifact_store_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."artifact_version" ADD CONSTRAINT "fk_artifact_version_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."artifact_version" ADD CONSTRAINT "fk_artifact_version_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."artifact_visualization" ADD CONSTRAINT "fk_artifact_visualization_artifact_version_id" FOREIGN KEY ("workspace_id", "artifact_version_id") REFERENCES "workspace"."artifact_version"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."curated_visualization" ADD CONSTRAINT "fk_curated_visualization_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."curated_visualization" ADD CONSTRAINT "fk_curated_visualization_artifact_visualization_id" FOREIGN KEY ("workspace_id", "artifact_visualization_id") REFERENCES "workspace"."artifact_visualization"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."schedule" ADD CONSTRAINT "fk_schedule_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."schedule" ADD CONSTRAINT "fk_schedule_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."schedule" ADD CONSTRAINT "fk_schedule_pipeline_id" FOREIGN KEY ("workspace_id", "pipeline_id") REFERENCES "workspace"."pipeline"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."schedule" ADD CONSTRAINT "fk_schedule_orchestrator_id" FOREIGN KEY ("workspace_id", "orchestrator_id") REFERENCES "workspace"."stack_component"("workspace_id", "id") ON DELETE SET NULL ("orchestrator_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."trigger" ADD CONSTRAINT "fk_trigger_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."trigger" ADD CONSTRAINT "fk_trigger_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."trigger" ADD CONSTRAINT "fk_trigger_webhook_id" FOREIGN KEY ("workspace_id", "webhook_id") REFERENCES "workspace"."webhook"("workspace_id", "id") ON DELETE SET NULL ("webhook_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."trigger_execution" ADD CONSTRAINT "fk_trigger_execution_trigger_id" FOREIGN KEY ("workspace_id", "trigger_id") REFERENCES "workspace"."trigger"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."trigger_execution" ADD CONSTRAINT "fk_trigger_execution_pipeline_run_id" FOREIGN KEY ("workspace_id", "pipeline_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."trigger_snapshot" ADD CONSTRAINT "fk_trigger_snapshot_trigger_id" FOREIGN KEY ("workspace_id", "trigger_id") REFERENCES "workspace"."trigger"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."trigger_snapshot" ADD CONSTRAINT "fk_trigger_snapshot_snapshot_id" FOREIGN KEY ("workspace_id", "snapshot_id") REFERENCES "workspace"."pipeline_snapshot"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."webhook" ADD CONSTRAINT "fk_webhook_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."webhook" ADD CONSTRAINT "fk_webhook_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."webhook" ADD CONSTRAINT "fk_webhook_secret_id" FOREIGN KEY ("workspace_id", "secret_id") REFERENCES "workspace"."secret"("workspace_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."webhook_event_payload" ADD CONSTRAINT "fk_webhook_event_payload_webhook_id" FOREIGN KEY ("workspace_id", "webhook_id") REFERENCES "workspace"."webhook"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."webhook_stats" ADD CONSTRAINT "fk_webhook_stats_webhook_id" FOREIGN KEY ("workspace_id", "webhook_id") REFERENCES "workspace"."webhook"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."code_repository" ADD CONSTRAINT "fk_code_repository_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."code_repository" ADD CONSTRAINT "fk_code_repository_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."code_reference" ADD CONSTRAINT "fk_code_reference_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."code_reference" ADD CONSTRAINT "fk_code_reference_code_repository_id" FOREIGN KEY ("workspace_id", "code_repository_id") REFERENCES "workspace"."code_repository"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."user" ADD CONSTRAINT "fk_user_default_project_id" FOREIGN KEY ("workspace_id", "default_project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE SET NULL ("default_project_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."api_key" ADD CONSTRAINT "fk_api_key_service_account_id" FOREIGN KEY ("workspace_id", "service_account_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."auth_devices" ADD CONSTRAINT "fk_auth_devices_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_metadata" ADD CONSTRAINT "fk_run_metadata_stack_component_id" FOREIGN KEY ("workspace_id", "stack_component_id") REFERENCES "workspace"."stack_component"("workspace_id", "id") ON DELETE SET NULL ("stack_component_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_metadata" ADD CONSTRAINT "fk_run_metadata_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_metadata" ADD CONSTRAINT "fk_run_metadata_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_metadata" ADD CONSTRAINT "fk_run_metadata_publisher_step_id" FOREIGN KEY ("workspace_id", "publisher_step_id") REFERENCES "workspace"."step_run"("workspace_id", "id") ON DELETE SET NULL ("publisher_step_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_metadata_resource" ADD CONSTRAINT "fk_run_metadata_resource_run_metadata_id" FOREIGN KEY ("workspace_id", "run_metadata_id") REFERENCES "workspace"."run_metadata"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."tag" ADD CONSTRAINT "fk_tag_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."tag_resource" ADD CONSTRAINT "fk_tag_resource_tag_id" FOREIGN KEY ("workspace_id", "tag_id") REFERENCES "workspace"."tag"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."model" ADD CONSTRAINT "fk_model_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."model" ADD CONSTRAINT "fk_model_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."model_version" ADD CONSTRAINT "fk_model_version_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."model_version" ADD CONSTRAINT "fk_model_version_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."model_version" ADD CONSTRAINT "fk_model_version_model_id" FOREIGN KEY ("workspace_id", "model_id") REFERENCES "workspace"."model"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."model_versions_artifacts" ADD CONSTRAINT "fk_model_versions_artifacts_model_version_id" FOREIGN KEY ("workspace_id", "model_version_id") REFERENCES "workspace"."model_version"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."model_versions_artifacts" ADD CONSTRAINT "fk_model_versions_artifacts_artifact_version_id" FOREIGN KEY ("workspace_id", "artifact_version_id") REFERENCES "workspace"."artifact_version"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."model_versions_runs" ADD CONSTRAINT "fk_model_versions_runs_model_version_id" FOREIGN KEY ("workspace_id", "model_version_id") REFERENCES "workspace"."model_version"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."model_versions_runs" ADD CONSTRAINT "fk_model_versions_runs_pipeline_run_id" FOREIGN KEY ("workspace_id", "pipeline_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline" ADD CONSTRAINT "fk_pipeline_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline" ADD CONSTRAINT "fk_pipeline_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_build" ADD CONSTRAINT "fk_pipeline_build_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_build" ADD CONSTRAINT "fk_pipeline_build_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_build" ADD CONSTRAINT "fk_pipeline_build_stack_id" FOREIGN KEY ("workspace_id", "stack_id") REFERENCES "workspace"."stack"("workspace_id", "id") ON DELETE SET NULL ("stack_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_build" ADD CONSTRAINT "fk_pipeline_build_pipeline_id" FOREIGN KEY ("workspace_id", "pipeline_id") REFERENCES "workspace"."pipeline"("workspace_id", "id") ON DELETE SET NULL ("pipeline_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_snapshot" ADD CONSTRAINT "fk_pipeline_snapshot_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_snapshot" ADD CONSTRAINT "fk_pipeline_snapshot_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_snapshot" ADD CONSTRAINT "fk_pipeline_snapshot_stack_id" FOREIGN KEY ("workspace_id", "stack_id") REFERENCES "workspace"."stack"("workspace_id", "id") ON DELETE SET NULL ("stack_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_snapshot" ADD CONSTRAINT "fk_pipeline_snapshot_pipeline_id" FOREIGN KEY ("workspace_id", "pipeline_id") REFERENCES "workspace"."pipeline"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_snapshot" ADD CONSTRAINT "fk_pipeline_snapshot_schedule_id" FOREIGN KEY ("workspace_id", "schedule_id") REFERENCES "workspace"."schedule"("workspace_id", "id") ON DELETE SET NULL ("schedule_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_snapshot" ADD CONSTRAINT "fk_pipeline_snapshot_build_id" FOREIGN KEY ("workspace_id", "build_id") REFERENCES "workspace"."pipeline_build"("workspace_id", "id") ON DELETE SET NULL ("build_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_snapshot" ADD CONSTRAINT "fk_pipeline_snapshot_code_reference_id" FOREIGN KEY ("workspace_id", "code_reference_id") REFERENCES "workspace"."code_reference"("workspace_id", "id") ON DELETE SET NULL ("code_reference_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_configuration" ADD CONSTRAINT "fk_step_configuration_snapshot_id" FOREIGN KEY ("workspace_id", "snapshot_id") REFERENCES "workspace"."pipeline_snapshot"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_configuration" ADD CONSTRAINT "fk_step_configuration_step_run_id" FOREIGN KEY ("workspace_id", "step_run_id") REFERENCES "workspace"."step_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_template" ADD CONSTRAINT "fk_run_template_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_template" ADD CONSTRAINT "fk_run_template_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_template" ADD CONSTRAINT "fk_run_template_source_snapshot_id" FOREIGN KEY ("workspace_id", "source_snapshot_id") REFERENCES "workspace"."pipeline_snapshot"("workspace_id", "id") ON DELETE SET NULL ("source_snapshot_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_snapshot_id" FOREIGN KEY ("workspace_id", "snapshot_id") REFERENCES "workspace"."pipeline_snapshot"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_pipeline_id" FOREIGN KEY ("workspace_id", "pipeline_id") REFERENCES "workspace"."pipeline"("workspace_id", "id") ON DELETE SET NULL ("pipeline_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_model_version_id" FOREIGN KEY ("workspace_id", "model_version_id") REFERENCES "workspace"."model_version"("workspace_id", "id") ON DELETE SET NULL ("model_version_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_stack_id" FOREIGN KEY ("workspace_id", "stack_id") REFERENCES "workspace"."stack"("workspace_id", "id") ON DELETE SET NULL ("stack_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_build_id" FOREIGN KEY ("workspace_id", "build_id") REFERENCES "workspace"."pipeline_build"("workspace_id", "id") ON DELETE SET NULL ("build_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_schedule_id" FOREIGN KEY ("workspace_id", "schedule_id") REFERENCES "workspace"."schedule"("workspace_id", "id") ON DELETE SET NULL ("schedule_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_original_run_id" FOREIGN KEY ("workspace_id", "original_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE SET NULL ("original_run_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_parent_run_id" FOREIGN KEY ("workspace_id", "parent_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE SET NULL ("parent_run_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run" ADD CONSTRAINT "fk_pipeline_run_root_run_id" FOREIGN KEY ("workspace_id", "root_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE SET NULL ("root_run_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run_output" ADD CONSTRAINT "fk_pipeline_run_output_pipeline_run_id" FOREIGN KEY ("workspace_id", "pipeline_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."pipeline_run_output" ADD CONSTRAINT "fk_pipeline_run_output_artifact_id" FOREIGN KEY ("workspace_id", "artifact_id") REFERENCES "workspace"."artifact_version"("workspace_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run" ADD CONSTRAINT "fk_step_run_original_step_run_id" FOREIGN KEY ("workspace_id", "original_step_run_id") REFERENCES "workspace"."step_run"("workspace_id", "id") ON DELETE SET NULL ("original_step_run_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run" ADD CONSTRAINT "fk_step_run_snapshot_id" FOREIGN KEY ("workspace_id", "snapshot_id") REFERENCES "workspace"."pipeline_snapshot"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run" ADD CONSTRAINT "fk_step_run_pipeline_run_id" FOREIGN KEY ("workspace_id", "pipeline_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run" ADD CONSTRAINT "fk_step_run_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run" ADD CONSTRAINT "fk_step_run_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run" ADD CONSTRAINT "fk_step_run_model_version_id" FOREIGN KEY ("workspace_id", "model_version_id") REFERENCES "workspace"."model_version"("workspace_id", "id") ON DELETE SET NULL ("model_version_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run_input_artifact" ADD CONSTRAINT "fk_step_run_input_artifact_step_id" FOREIGN KEY ("workspace_id", "step_id") REFERENCES "workspace"."step_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run_input_artifact" ADD CONSTRAINT "fk_step_run_input_artifact_artifact_id" FOREIGN KEY ("workspace_id", "artifact_id") REFERENCES "workspace"."artifact_version"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run_output_artifact" ADD CONSTRAINT "fk_step_run_output_artifact_step_id" FOREIGN KEY ("workspace_id", "step_id") REFERENCES "workspace"."step_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run_output_artifact" ADD CONSTRAINT "fk_step_run_output_artifact_artifact_id" FOREIGN KEY ("workspace_id", "artifact_id") REFERENCES "workspace"."artifact_version"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run_parents" ADD CONSTRAINT "fk_step_run_parents_parent_id" FOREIGN KEY ("workspace_id", "parent_id") REFERENCES "workspace"."step_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."step_run_parents" ADD CONSTRAINT "fk_step_run_parents_child_id" FOREIGN KEY ("workspace_id", "child_id") REFERENCES "workspace"."step_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."hook_invocation" ADD CONSTRAINT "fk_hook_invocation_pipeline_run_id" FOREIGN KEY ("workspace_id", "pipeline_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."hook_invocation" ADD CONSTRAINT "fk_hook_invocation_step_run_id" FOREIGN KEY ("workspace_id", "step_run_id") REFERENCES "workspace"."step_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."hook_invocation" ADD CONSTRAINT "fk_hook_invocation_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."hook_invocation" ADD CONSTRAINT "fk_hook_invocation_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."hook_invocation_output_artifact" ADD CONSTRAINT "fk_hook_invocation_output_artifact_hook_invocation_id" FOREIGN KEY ("workspace_id", "hook_invocation_id") REFERENCES "workspace"."hook_invocation"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."hook_invocation_output_artifact" ADD CONSTRAINT "fk_hook_invocation_output_artifact_artifact_version_id" FOREIGN KEY ("workspace_id", "artifact_version_id") REFERENCES "workspace"."artifact_version"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_wait_condition" ADD CONSTRAINT "fk_run_wait_condition_run_id" FOREIGN KEY ("workspace_id", "run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_wait_condition" ADD CONSTRAINT "fk_run_wait_condition_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_wait_condition" ADD CONSTRAINT "fk_run_wait_condition_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."run_wait_condition" ADD CONSTRAINT "fk_run_wait_condition_resolved_by_user_id" FOREIGN KEY ("workspace_id", "resolved_by_user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("resolved_by_user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."logs" ADD CONSTRAINT "fk_logs_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."logs" ADD CONSTRAINT "fk_logs_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."logs" ADD CONSTRAINT "fk_logs_pipeline_run_id" FOREIGN KEY ("workspace_id", "pipeline_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."logs" ADD CONSTRAINT "fk_logs_step_run_id" FOREIGN KEY ("workspace_id", "step_run_id") REFERENCES "workspace"."step_run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."logs" ADD CONSTRAINT "fk_logs_artifact_store_id" FOREIGN KEY ("workspace_id", "artifact_store_id") REFERENCES "workspace"."stack_component"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."logs" ADD CONSTRAINT "fk_logs_log_store_id" FOREIGN KEY ("workspace_id", "log_store_id") REFERENCES "workspace"."stack_component"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."logs" ADD CONSTRAINT "fk_logs_hook_invocation_id" FOREIGN KEY ("workspace_id", "hook_invocation_id") REFERENCES "workspace"."hook_invocation"("workspace_id", "id") ON DELETE SET NULL ("hook_invocation_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."secret" ADD CONSTRAINT "fk_secret_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."secret_resource" ADD CONSTRAINT "fk_secret_resource_secret_id" FOREIGN KEY ("workspace_id", "secret_id") REFERENCES "workspace"."secret"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."api_transaction" ADD CONSTRAINT "fk_api_transaction_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."service" ADD CONSTRAINT "fk_service_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."service" ADD CONSTRAINT "fk_service_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."service" ADD CONSTRAINT "fk_service_model_version_id" FOREIGN KEY ("workspace_id", "model_version_id") REFERENCES "workspace"."model_version"("workspace_id", "id") ON DELETE SET NULL ("model_version_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."service" ADD CONSTRAINT "fk_service_pipeline_run_id" FOREIGN KEY ("workspace_id", "pipeline_run_id") REFERENCES "workspace"."pipeline_run"("workspace_id", "id") ON DELETE SET NULL ("pipeline_run_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."deployment" ADD CONSTRAINT "fk_deployment_project_id" FOREIGN KEY ("workspace_id", "project_id") REFERENCES "workspace"."project"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."deployment" ADD CONSTRAINT "fk_deployment_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."deployment" ADD CONSTRAINT "fk_deployment_snapshot_id" FOREIGN KEY ("workspace_id", "snapshot_id") REFERENCES "workspace"."pipeline_snapshot"("workspace_id", "id") ON DELETE SET NULL ("snapshot_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."deployment" ADD CONSTRAINT "fk_deployment_deployer_id" FOREIGN KEY ("workspace_id", "deployer_id") REFERENCES "workspace"."stack_component"("workspace_id", "id") ON DELETE SET NULL ("deployer_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."stack" ADD CONSTRAINT "fk_stack_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."stack_component" ADD CONSTRAINT "fk_stack_component_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."stack_component" ADD CONSTRAINT "fk_stack_component_connector_id" FOREIGN KEY ("workspace_id", "connector_id") REFERENCES "workspace"."service_connector"("workspace_id", "id") ON DELETE SET NULL ("connector_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."stack_composition" ADD CONSTRAINT "fk_stack_composition_stack_id" FOREIGN KEY ("workspace_id", "stack_id") REFERENCES "workspace"."stack"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."stack_composition" ADD CONSTRAINT "fk_stack_composition_component_id" FOREIGN KEY ("workspace_id", "component_id") REFERENCES "workspace"."stack_component"("workspace_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."flavor" ADD CONSTRAINT "fk_flavor_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "workspace"."service_connector" ADD CONSTRAINT "fk_service_connector_user_id" FOREIGN KEY ("workspace_id", "user_id") REFERENCES "workspace"."user"("workspace_id", "id") ON DELETE SET NULL ("user_id") ON UPDATE NO ACTION;

-- A stored step belongs to a snapshot or to a step run; the other column is null and must count as equal: see NULLS NOT DISTINCT above.

-- Public secrets share one namespace; private ones are unique per owner.
CREATE UNIQUE INDEX "unique_public_secret_name" ON "workspace"."secret"("workspace_id", "name") WHERE NOT "private";

ALTER TABLE "workspace"."run_wait_condition" ADD CONSTRAINT "check_resolved_has_resolution" CHECK ("status" <> 'resolved' OR "resolution" IS NOT NULL);

-- The roles that the applications take. Roles belong to the whole cluster, so another database may make them at the same moment.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['workspace_api', 'cloudapi'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      BEGIN
        EXECUTE format('GRANT %I TO CURRENT_USER', name);
      EXCEPTION WHEN insufficient_privilege OR internal_error THEN
        -- Somebody else made and granted the role, or is granting it right now.
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
          RAISE;
        END IF;
      END;
    END IF;
  END LOOP;
END
$$;

-- The workspace whose rows the session may see; null, and so no rows, when none was set. Inlined into every query.
CREATE FUNCTION "workspace"."current_workspace"() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.workspace_id', true), '')::uuid $$;

-- Times as the clients write them: six digits, or none when they are zero. STABLE like to_char: an IMMUTABLE one would not be inlined.
CREATE FUNCTION "workspace"."wire_time"(t timestamp) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT replace(to_char(t, 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '') $$;

-- Locks a table of this schema to its tenant. Every migration that adds a table calls it: SELECT workspace.protect_table('name');
CREATE FUNCTION "workspace"."protect_table"(name text) RETURNS void
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
END
$$;
REVOKE EXECUTE ON FUNCTION "workspace"."protect_table"(text) FROM PUBLIC;

GRANT USAGE ON SCHEMA "workspace" TO workspace_api;
SELECT "workspace"."protect_table"(tablename) FROM pg_tables WHERE schemaname = 'workspace';
