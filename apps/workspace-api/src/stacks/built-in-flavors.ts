import { readFileSync } from 'node:fs';
import { repositoryFile } from '#libs/boot/repository.js';
import type { Runner } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';

/** Names, types and schemas of the flavors that a server knows from the start, exported from the installed package (tools/reference/export-data.mjs). */
const source = repositoryFile('apps/workspace-api/data/flavors.json');

let text: string | undefined;

/**
 * Inserts or refreshes the built-in flavors of a workspace; custom ones stay as they are. A new workspace shows names made of their ids until it is
 * synchronised for the first time, as the original does.
 */
export async function syncFlavors(runner: Runner, workspaceId: string, { isNew = false } = {}): Promise<void> {
  text ??= readFileSync(source, 'utf8');
  await runner.query(sql`
    INSERT INTO workspace.flavor (workspace_id, created, name, type, display_name, source, integration, config_schema, connector_type, connector_resource_type, connector_resource_id_attr, logo_url, docs_url, sdk_docs_url, is_custom)
    SELECT ${workspaceId}::uuid, (now() AT TIME ZONE 'utc') + f.place * interval '1 microsecond', f.name, f.type, ${isNew ? raw('NULL') : sql`f.display_name`}, f.source, f.integration, f.config_schema, f.connector_type, f.connector_resource_type, f.connector_resource_id_attr, f.logo_url, f.docs_url, f.sdk_docs_url, false
    FROM ROWS FROM (json_to_recordset(${text}::json) AS (name text, type text, display_name text, source text, integration text, config_schema json, connector_type text, connector_resource_type text, connector_resource_id_attr text, logo_url text, docs_url text, sdk_docs_url text))
      WITH ORDINALITY AS f(name, type, display_name, source, integration, config_schema, connector_type, connector_resource_type, connector_resource_id_attr, logo_url, docs_url, sdk_docs_url, place)
    ON CONFLICT (workspace_id, name, type) DO UPDATE SET
      display_name = excluded.display_name, source = excluded.source, integration = excluded.integration, config_schema = excluded.config_schema, connector_type = excluded.connector_type,
      connector_resource_type = excluded.connector_resource_type, connector_resource_id_attr = excluded.connector_resource_id_attr, logo_url = excluded.logo_url,
      docs_url = excluded.docs_url, sdk_docs_url = excluded.sdk_docs_url, updated = (now() AT TIME ZONE 'utc')
    WHERE NOT workspace.flavor.is_custom`);
}
