import { randomLetters } from '#libs/crypto/random.js';
import type { Tx } from '#libs/database/db.js';
import { identifier, sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { JsonText } from '#libs/http/reply.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertName } from '#libs/resource/name.js';
import type { ResourceStore } from '#libs/resource/store.js';
import type { ComponentInfo } from '#libs/wire/models/full-stack.js';
import type { StackRequest } from '#libs/wire/models/stack.js';
import { newConnector } from '../connectors/connector.rules.js';
import { insertConnector, type NewConnector, withSecretId } from '../connectors/connector-secrets.js';
import { connectorType } from '../connectors/connector-types.js';
import { serviceConnector } from '../connectors/service-connector.js';
import type { Installation } from '../installation.js';
import type { Columns } from '../secrets/secret-vault.js';
import { markOnboarding } from '../server/onboarding.js';
import { component, flavorOf } from './component.js';
import { componentConfiguration } from './component-configuration.rules.js';
import { linkSecrets } from './linked-secrets.js';
import { compose, stack } from './stack.js';
import { assertComplete, assertIndexes, connectorResource, needsLastingCredentials, newComponents, type OfferedConnector } from './stack.rules.js';

type Prepared = string | NewConnector;
type Offered = OfferedConnector & { id: string };

/** A stack with everything that is described in the request instead of named: connectors and components are made with it, or nothing is. */
export async function createStack(installation: Installation, store: ResourceStore, caller: Caller, body: StackRequest): Promise<JsonText> {
  assertComplete(body.components);
  assertIndexes(body);
  caller.access.require('create', 'stack');
  assertName('stack', body.name);
  if (body.service_connectors.some((entry) => typeof entry !== 'string')) caller.access.require('create', 'service_connector');
  if (newComponents(body.components).length > 0) caller.access.require('create', 'stack_component');

  const isLasting = body.service_connectors.length > 0 && needsLastingCredentials(await orchestratorFlavor(store, caller, body));
  const connectors = body.service_connectors.map((entry): Prepared => (typeof entry === 'string' ? entry : prepared(body, entry, isLasting)));
  const changes = connectors.flatMap((one) => (typeof one === 'string' || !one.secretId ? [] : [{ id: one.secretId, before: null, after: one.secrets }]));
  return installation.vault.around(caller.workspaceId, changes, (values) =>
    store.write(caller, async (tx) => {
      const offered: Offered[] = [];
      for (const one of connectors)
        offered.push(
          typeof one === 'string' ? await useConnector(store, tx, caller, one, isLasting) : await makeConnector(store, tx, caller, body, one, values),
        );
      const components: Record<string, string[]> = {};
      for (const [type, list] of Object.entries(body.components)) {
        const ids: string[] = [];
        for (const entry of list ?? []) ids.push(typeof entry === 'string' ? entry : await makeComponent(store, tx, caller, body, type, entry, offered));
        components[type] = ids;
      }
      const id = await store.insert(tx, caller, stack, { ...body, labels: body.labels ?? {} });
      const flavors = await compose(tx, caller, id, components);
      await linkSecrets(tx, caller, 'stack', id, { add: body.secrets });
      if (!['local', 'local_docker'].includes(flavors.orchestrator ?? 'local'))
        await markOnboarding(tx, caller.workspaceId, 'stack_with_remote_orchestrator_created');
      if ((flavors.artifact_store ?? 'local') !== 'local') await markOnboarding(tx, caller.workspaceId, 'stack_with_remote_artifact_store_created');
      return store.reply(caller, stack, id, tx);
    }),
  );
}

async function orchestratorFlavor(store: ResourceStore, caller: Caller, body: StackRequest): Promise<string> {
  const entry = body.components.orchestrator?.at(-1);
  if (typeof entry !== 'string') return entry?.flavor ?? '';
  const row = await store.row<{ flavor: string }>(store.reader(caller), caller, component, entry, 'read', { columns: ['flavor'] });
  return row.flavor;
}

function prepared(body: StackRequest, info: Exclude<StackRequest['service_connectors'][number], string>, isLasting: boolean): NewConnector {
  return withSecretId(
    newConnector({
      name: body.name,
      connector_type: info.type,
      auth_method: info.auth_method,
      description: '',
      resource_types: [],
      supports_instances: false,
      configuration: { ...info.configuration, generate_temporary_tokens: !isLasting },
      labels: Object.fromEntries(Object.entries(body.labels ?? {}).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)])),
    }),
  );
}

async function makeConnector(store: ResourceStore, tx: Tx, caller: Caller, body: StackRequest, connector: NewConnector, values: Columns): Promise<Offered> {
  const name = await freeName(tx, caller, 'service_connector', body.name);
  await insertConnector(store, tx, caller, { ...connector, columns: { ...connector.columns, name } }, values.get(connector.secretId as string) ?? null);
  return { ...(connector.columns as OfferedConnector), id: connector.id };
}

/** A connector that exists already; where its credentials must last, it gives out lasting ones from now on. */
async function useConnector(store: ResourceStore, tx: Tx, caller: Caller, id: string, isLasting: boolean): Promise<Offered> {
  type Row = {
    connector_type: string;
    auth_method: string;
    resource_types: string;
    resource_id: string | null;
    supports_instances: boolean;
    configuration: string | null;
  };
  const row = await store.row<Row>(tx, caller, serviceConnector, id, 'read', { lock: isLasting });
  const method = connectorType(row.connector_type)?.auth_methods.find((one) => one.auth_method === row.auth_method);
  const configuration = row.configuration ? (JSON.parse(row.configuration) as Record<string, unknown>) : {};
  const knowsTemporary = 'generate_temporary_tokens' in ((method?.config_schema.properties ?? {}) as object);
  if (isLasting && knowsTemporary && configuration.generate_temporary_tokens !== false) {
    await store.row(tx, caller, serviceConnector, id, 'update', { columns: ['id'] });
    await store.updateRow(tx, caller, serviceConnector, id, { configuration: { ...configuration, generate_temporary_tokens: false } });
  }
  return { ...row, id, resource_types: JSON.parse(row.resource_types) };
}

async function makeComponent(
  store: ResourceStore,
  tx: Tx,
  caller: Caller,
  body: StackRequest,
  type: string,
  info: ComponentInfo,
  offered: Offered[],
): Promise<string> {
  const [needs] = await tx.query<{ connectorType: string | null; resourceType: string | null; resourceIdAttribute: string | null }>(
    sql`SELECT connector_type AS "connectorType", connector_resource_type AS "resourceType", connector_resource_id_attr AS "resourceIdAttribute" FROM workspace.flavor
        WHERE workspace_id = ${caller.workspaceId} AND name = ${info.flavor} AND type = ${type}`,
  );
  if (!needs) throw new Problem('invalid', `There is no ${type} flavor named '${info.flavor}'.`);
  const configuration = componentConfiguration(await flavorOf(tx, caller, info.flavor, type), info.configuration);
  const connector = info.service_connector_index == null ? null : (offered[info.service_connector_index] as Offered);
  return store.insertRow(tx, caller, component, {
    name: await freeName(tx, caller, 'stack_component', body.name, type),
    type,
    flavor: info.flavor,
    configuration,
    labels: body.labels ?? {},
    user_id: caller.userId,
    connector_id: connector?.id ?? null,
    connector_resource_id: connector ? connectorResource({ flavor: info.flavor, ...needs }, connector, info) : null,
  });
}

/** What is made for a stack is called like it, or, where that name is taken, like it and four letters. */
async function freeName(tx: Tx, caller: Caller, table: 'service_connector' | 'stack_component', name: string, type: string | null = null): Promise<string> {
  const [taken] = await tx.query(
    sql`SELECT 1 FROM workspace.${identifier(table)} WHERE workspace_id = ${caller.workspaceId} AND name = ${name}${type === null ? sql`` : sql` AND type = ${type}`}`,
  );
  return taken ? `${name.slice(0, 250)}-${randomLetters('abcdefghijklmnopqrstuvwxyz', 4)}`.toLowerCase() : name;
}
