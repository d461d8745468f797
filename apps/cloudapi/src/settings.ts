import { z } from 'zod';
import { commonSettings } from '#libs/boot/settings.js';
import { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { parsed, port } from '#libs/http/settings.js';
import { parseQuotas } from './entitlements/default-quotas.js';

/** Settings of the control plane, as environment variables. The README's table documents each. */
export const cloudSettings = {
  ...commonSettings,
  CLOUDAPI_PORT: port.default(8080),
  ADMIN_EMAIL: z.email().default('admin@example.com'),
  ADMIN_PASSWORD: z.string().min(1).max(1_024).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().min(3).max(320).default('control-plane@localhost'),
  /** How long a deleted workspace can be restored; a week. */
  WORKSPACE_GRACE_HOURS: z.coerce.number().min(0).max(87_600).default(168),
  /** Quotas of organizations that nobody set others for, such as project=10,pipeline=100. */
  DEFAULT_QUOTAS: parsed(parseQuotas),
  /** A sign-in provider, kept up to date from here; more of them by the API. */
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_CLIENT_ID: z.string().min(1).max(255).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).max(1_024).optional(),
  OIDC_NAME: z.string().min(1).max(100).default('single sign-on'),
  /** Comma-separated; empty: addresses of all domains. */
  OIDC_EMAIL_DOMAINS: z.string().optional(),
} as const;

export function addressesOf(settings: {
  CLOUDAPI_PORT: number;
  WORKSPACE_API_PORT: number;
  CLOUDAPI_URL?: string | undefined;
  WORKSPACE_URL_TEMPLATE?: string | undefined;
}): { cloudUrl: string; urls: WorkspaceUrls } {
  return {
    cloudUrl: settings.CLOUDAPI_URL ?? `http://localhost:${settings.CLOUDAPI_PORT}`,
    urls: new WorkspaceUrls(settings.WORKSPACE_URL_TEMPLATE ?? `http://localhost:${settings.WORKSPACE_API_PORT}/w/{id8}`),
  };
}
