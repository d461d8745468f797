import { z } from 'zod';
import { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { address, parsed, parseTrustProxy, port } from '#libs/http/settings.js';
import { parseLimits } from '#libs/http/throttle.js';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';

/** What both applications are told, as environment variables: where they answer, what they store in, and whom they trust. The README's table documents each. */
export const commonSettings = {
  WORKSPACE_API_PORT: port.default(8081),
  CLOUDAPI_URL: address.optional(),
  WORKSPACE_URL_TEMPLATE: parsed((text) => {
    if (text) new WorkspaceUrls(text);
    return text;
  }),
  DATA_DIR: z.string().default('.data'),
  DATABASE_URL: z.string().optional(),
  WORKERS: z.coerce.number().int().min(1).max(64).default(1),
  DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(500).default(10),
  /** Memory of each process for what reads have found; 0 switches that off. */
  KEPT_READS_MB: z.coerce.number().int().min(0).max(65_536).default(64),
  MASTER_KEY: z.string().optional(),
  REDIS_URL: z.string().optional(),
  RATE_LIMIT: parsed(parseLimits),
  TRUST_PROXY: parsed(parseTrustProxy),
  /** Networks, addresses and hosts beside the public internet that may be contacted: `10.0.0.0/8, minio.internal:9000, *.corp.example`. */
  OUTBOUND_ALLOW: parsed((text) => (text ? OutboundPolicy.parse(text) : undefined)),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
} as const;

type LogLevel = z.output<(typeof commonSettings)['LOG_LEVEL']>;

/** Nest's log levels for the configured one. Its own `log` lines list every route at start, so they come with `debug` only. */
export function logLevels(level: LogLevel): ('fatal' | 'error' | 'warn' | 'log' | 'debug')[] {
  if (level === 'error') return ['fatal', 'error'];
  return level === 'debug' ? ['fatal', 'error', 'warn', 'log', 'debug'] : ['fatal', 'error', 'warn'];
}
