-- The tables of the control plane.
-- Generated from prisma/schema, then edited: five unique indexes take nulls as equal, and everything after the last ALTER TABLE is by hand.

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "cloud";

-- CreateTable
CREATE TABLE "cloud"."entitlement" (
    "organization_id" UUID NOT NULL,
    "feature" TEXT NOT NULL,
    "quota" BIGINT,
    "used" BIGINT NOT NULL DEFAULT 0,
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),

    CONSTRAINT "pk_entitlement" PRIMARY KEY ("organization_id","feature")
);

-- CreateTable
CREATE TABLE "cloud"."usage_event" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID,
    "feature" TEXT NOT NULL,
    "resource_id" UUID,
    "sign" SMALLINT NOT NULL,
    "total" INTEGER NOT NULL,
    "metadata" JSON NOT NULL DEFAULT '{}',

    CONSTRAINT "pk_usage_event" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."audit_event" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'::text),
    "organization_id" UUID,
    "workspace_id" UUID,
    "project_id" UUID,
    "actor_type" TEXT NOT NULL,
    "actor_id" UUID,
    "actor_name" TEXT,
    "credential_type" TEXT,
    "credential_id" UUID,
    "action" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "target_type" TEXT,
    "target_id" UUID,
    "target_name" TEXT,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "request_id" TEXT,
    "details" JSON NOT NULL DEFAULT '{}',

    CONSTRAINT "pk_audit_event" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."setting" (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),

    CONSTRAINT "pk_setting" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "cloud"."user" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID,
    "username" TEXT NOT NULL,
    "email" TEXT,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "name" TEXT,
    "description" TEXT,
    "is_service_account" BOOLEAN NOT NULL DEFAULT false,
    "is_superuser" BOOLEAN NOT NULL DEFAULT false,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "is_onboarded" BOOLEAN NOT NULL DEFAULT false,
    "password_hash" TEXT,
    "password_expired" BOOLEAN NOT NULL DEFAULT false,
    "password_changed_at" TIMESTAMP(6),
    "activation_hash" TEXT,
    "activation_expires" TIMESTAMP(6),
    "tokens_valid_from" TIMESTAMP(6),
    "last_login" TIMESTAMP(6),
    "avatar_url" TEXT,
    "company" TEXT,
    "job_title" TEXT,
    "metadata" JSON NOT NULL DEFAULT '{}',
    "oauth_provider" TEXT,
    "oauth_id" TEXT,
    "oidc_claims" JSON,

    CONSTRAINT "pk_user" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."api_key" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "user_id" UUID NOT NULL,
    "organization_id" UUID,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "hash" TEXT NOT NULL,
    "previous_hash" TEXT,
    "retain_until" TIMESTAMP(6),
    "retain_period_minutes" INTEGER NOT NULL DEFAULT 0,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "expires" TIMESTAMP(6),
    "last_login" TIMESTAMP(6),
    "last_rotated" TIMESTAMP(6),

    CONSTRAINT "pk_api_key" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."device" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "user_id" UUID,
    "client_id" UUID NOT NULL,
    "workspace_id" UUID,
    "name" TEXT,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "device_code_hash" TEXT,
    "user_code_hash" TEXT,
    "failed_attempts" INTEGER NOT NULL DEFAULT 0,
    "trusted_device" BOOLEAN NOT NULL DEFAULT false,
    "expires" TIMESTAMP(6),
    "last_polled" TIMESTAMP(6),
    "last_login" TIMESTAMP(6),
    "hostname" TEXT,
    "os" TEXT,
    "python_version" TEXT,
    "zenml_version" TEXT,
    "ip_address" TEXT,
    "city" TEXT,
    "region" TEXT,
    "country" TEXT,
    "metadata" JSON NOT NULL DEFAULT '{}',

    CONSTRAINT "pk_device" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."session" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "user_id" UUID NOT NULL,
    "last_seen" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "expires" TIMESTAMP(6) NOT NULL,
    "revoked" TIMESTAMP(6),
    "method" TEXT NOT NULL,
    "connection_id" UUID,
    "id_token" TEXT,
    "ip_address" TEXT,
    "user_agent" TEXT,

    CONSTRAINT "pk_session" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."oidc_connection" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID,
    "display_name" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "client_secret" TEXT,
    "scopes" TEXT NOT NULL DEFAULT 'openid email profile',
    "active" BOOLEAN NOT NULL DEFAULT true,
    "creates_users" BOOLEAN NOT NULL DEFAULT true,
    "email_domains" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "pk_oidc_connection" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."sign_in_failure" (
    "subject" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 0,
    "last" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),

    CONSTRAINT "pk_sign_in_failure" PRIMARY KEY ("subject")
);

-- CreateTable
CREATE TABLE "cloud"."role" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID,
    "project_id" UUID,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "level" TEXT NOT NULL,
    "system_managed" BOOLEAN NOT NULL DEFAULT false,
    "permissions" JSON,

    CONSTRAINT "pk_role" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."role_assignment" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "role_id" UUID NOT NULL,
    "user_id" UUID,
    "team_id" UUID,
    "invitation_id" UUID,
    "workspace_id" UUID,
    "project_id" UUID,
    "created_by" UUID,

    CONSTRAINT "pk_role_assignment" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."resource_member" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "project_id" UUID,
    "resource_type" TEXT NOT NULL,
    "resource_id" UUID NOT NULL,
    "user_id" UUID,
    "team_id" UUID,
    "actions" TEXT[],
    "shared_by" UUID,

    CONSTRAINT "pk_resource_member" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."organization" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "name" TEXT NOT NULL,
    "display_name" TEXT,
    "description" TEXT,
    "logo_url" TEXT,
    "owner_id" UUID,
    "trusted_domains" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "deleted" TIMESTAMP(6),

    CONSTRAINT "pk_organization" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."workspace" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "display_name" TEXT,
    "description" TEXT,
    "logo_url" TEXT,
    "owner_id" UUID,
    "workspace_type" TEXT NOT NULL DEFAULT 'zenml',
    "is_managed" BOOLEAN NOT NULL DEFAULT true,
    "identity_mode" TEXT NOT NULL DEFAULT 'pro',
    "status" TEXT NOT NULL DEFAULT 'not_initialized',
    "desired_state" TEXT NOT NULL DEFAULT 'available',
    "state_reason" TEXT NOT NULL DEFAULT '',
    "server_url" TEXT,
    "server_version" TEXT,
    "last_reported" TIMESTAMP(6),
    "configuration" JSON NOT NULL DEFAULT '{}',
    "deleted" TIMESTAMP(6),
    "purge_after" TIMESTAMP(6),

    CONSTRAINT "pk_workspace" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."workspace_data_key" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "wrapped" TEXT NOT NULL,

    CONSTRAINT "pk_workspace_data_key" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."enrollment_key" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "created_by" UUID,
    "expires" TIMESTAMP(6),
    "last_used" TIMESTAMP(6),

    CONSTRAINT "pk_enrollment_key" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."team" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,

    CONSTRAINT "pk_team" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."team_member" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "user_id" UUID,
    "invitation_id" UUID,

    CONSTRAINT "pk_team_member" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud"."invitation" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "updated" TIMESTAMP(6) NOT NULL DEFAULT (now() AT TIME ZONE 'utc'::text),
    "organization_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "invited_by" UUID,
    "expires" TIMESTAMP(6) NOT NULL,
    "accepted" TIMESTAMP(6),
    "accepted_by" UUID,
    "revoked" TIMESTAMP(6),

    CONSTRAINT "pk_invitation" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ix_usage_event_organization_id_created_id" ON "cloud"."usage_event"("organization_id", "created", "id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_usage_event" ON "cloud"."usage_event"("organization_id", "feature", "resource_id", "sign");

-- CreateIndex
CREATE INDEX "ix_audit_event_organization_id_created_id" ON "cloud"."audit_event"("organization_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_audit_event_actor_id_created" ON "cloud"."audit_event"("organization_id", "actor_id", "created");

-- CreateIndex
CREATE INDEX "ix_audit_event_target_id_created" ON "cloud"."audit_event"("organization_id", "target_id", "created");

-- CreateIndex
CREATE INDEX "ix_audit_event_workspace_id_created" ON "cloud"."audit_event"("organization_id", "workspace_id", "created");

-- CreateIndex
CREATE INDEX "ix_user_created_id" ON "cloud"."user"("created", "id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_user_username" ON "cloud"."user"("organization_id", "username") NULLS NOT DISTINCT;

-- CreateIndex
CREATE UNIQUE INDEX "unique_user_email" ON "cloud"."user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "unique_user_oauth" ON "cloud"."user"("oauth_provider", "oauth_id");

-- CreateIndex
CREATE INDEX "ix_api_key_organization_id_created_id" ON "cloud"."api_key"("organization_id", "created", "id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_api_key_name" ON "cloud"."api_key"("user_id", "name");

-- CreateIndex
CREATE INDEX "ix_device_user_id_created_id" ON "cloud"."device"("user_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_device_client_id" ON "cloud"."device"("client_id");

-- CreateIndex
CREATE INDEX "ix_device_status_expires" ON "cloud"."device"("status", "expires");

-- CreateIndex
CREATE INDEX "ix_device_workspace_id" ON "cloud"."device"("workspace_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_device_device_code" ON "cloud"."device"("device_code_hash");

-- CreateIndex
CREATE UNIQUE INDEX "unique_device_user_code" ON "cloud"."device"("user_code_hash");

-- CreateIndex
CREATE INDEX "ix_session_user_id_created_id" ON "cloud"."session"("user_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_session_connection_id" ON "cloud"."session"("connection_id");

-- CreateIndex
CREATE INDEX "ix_session_expires" ON "cloud"."session"("expires");

-- CreateIndex
CREATE INDEX "ix_oidc_connection_organization_id" ON "cloud"."oidc_connection"("organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_oidc_connection_issuer_client_id" ON "cloud"."oidc_connection"("issuer", "client_id");

-- CreateIndex
CREATE INDEX "ix_sign_in_failure_last" ON "cloud"."sign_in_failure"("last");

-- CreateIndex
CREATE INDEX "ix_role_workspace_id" ON "cloud"."role"("organization_id", "workspace_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_role_name" ON "cloud"."role"("organization_id", "level", "name", "workspace_id", "project_id") NULLS NOT DISTINCT;

-- CreateIndex
CREATE UNIQUE INDEX "unique_role_organization_id_id" ON "cloud"."role"("organization_id", "id");

-- CreateIndex
CREATE INDEX "ix_role_assignment_user_id" ON "cloud"."role_assignment"("user_id", "organization_id");

-- CreateIndex
CREATE INDEX "ix_role_assignment_team_id" ON "cloud"."role_assignment"("organization_id", "team_id");

-- CreateIndex
CREATE INDEX "ix_role_assignment_invitation_id" ON "cloud"."role_assignment"("organization_id", "invitation_id");

-- CreateIndex
CREATE INDEX "ix_role_assignment_workspace_id_project_id" ON "cloud"."role_assignment"("organization_id", "workspace_id", "project_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_role_assignment" ON "cloud"."role_assignment"("organization_id", "role_id", "user_id", "team_id", "invitation_id", "workspace_id", "project_id") NULLS NOT DISTINCT;

-- CreateIndex
CREATE INDEX "ix_resource_member_user_id" ON "cloud"."resource_member"("user_id", "workspace_id");

-- CreateIndex
CREATE INDEX "ix_resource_member_team_id" ON "cloud"."resource_member"("organization_id", "team_id", "workspace_id");

-- CreateIndex
CREATE INDEX "ix_resource_member_workspace_id_project_id" ON "cloud"."resource_member"("organization_id", "workspace_id", "project_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_resource_member" ON "cloud"."resource_member"("workspace_id", "resource_type", "resource_id", "user_id", "team_id") NULLS NOT DISTINCT;

-- CreateIndex
CREATE INDEX "ix_organization_owner_id" ON "cloud"."organization"("owner_id");

-- CreateIndex
CREATE INDEX "ix_organization_created_id" ON "cloud"."organization"("created", "id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_organization_name" ON "cloud"."organization"("name");

-- CreateIndex
CREATE INDEX "ix_workspace_organization_id_created_id" ON "cloud"."workspace"("organization_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_workspace_owner_id" ON "cloud"."workspace"("owner_id");

-- CreateIndex
CREATE INDEX "ix_workspace_purge_after" ON "cloud"."workspace"("purge_after");

-- CreateIndex
CREATE INDEX "ix_workspace_server_url" ON "cloud"."workspace"("server_url");

-- CreateIndex
CREATE UNIQUE INDEX "unique_workspace_name" ON "cloud"."workspace"("name");

-- CreateIndex
CREATE UNIQUE INDEX "unique_workspace_slug" ON "cloud"."workspace"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "unique_workspace_organization_id_id" ON "cloud"."workspace"("organization_id", "id");

-- CreateIndex
CREATE INDEX "ix_workspace_data_key_workspace_id_created" ON "cloud"."workspace_data_key"("organization_id", "workspace_id", "created");

-- CreateIndex
CREATE INDEX "ix_workspace_data_key_workspace_id" ON "cloud"."workspace_data_key"("workspace_id");

-- CreateIndex
CREATE INDEX "ix_enrollment_key_workspace_id_created" ON "cloud"."enrollment_key"("organization_id", "workspace_id", "created");

-- CreateIndex
CREATE UNIQUE INDEX "unique_team_name" ON "cloud"."team"("organization_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "unique_team_organization_id_id" ON "cloud"."team"("organization_id", "id");

-- CreateIndex
CREATE INDEX "ix_team_member_user_id" ON "cloud"."team_member"("user_id", "organization_id");

-- CreateIndex
CREATE INDEX "ix_team_member_invitation_id" ON "cloud"."team_member"("organization_id", "invitation_id");

-- CreateIndex
CREATE UNIQUE INDEX "unique_team_member" ON "cloud"."team_member"("organization_id", "team_id", "user_id", "invitation_id") NULLS NOT DISTINCT;

-- CreateIndex
CREATE INDEX "ix_invitation_organization_id_created_id" ON "cloud"."invitation"("organization_id", "created", "id");

-- CreateIndex
CREATE INDEX "ix_invitation_email" ON "cloud"."invitation"("email");

-- CreateIndex
CREATE UNIQUE INDEX "unique_invitation_organization_id_id" ON "cloud"."invitation"("organization_id", "id");

-- AddForeignKey
ALTER TABLE "cloud"."entitlement" ADD CONSTRAINT "fk_entitlement_organization_id" FOREIGN KEY ("organization_id") REFERENCES "cloud"."organization"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."user" ADD CONSTRAINT "fk_user_organization_id" FOREIGN KEY ("organization_id") REFERENCES "cloud"."organization"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."api_key" ADD CONSTRAINT "fk_api_key_user_id" FOREIGN KEY ("user_id") REFERENCES "cloud"."user"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."api_key" ADD CONSTRAINT "fk_api_key_organization_id" FOREIGN KEY ("organization_id") REFERENCES "cloud"."organization"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."device" ADD CONSTRAINT "fk_device_user_id" FOREIGN KEY ("user_id") REFERENCES "cloud"."user"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."device" ADD CONSTRAINT "fk_device_workspace_id" FOREIGN KEY ("workspace_id") REFERENCES "cloud"."workspace"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."session" ADD CONSTRAINT "fk_session_user_id" FOREIGN KEY ("user_id") REFERENCES "cloud"."user"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."session" ADD CONSTRAINT "fk_session_connection_id" FOREIGN KEY ("connection_id") REFERENCES "cloud"."oidc_connection"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."oidc_connection" ADD CONSTRAINT "fk_oidc_connection_organization_id" FOREIGN KEY ("organization_id") REFERENCES "cloud"."organization"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."role" ADD CONSTRAINT "fk_role_organization_id" FOREIGN KEY ("organization_id") REFERENCES "cloud"."organization"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."role" ADD CONSTRAINT "fk_role_workspace_id" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "cloud"."workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."role_assignment" ADD CONSTRAINT "fk_role_assignment_organization_id" FOREIGN KEY ("organization_id") REFERENCES "cloud"."organization"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."role_assignment" ADD CONSTRAINT "fk_role_assignment_role_id" FOREIGN KEY ("organization_id", "role_id") REFERENCES "cloud"."role"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."role_assignment" ADD CONSTRAINT "fk_role_assignment_user_id" FOREIGN KEY ("user_id") REFERENCES "cloud"."user"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."role_assignment" ADD CONSTRAINT "fk_role_assignment_team_id" FOREIGN KEY ("organization_id", "team_id") REFERENCES "cloud"."team"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."role_assignment" ADD CONSTRAINT "fk_role_assignment_invitation_id" FOREIGN KEY ("organization_id", "invitation_id") REFERENCES "cloud"."invitation"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."role_assignment" ADD CONSTRAINT "fk_role_assignment_workspace_id" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "cloud"."workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."resource_member" ADD CONSTRAINT "fk_resource_member_workspace_id" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "cloud"."workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."resource_member" ADD CONSTRAINT "fk_resource_member_user_id" FOREIGN KEY ("user_id") REFERENCES "cloud"."user"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."resource_member" ADD CONSTRAINT "fk_resource_member_team_id" FOREIGN KEY ("organization_id", "team_id") REFERENCES "cloud"."team"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."organization" ADD CONSTRAINT "fk_organization_owner_id" FOREIGN KEY ("owner_id") REFERENCES "cloud"."user"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."workspace" ADD CONSTRAINT "fk_workspace_organization_id" FOREIGN KEY ("organization_id") REFERENCES "cloud"."organization"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."workspace" ADD CONSTRAINT "fk_workspace_owner_id" FOREIGN KEY ("owner_id") REFERENCES "cloud"."user"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."workspace_data_key" ADD CONSTRAINT "fk_workspace_data_key_workspace_id" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "cloud"."workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."enrollment_key" ADD CONSTRAINT "fk_enrollment_key_workspace_id" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "cloud"."workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."team" ADD CONSTRAINT "fk_team_organization_id" FOREIGN KEY ("organization_id") REFERENCES "cloud"."organization"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."team_member" ADD CONSTRAINT "fk_team_member_team_id" FOREIGN KEY ("organization_id", "team_id") REFERENCES "cloud"."team"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."team_member" ADD CONSTRAINT "fk_team_member_user_id" FOREIGN KEY ("user_id") REFERENCES "cloud"."user"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."team_member" ADD CONSTRAINT "fk_team_member_invitation_id" FOREIGN KEY ("organization_id", "invitation_id") REFERENCES "cloud"."invitation"("organization_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "cloud"."invitation" ADD CONSTRAINT "fk_invitation_organization_id" FOREIGN KEY ("organization_id") REFERENCES "cloud"."organization"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- What the Prisma schema cannot say.
CREATE UNIQUE INDEX "unique_invitation_pending" ON "cloud"."invitation"("organization_id", "email") WHERE "accepted" IS NULL AND "revoked" IS NULL;

ALTER TABLE "cloud"."user"
  ADD CONSTRAINT "check_user_kind" CHECK ("is_service_account" = ("organization_id" IS NOT NULL)),
  ADD CONSTRAINT "check_user_service_account" CHECK (NOT "is_service_account" OR ("email" IS NULL AND "password_hash" IS NULL AND "oauth_id" IS NULL AND NOT "is_superuser")),
  ADD CONSTRAINT "check_user_email" CHECK ("email" = lower("email"));
ALTER TABLE "cloud"."invitation" ADD CONSTRAINT "check_invitation_email" CHECK ("email" = lower("email"));
ALTER TABLE "cloud"."device" ADD CONSTRAINT "check_device_status" CHECK ("status" IN ('pending', 'verified', 'active', 'locked'));
ALTER TABLE "cloud"."session" ADD CONSTRAINT "check_session_method" CHECK ("method" IN ('password', 'oidc'));
ALTER TABLE "cloud"."workspace"
  ADD CONSTRAINT "check_workspace_slug" CHECK ("slug" = left("id"::text, 8)),
  ADD CONSTRAINT "check_workspace_type" CHECK ("workspace_type" IN ('zenml', 'kitaru')),
  ADD CONSTRAINT "check_workspace_identity_mode" CHECK ("identity_mode" IN ('pro', 'local')),
  ADD CONSTRAINT "check_workspace_status" CHECK ("status" IN ('not_initialized', 'pending', 'available', 'failed', 'deactivated', 'deleted')),
  ADD CONSTRAINT "check_workspace_desired_state" CHECK ("desired_state" IN ('not_initialized', 'available', 'deactivated', 'deleted'));
ALTER TABLE "cloud"."team_member" ADD CONSTRAINT "check_team_member_holder" CHECK (num_nonnulls("user_id", "invitation_id") = 1);
ALTER TABLE "cloud"."role"
  ADD CONSTRAINT "check_role_level" CHECK ("level" IN ('organization', 'workspace', 'project')),
  ADD CONSTRAINT "check_role_permissions" CHECK ("system_managed" = ("permissions" IS NULL)),
  ADD CONSTRAINT "check_role_scope" CHECK ("project_id" IS NULL OR "workspace_id" IS NOT NULL);
ALTER TABLE "cloud"."role_assignment"
  ADD CONSTRAINT "check_role_assignment_holder" CHECK (num_nonnulls("user_id", "team_id", "invitation_id") = 1),
  ADD CONSTRAINT "check_role_assignment_scope" CHECK ("project_id" IS NULL OR "workspace_id" IS NOT NULL);
ALTER TABLE "cloud"."resource_member" ADD CONSTRAINT "check_resource_member_holder" CHECK (num_nonnulls("user_id", "team_id") = 1);
ALTER TABLE "cloud"."usage_event" ADD CONSTRAINT "check_usage_event_sign" CHECK ("sign" = sign("total") AND "total" <> 0);
ALTER TABLE "cloud"."audit_event"
  ADD CONSTRAINT "check_audit_event_actor_type" CHECK ("actor_type" IN ('user', 'service_account', 'workspace', 'anonymous', 'system')),
  ADD CONSTRAINT "check_audit_event_outcome" CHECK ("outcome" IN ('success', 'denied', 'failure'));

-- Whom the session works for. Unset means nobody, and so no rows. Inlined into every query.
CREATE FUNCTION "cloud"."current_organization"() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.organization_id', true), '')::uuid $$;

-- Work across organizations: signing in, a person's own organizations, devices and keys, and superusers.
CREATE FUNCTION "cloud"."is_platform"() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(current_setting('app.platform', true) = 'on', false) $$;

CREATE FUNCTION "cloud"."current_workspace"() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.workspace_id', true), '')::uuid $$;

-- A workspace server sees the organization that its workspace belongs to.
CREATE FUNCTION "cloud"."workspace_organization"() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT organization_id FROM cloud.workspace WHERE id = cloud.current_workspace() $$;

-- Locks a table to its tenant rule. Every migration that adds a table calls it. The rules:
--   organization  rows with organization_id, for that organization
--   itself        the organization's own row
--   people        rows without an organization, for everybody; others for their organization
--   platform      rows of persons and of the installation: no organization sees them
CREATE FUNCTION "cloud"."protect_table"(name text, rule text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  condition text := CASE rule
    WHEN 'organization' THEN 'organization_id = cloud.current_organization() OR cloud.is_platform()'
    WHEN 'itself' THEN 'id = cloud.current_organization() OR cloud.is_platform()'
    WHEN 'people' THEN 'organization_id IS NULL OR organization_id = cloud.current_organization() OR cloud.is_platform()'
    WHEN 'platform' THEN 'cloud.is_platform()'
  END;
BEGIN
  EXECUTE format('ALTER TABLE cloud.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('DROP POLICY IF EXISTS tenant ON cloud.%I', name);
  EXECUTE format('CREATE POLICY tenant ON cloud.%I TO cloudapi USING (%s) WITH CHECK (%s)', name, condition, condition);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON cloud.%I TO cloudapi', name);
END
$$;
REVOKE EXECUTE ON FUNCTION "cloud"."protect_table"(text, text) FROM PUBLIC;

GRANT USAGE ON SCHEMA "cloud" TO cloudapi, workspace_api;

SELECT "cloud"."protect_table"(name, 'organization') FROM unnest(ARRAY[
  'workspace', 'workspace_data_key', 'enrollment_key', 'team', 'team_member', 'invitation', 'role', 'role_assignment', 'resource_member',
  'entitlement', 'usage_event', 'audit_event', 'api_key', 'oidc_connection'
]) AS name;
SELECT "cloud"."protect_table"('organization', 'itself');
SELECT "cloud"."protect_table"('user', 'people');
SELECT "cloud"."protect_table"(name, 'platform') FROM unnest(ARRAY['device', 'session', 'sign_in_failure', 'setting']) AS name;

-- The audit log only grows.
REVOKE UPDATE, DELETE ON "cloud"."audit_event" FROM cloudapi;

-- What a workspace server may know and do: enough to tell who calls and what they may do in its workspace. It never sees passwords, codes,
-- invitations or enrollment keys. It finds workspaces by their URL before it works for one, so it sees all of them, but the keys of its own only.
CREATE POLICY workspace_server ON "cloud"."workspace" FOR SELECT TO workspace_api USING (true);
CREATE POLICY workspace_server_update ON "cloud"."workspace" FOR UPDATE TO workspace_api USING (id = cloud.current_workspace()) WITH CHECK (id = cloud.current_workspace());
GRANT SELECT, UPDATE ("status", "state_reason", "server_version", "last_reported", "updated") ON "cloud"."workspace" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."workspace_data_key" FOR SELECT TO workspace_api USING (workspace_id = cloud.current_workspace());
GRANT SELECT ON "cloud"."workspace_data_key" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."setting" FOR SELECT TO workspace_api USING (name = 'master_key_canary');
GRANT SELECT ON "cloud"."setting" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."organization" FOR SELECT TO workspace_api USING (id = (SELECT cloud.workspace_organization()));
GRANT SELECT ("id", "created", "updated", "name", "display_name", "description", "logo_url", "deleted") ON "cloud"."organization" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."user" FOR SELECT TO workspace_api USING (organization_id IS NULL OR organization_id = (SELECT cloud.workspace_organization()));
GRANT SELECT (
  "id", "created", "updated", "organization_id", "username", "email", "name", "description", "is_service_account", "is_superuser", "is_active",
  "tokens_valid_from", "password_changed_at", "last_login", "avatar_url", "company", "job_title", "metadata", "oidc_claims"
) ON "cloud"."user" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."api_key" TO workspace_api
  USING (organization_id IS NULL OR organization_id = (SELECT cloud.workspace_organization()))
  WITH CHECK (organization_id IS NULL OR organization_id = (SELECT cloud.workspace_organization()));
GRANT SELECT, UPDATE ("last_login", "updated") ON "cloud"."api_key" TO workspace_api;

-- Whether the device or session that a token came from still stands.
CREATE POLICY workspace_server ON "cloud"."device" TO workspace_api USING (status <> 'pending') WITH CHECK (status <> 'pending');
GRANT SELECT ("id", "user_id", "status", "trusted_device", "expires", "last_login"), UPDATE ("last_login", "updated") ON "cloud"."device" TO workspace_api;
CREATE POLICY workspace_server ON "cloud"."session" FOR SELECT TO workspace_api USING (true);
GRANT SELECT ("id", "user_id", "expires", "revoked") ON "cloud"."session" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."team" FOR SELECT TO workspace_api USING (organization_id = (SELECT cloud.workspace_organization()));
CREATE POLICY workspace_server ON "cloud"."team_member" FOR SELECT TO workspace_api USING (organization_id = (SELECT cloud.workspace_organization()));
CREATE POLICY workspace_server ON "cloud"."role" FOR SELECT TO workspace_api USING (organization_id = (SELECT cloud.workspace_organization()));
GRANT SELECT ON "cloud"."team", "cloud"."team_member", "cloud"."role" TO workspace_api;

-- The creator of a project gets its admin role; deleting a project or resource takes the grants on it along.
CREATE POLICY workspace_server ON "cloud"."role_assignment" FOR SELECT TO workspace_api
  USING (organization_id = (SELECT cloud.workspace_organization()) AND (workspace_id IS NULL OR workspace_id = cloud.current_workspace()));
CREATE POLICY workspace_server_insert ON "cloud"."role_assignment" FOR INSERT TO workspace_api
  WITH CHECK (organization_id = (SELECT cloud.workspace_organization()) AND workspace_id = cloud.current_workspace() AND project_id IS NOT NULL);
CREATE POLICY workspace_server_delete ON "cloud"."role_assignment" FOR DELETE TO workspace_api
  USING (organization_id = (SELECT cloud.workspace_organization()) AND workspace_id = cloud.current_workspace() AND project_id IS NOT NULL);
GRANT SELECT, INSERT, DELETE ON "cloud"."role_assignment" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."resource_member" TO workspace_api
  USING (workspace_id = cloud.current_workspace())
  WITH CHECK (workspace_id = cloud.current_workspace() AND organization_id = (SELECT cloud.workspace_organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON "cloud"."resource_member" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."entitlement" TO workspace_api
  USING (organization_id = (SELECT cloud.workspace_organization()))
  WITH CHECK (organization_id = (SELECT cloud.workspace_organization()));
GRANT SELECT, INSERT ("organization_id", "feature", "used", "updated"), UPDATE ("used", "updated") ON "cloud"."entitlement" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."usage_event" TO workspace_api
  USING (workspace_id = cloud.current_workspace())
  WITH CHECK (workspace_id = cloud.current_workspace() AND organization_id = (SELECT cloud.workspace_organization()));
GRANT SELECT, INSERT ON "cloud"."usage_event" TO workspace_api;

CREATE POLICY workspace_server ON "cloud"."audit_event" FOR INSERT TO workspace_api
  WITH CHECK (workspace_id = cloud.current_workspace() AND organization_id = (SELECT cloud.workspace_organization()));
GRANT INSERT ON "cloud"."audit_event" TO workspace_api;
