import { randomUUID } from 'node:crypto';
import { randomHex } from '#libs/crypto/random.js';
import type { Runner, Tx } from '#libs/database/db.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import type { Caller } from '#libs/resource/caller.js';
import { Json } from '#libs/resource/json.js';
import { documentOf } from '#libs/resource/render.js';
import { allowed, type Render } from '#libs/resource/resource.js';
import type { ResourceStore } from '#libs/resource/store.js';
import { secret } from '../secrets/secret.js';
import type { Sealed, SecretVault } from '../secrets/secret-vault.js';
import type { CheckedConnector } from './connector.rules.js';
import { connectorType } from './connector-types.js';
import { serviceConnector } from './service-connector.js';

/** How many secrets of a page are opened at once; only stores outside make one wait. */
const atOnce = 10;

type Document = { body: { connector_type: unknown } | null; metadata: { configuration: Record<string, unknown> } | null };
export type FoundConnector = { document: Document; secret: Sealed | null; may: boolean };

/** How much of a connector is shown. Secrets are part of the metadata, so asking for them brings it along where there are any. */
export type Shown = { hydrate: boolean; expand_secrets: boolean };

export const everything: Shown = { hydrate: true, expand_secrets: true };

/** A connector's document with what is needed to put its secrets into it. */
export function connectorDocument(t: Sql, render: Render, shown: Shown): Sql {
  const x = render.alias();
  return Json.object({
    document: documentOf(serviceConnector, t, render, { metadata: shown.hydrate || shown.expand_secrets, resources: true }),
    secret: Json.nullable(
      sql`(SELECT ${Json.object({ id: sql`${x}.id`, values: sql`${x}.values` })} FROM workspace.secret ${x} WHERE ${x}.workspace_id = ${t}.workspace_id AND ${x}.id = ${t}.secret_id)`,
    ),
    may: allowed(serviceConnector, 'read_secret_value', t, render) ?? raw('true'),
  });
}

/** Types that the server knows are written out; secrets stand in the configuration for whoever may see them and asks. */
export async function expanded(vault: SecretVault, caller: Caller, found: FoundConnector, shown: Shown): Promise<Document> {
  const { document, secret: sealed, may } = found;
  if (document.body) document.body.connector_type = connectorType(document.body.connector_type as string) ?? document.body.connector_type;
  if (!shown.hydrate && !(shown.expand_secrets && sealed)) document.metadata = null;
  if (shown.expand_secrets && may && sealed && document.metadata) Object.assign(document.metadata.configuration, await vault.read(caller.workspaceId, sealed));
  return document;
}

export async function allExpanded(vault: SecretVault, caller: Caller, found: FoundConnector[], shown: Shown): Promise<Document[]> {
  const out: Document[] = [];
  for (let at = 0; at < found.length; at += atOnce)
    out.push(...(await Promise.all(found.slice(at, at + atOnce).map((one) => expanded(vault, caller, one, shown)))));
  return out;
}

/** A connector to be inserted: its secrets get an id of their own first, since their values may be written elsewhere before the rows. */
export type NewConnector = CheckedConnector & { id: string; secretId: string | null };

export function withSecretId(connector: CheckedConnector): NewConnector {
  return { ...connector, id: randomUUID(), secretId: Object.keys(connector.secrets ?? {}).length > 0 ? randomUUID() : null };
}

export async function insertConnector(
  store: ResourceStore,
  tx: Tx,
  caller: Caller,
  { id, columns, secretId }: NewConnector,
  values: string | null,
): Promise<void> {
  if (secretId) await insertSecret(store, tx, caller, secretId, columns.name as string, values);
  await store.insertRow(tx, caller, serviceConnector, { ...columns, id, user_id: caller.userId, secret_id: secretId });
}

/** The name is nobody's to see, but it shares the space of public names. */
export async function insertSecret(store: ResourceStore, tx: Runner, caller: Caller, id: string, connectorName: string, values: string | null): Promise<void> {
  const name = `connector-${connectorName.slice(0, 200).replace(/[^a-zA-Z0-9-]/g, '-')}-${randomHex(4)}`.toLowerCase();
  await store.insertRow(tx, caller, secret, { id, name, private: false, internal: true, values, user_id: caller.userId });
}
