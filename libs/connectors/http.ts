import { type GuardedFetchOptions, type GuardedResponse, guardedFetch } from '#libs/outbound/guarded-fetch.js';
import { OutboundError } from '#libs/outbound/outbound-error.js';
import type { ConnectorEnvironment } from './connector.js';
import { unauthorized } from './connector-error.js';

/** A request of a connector; what cannot be reached is `unauthorized`, as nothing can be had from there. */
export async function ask(environment: ConnectorEnvironment, url: string, options: GuardedFetchOptions = {}): Promise<GuardedResponse> {
  try {
    return await guardedFetch(url, {
      policy: environment.policy,
      timeoutMs: environment.timeoutMs ?? 15_000,
      maxBytes: 8 * 1024 * 1024,
      maxRedirects: 0,
      ...options,
    });
  } catch (error) {
    if (error instanceof OutboundError) throw unauthorized(error.message, error);
    throw error;
  }
}

/** A JSON body, or an empty object for anything else. */
export function jsonOf(answer: GuardedResponse): Record<string, unknown> {
  try {
    const value = answer.json();
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function get(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (current, key) => (current !== null && typeof current === 'object' ? (current as Record<string | number, unknown>)[key] : undefined),
    value,
  );
}

export function list(value: unknown, ...path: string[]): unknown[] {
  const found = get(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function texts(values: unknown[]): string[] {
  return values.filter((value): value is string => typeof value === 'string');
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
