import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';

/** A setting is wrong; `rows` name each one. Printed as a table, and the process ends with 1. */
export class SettingsError extends Error {
  constructor(readonly rows: { name: string; problem: string }[]) {
    super(`Settings that cannot be used:\n${rows.map((row) => `  ${row.name.padEnd(28)} ${row.problem}`).join('\n')}`);
  }
}

/**
 * Reads settings from an environment by one schema. `NAME_FILE` names a file that holds the value, for secrets. Empty values count as unset.
 * @throws SettingsError
 */
export function readSettings<T extends z.ZodRawShape>(shape: T, env: Record<string, string | undefined>): z.infer<z.ZodObject<T>> {
  const given: Record<string, string> = {};
  const rows: { name: string; problem: string }[] = [];
  for (const name of Object.keys(shape)) {
    const file = env[`${name}_FILE`];
    if (env[name]) given[name] = env[name];
    else if (file) {
      try {
        given[name] = readFileSync(file, 'utf8').trim();
      } catch (error) {
        rows.push({ name: `${name}_FILE`, problem: `cannot be read: ${(error as Error).message}` });
      }
    }
  }
  const result = z.object(shape).safeParse(given);
  if (!result.success) rows.push(...result.error.issues.map((issue) => ({ name: issue.path.join('.'), problem: issue.message })));
  if (rows.length > 0 || !result.success) throw new SettingsError(rows);
  return result.data;
}

export const port = z.coerce.number().int().min(0).max(65_535);

/** Whose word counts for where a request comes from, as Fastify takes it: nobody's, everybody's, that of so many proxies, or of proxies at these addresses. */
export type TrustProxy = boolean | number | string[];

/** Ranges that have a name in Fastify. */
const namedRanges = ['loopback', 'linklocal', 'uniquelocal'];

/**
 * `off`, `on`, a number of proxies in front, or their addresses and networks separated by commas.
 * Off unless set: anybody can write an X-Forwarded-For, and with it escape the limits per address.
 * @throws Error
 */
export function parseTrustProxy(text: string | undefined): TrustProxy {
  const word = text?.trim().toLowerCase() ?? '';
  if (['', 'off', 'false', 'no', '0'].includes(word)) return false;
  if (['on', 'true', 'yes'].includes(word)) return true;
  if (/^\d{1,2}$/.test(word)) return Number(word);
  const ranges = word.split(',').map((range) => range.trim());
  const bad = ranges.find((range) => !isRange(range));
  if (bad !== undefined)
    throw new Error(`'${bad}' is neither on, off, a number of proxies, an address, a network such as 10.0.0.0/8, nor one of ${namedRanges.join(', ')}`);
  return ranges;
}

function isRange(text: string): boolean {
  if (namedRanges.includes(text)) return true;
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

/** A setting that a function reads; its errors are the setting's. */
export const parsed = <T>(parse: (text: string | undefined) => T) =>
  z
    .string()
    .optional()
    .transform((text, context): T => {
      try {
        return parse(text);
      } catch (error) {
        context.addIssue((error as Error).message);
        return z.NEVER;
      }
    });

/** An address that clients compare letter by letter, so a final slash is cut off. */
export const address = z.url().transform((url) => url.replace(/\/+$/, ''));
