import { z } from 'zod';
import { commonSettings } from '#libs/boot/settings.js';
import { address } from '#libs/http/settings.js';
import type { Limits } from '#libs/http/throttle.js';
import type { LocalOptions } from './installation.js';
import { operatorSettings } from './operator-settings.js';
import { workloadSettings } from './workloads/workload-settings.js';

const onOrOff = z.string().transform((text) => ['1', 'true', 'yes', 'on', 'y'].includes(text.toLowerCase()));
const flag = onOrOff.default(false);

/** Settings of the workspace API, as environment variables. The README's table documents each. */
export const workspaceSettings = {
  ...commonSettings,
  WORKSPACE_ID: z.uuid().optional(),
  DASHBOARD_DIR: z.string().optional(),
  ...workloadSettings,
  ...operatorSettings,
} as const;

/**
 * `local`: one workspace that stands alone. `pro`: the workspaces of a control plane, which is another process on the same database; both are then given
 * the same DATABASE_URL, MASTER_KEY, CLOUDAPI_URL and WORKSPACE_URL_TEMPLATE.
 */
export const modeSetting = { WORKSPACE_MODE: z.enum(['local', 'pro']).default('local') } as const;

const addressOrNone = z.union([z.literal(''), address]).default('');

/** What a stand-alone workspace understands besides, under the names of the original server. */
export const localSettings = {
  ZENML_SERVER_AUTO_ACTIVATE: flag,
  ZENML_DEFAULT_USER_NAME: z.string().default('default'),
  ZENML_DEFAULT_USER_PASSWORD: z.string().default(''),
  ZENML_DEFAULT_PROJECT_NAME: z.string().default('default'),
  ZENML_SERVER_JWT_TOKEN_EXPIRE_MINUTES: z.coerce.number().int().positive().optional(),
  ZENML_SERVER_ROOT_URL_PATH: z
    .string()
    .default('')
    .transform((path) => (/[^/]/.test(path) ? `/${path.replace(/^\/+|\/+$/g, '')}` : '')),
  ZENML_SERVER_SERVER_URL: addressOrNone,
  ZENML_SERVER_DASHBOARD_URL: addressOrNone,
  ZENML_SERVER_CORS_ALLOW_ORIGINS: z
    .string()
    .default('*')
    .transform((text) => text.split(',').map((origin) => origin.trim())),
  ZENML_SERVER_SERVER_NAME: z.string().default('default'),
  ZENML_SERVER_DEPLOYMENT_TYPE: z.string().default('other'),
  ZENML_SERVER_DEVICE_AUTH_TIMEOUT: z.coerce.number().int().positive().default(300),
  ZENML_SERVER_DEVICE_AUTH_POLLING_INTERVAL: z.coerce.number().int().positive().default(5),
  ZENML_SERVER_DEVICE_EXPIRATION_MINUTES: z.coerce.number().int().positive().optional(),
  ZENML_SERVER_TRUSTED_DEVICE_EXPIRATION_MINUTES: z.coerce.number().int().positive().optional(),
  ZENML_SERVER_RATE_LIMIT_ENABLED: onOrOff.optional(),
  ZENML_SERVER_LOGIN_RATE_LIMIT_MINUTE: z.coerce.number().int().positive().default(5),
  ZENML_SERVER_LOGIN_RATE_LIMIT_DAY: z.coerce.number().int().positive().default(1_000),
} as const;

type LocalSettings = z.output<z.ZodObject<typeof localSettings>>;

/** The settings of a stand-alone workspace as the code knows them. Guessing passwords is limited unless all limits are off. */
export function localOptions(settings: LocalSettings, limits: Limits): LocalOptions {
  const isLimited = settings.ZENML_SERVER_RATE_LIMIT_ENABLED ?? limits.signIn !== null;
  return {
    rootPath: settings.ZENML_SERVER_ROOT_URL_PATH,
    serverUrl: settings.ZENML_SERVER_SERVER_URL,
    dashboardUrl: settings.ZENML_SERVER_DASHBOARD_URL,
    deploymentType: settings.ZENML_SERVER_DEPLOYMENT_TYPE,
    corsOrigins: settings.ZENML_SERVER_CORS_ALLOW_ORIGINS,
    failedAttempts: isLimited ? { perMinute: settings.ZENML_SERVER_LOGIN_RATE_LIMIT_MINUTE, perDay: settings.ZENML_SERVER_LOGIN_RATE_LIMIT_DAY } : null,
    devices: {
      authTimeoutSeconds: settings.ZENML_SERVER_DEVICE_AUTH_TIMEOUT,
      pollSeconds: settings.ZENML_SERVER_DEVICE_AUTH_POLLING_INTERVAL,
      // As in the original: where tokens do not expire, approved devices do not either.
      minutes: settings.ZENML_SERVER_JWT_TOKEN_EXPIRE_MINUTES ? (settings.ZENML_SERVER_DEVICE_EXPIRATION_MINUTES ?? null) : null,
      trustedMinutes: settings.ZENML_SERVER_JWT_TOKEN_EXPIRE_MINUTES ? (settings.ZENML_SERVER_TRUSTED_DEVICE_EXPIRATION_MINUTES ?? null) : null,
    },
  };
}
