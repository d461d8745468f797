import { readFileSync } from 'node:fs';
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
