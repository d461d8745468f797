import { z } from 'zod';
import { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { port, trustProxy } from '#libs/http/settings.js';
import { parseLimits } from '#libs/http/throttle.js';
import { parseQuotas } from './entitlements/default-quotas.js';

const limits = z
  .string()
  .optional()
  .transform((text, context) => {
    try {
      return parseLimits(text);
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  });

const quotas = z
  .string()
  .optional()
  .transform((text, context) => {
    try {
      return parseQuotas(text);
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  });

/** Settings of the control plane, as environment variables. The README's table documents each. */
export const cloudSettings = {
  CLOUDAPI_PORT: port.default(8080),
  WORKSPACE_API_PORT: port.default(8081),
  /** Clients compare it letter by letter, so a final slash is cut off. */
  CLOUDAPI_URL: z
    .url()
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  WORKSPACE_URL_TEMPLATE: z
    .string()
    .optional()
    .superRefine((text, context) => {
      try {
        if (text) new WorkspaceUrls(text);
      } catch (error) {
        context.addIssue((error as Error).message);
      }
    }),
  DATA_DIR: z.string().default('.data'),
  DATABASE_URL: z.string().optional(),
  MASTER_KEY: z.string().optional(),
  ADMIN_EMAIL: z.email().default('admin@example.com'),
  ADMIN_PASSWORD: z.string().min(1).max(1_024).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().min(3).max(320).default('control-plane@localhost'),
  /** How long a deleted workspace can be restored; a week. */
  WORKSPACE_GRACE_HOURS: z.coerce.number().min(0).max(87_600).default(168),
  /** Quotas of organizations that nobody set others for, such as project=10,pipeline=100. */
  DEFAULT_QUOTAS: quotas,
  /** A sign-in provider, kept up to date from here; more of them by the API. */
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_CLIENT_ID: z.string().min(1).max(255).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).max(1_024).optional(),
  OIDC_NAME: z.string().min(1).max(100).default('single sign-on'),
  /** Comma-separated; empty: addresses of all domains. */
  OIDC_EMAIL_DOMAINS: z.string().optional(),
  REDIS_URL: z.string().optional(),
  RATE_LIMIT: limits,
  TRUST_PROXY: trustProxy,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(500).default(10),
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

/** Nest's log levels for the configured one. Its own `log` lines list every route at start, so they come with `debug` only. */
export function logLevels(level: 'debug' | 'info' | 'warn' | 'error'): ('fatal' | 'error' | 'warn' | 'log' | 'debug')[] {
  if (level === 'error') return ['fatal', 'error'];
  return level === 'debug' ? ['fatal', 'error', 'warn', 'log', 'debug'] : ['fatal', 'error', 'warn'];
}
