import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Configuration, Step } from './configuration.rules.js';
import { configurationSchema, configurationTemplate, type RunnableSnapshot, type SchemaParts } from './run-configuration.rules.js';

type Golden = {
  stored: { pipeline: Configuration; steps: Record<string, Step> };
  is_dynamic: boolean;
  stack: RunnableSnapshot['stack'];
  template: unknown;
  schema: unknown;
}[];

const read = (name: string) => JSON.parse(readFileSync(path.join(__dirname, '../../../..', name), 'utf8'));

/** Computed by the installed package: tools/reference/golden/run-configuration.py. */
const golden: Golden = read('test/golden/run-configuration.json');
const parts: SchemaParts = read('apps/workspace-api/data/run-configuration-schema.json');

describe('what can be set for a run of a snapshot', () => {
  const snapshots = golden.map((one) => ({
    ...one,
    snapshot: { isDynamic: one.is_dynamic, runNameTemplate: 'run-{date}', ...one.stored, stack: one.stack } satisfies RunnableSnapshot,
  }));

  it('is proposed as the original proposes it', () => {
    for (const { snapshot, template } of snapshots) expect(configurationTemplate(snapshot)).toEqual(template);
  });

  it('has the schema that the original gives it, but for prose', () => {
    for (const { snapshot, schema } of snapshots) expect(configurationSchema(snapshot, parts)).toEqual(schema);
  });
});
