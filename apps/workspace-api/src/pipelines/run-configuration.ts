import { readFileSync } from 'node:fs';
import { repositoryFile } from '#libs/boot/repository.js';
import type { Runner } from '#libs/database/db.js';
import { type Sql, sql } from '#libs/database/sql.js';
import { JsonText } from '#libs/http/reply.js';
import { parseExact } from '#libs/json/exact.js';
import type { Caller } from '#libs/resource/caller.js';
import { configurationSchema, configurationTemplate, type SchemaParts } from './run-configuration.rules.js';

let parts: SchemaParts | undefined;

function schemaParts(): SchemaParts {
  parts ??= JSON.parse(readFileSync(repositoryFile('apps/workspace-api/data/run-configuration-schema.json'), 'utf8')) as SchemaParts;
  return parts;
}

type Row = { key: string; is_dynamic: boolean; run_name_template: string; pipeline: string; steps: string; stack: string };
type Document = { id: string; metadata: { config_template?: unknown; config_schema?: unknown } | null };

/** Where the documents' snapshots are: a FROM part with the snapshot as `s`, and the document's id. */
export type Source = { from: Sql; key: Sql };

export const ofSnapshots: Source = { from: sql`workspace.pipeline_snapshot s`, key: sql`s.id` };
export const ofTemplates: Source = {
  from: sql`workspace.run_template t JOIN workspace.pipeline_snapshot s ON s.workspace_id = t.workspace_id AND s.id = t.source_snapshot_id`,
  key: sql`t.id`,
};

/**
 * Documents (one, or a page) with what can be set for their runs, where the stack that the build was made for still exists. It depends on the
 * stack's components and is asked for rarely, so it is made on reading, with one statement for all documents.
 */
export async function withRunConfiguration(runner: Runner, caller: Caller, text: JsonText, source: Source): Promise<JsonText> {
  const parsed = text.parseExact() as Document | { items: Document[] };
  const documents = 'items' in parsed ? parsed.items : [parsed];
  const rows = await runner.query<Row>(
    sql`SELECT ${source.key} AS key, s.is_dynamic, s.run_name_template, s.pipeline_configuration AS pipeline, (SELECT coalesce(json_object_agg(c.name, c.config ORDER BY c.index), '{}'::json) FROM workspace.step_configuration c WHERE c.workspace_id = s.workspace_id AND c.snapshot_id = s.id) AS steps, (SELECT coalesce(json_agg(json_build_object('type', x.type, 'flavor', x.flavor, 'name', x.name) ORDER BY x.created, x.id), '[]'::json) FROM workspace.stack_composition m JOIN workspace.stack_component x ON x.workspace_id = m.workspace_id AND x.id = m.component_id WHERE m.workspace_id = b.workspace_id AND m.stack_id = b.stack_id) AS stack FROM ${source.from} JOIN workspace.pipeline_build b ON b.workspace_id = s.workspace_id AND b.id = s.build_id AND b.stack_id IS NOT NULL WHERE s.workspace_id = ${caller.workspaceId} AND ${source.key} = ANY(${documents.map(({ id }) => id)}::uuid[])`,
  );
  const found = new Map(rows.map((row) => [row.key, row]));
  for (const { id, metadata } of documents) {
    const row = found.get(id);
    if (!row || !metadata) continue;
    const { is_dynamic: isDynamic, run_name_template: runNameTemplate } = row;
    const snapshot = {
      isDynamic,
      runNameTemplate,
      pipeline: parseExact(row.pipeline) as never,
      steps: parseExact(row.steps) as never,
      stack: JSON.parse(row.stack),
    };
    metadata.config_template = configurationTemplate(snapshot);
    metadata.config_schema = configurationSchema(snapshot, schemaParts());
  }
  return JsonText.of(parsed);
}
