import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import type { Runner } from '#libs/database/db.js';
import { join, type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { record } from '#libs/resource/audit.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertNameFits } from '#libs/resource/name.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf, RawQuery } from '#libs/wire/operation.js';
import { serviceConnectors } from '#libs/wire/operations/service-connectors.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { Installation } from '../installation.js';
import type { Change, Sealed } from '../secrets/secret-vault.js';
import { assertMayChange, changedConnector, newConnector, parseLabels, type StoredConnector } from './connector.rules.js';
import {
  allExpanded,
  connectorDocument,
  everything,
  expanded,
  type FoundConnector,
  insertConnector,
  insertSecret,
  type Shown,
  withSecretId,
} from './connector-secrets.js';
import { serviceConnector } from './service-connector.js';

type Page = { items: FoundConnector[] };

@Controller()
export class ServiceConnectorController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation([serviceConnectors.list_service_connectors, workspaces.list_service_connectors], {
    action: 'read',
    on: 'service_connector',
    also: 'read_secret_value for secrets',
  })
  async list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof serviceConnectors.list_service_connectors>) {
    const page = (
      await this.store.list(caller, serviceConnector, input, {
        where: (t) => connectorConditions(t, input),
        document: (t, render) => connectorDocument(t, render, input.query),
      })
    ).parse() as Page;
    await this.#recordShown(caller, page.items, input.query);
    return { ...page, items: await allExpanded(this.installation.vault, caller, page.items, input.query) };
  }

  @Operation(serviceConnectors.get_service_connector, { action: 'read', on: 'service_connector', also: 'read_secret_value for secrets' })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof serviceConnectors.get_service_connector>) {
    const found = await this.#find(caller, path.connector_id, query, null);
    await this.#recordShown(caller, [found], query);
    return expanded(this.installation.vault, caller, found, query);
  }

  @Operation([serviceConnectors.create_service_connector, workspaces.create_service_connector], { action: 'create', on: 'service_connector' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof serviceConnectors.create_service_connector>) {
    caller.access.require('create', 'service_connector');
    const connector = withSecretId(newConnector(body));
    const changes: Change[] = connector.secretId ? [{ id: connector.secretId, before: null, after: connector.secrets }] : [];
    return this.installation.vault.around(caller.workspaceId, changes, (values) =>
      this.store.write(
        caller,
        async (tx) => {
          await insertConnector(this.store, tx, caller, connector, values.get(connector.secretId as string) ?? null);
          return this.#get(caller, connector.id, everything, tx);
        },
        { isSecret: true },
      ),
    );
  }

  @Operation(serviceConnectors.update_service_connector, { action: 'update', on: 'service_connector' })
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof serviceConnectors.update_service_connector>) {
    const id = path.connector_id;
    const { vault } = this.installation;
    const stored = await this.#stored(this.store.reader(caller), caller, id);
    if (stored.users > 0) assertMayChange(stored, body);
    const { columns, secrets } = changedConnector(stored, body);
    const hasSecrets = secrets !== null && Object.keys(secrets).length > 0;
    const secretId = secrets === null ? stored.secret_id : hasSecrets ? (stored.secret_id ?? randomUUID()) : null;
    const changes: Change[] = [];
    if (hasSecrets) changes.push({ id: secretId as string, before: stored.sealed && (await vault.read(caller.workspaceId, stored.sealed)), after: secrets });
    else if (secrets !== null && stored.secret_id) changes.push({ id: stored.secret_id, before: null, after: null });
    return vault.around(caller.workspaceId, changes, (values) =>
      this.store.write(
        caller,
        async (tx) => {
          const locked = await this.store.row<{ secret_id: string | null }>(tx, caller, serviceConnector, id, 'update', { columns: ['secret_id'], lock: true });
          // Somebody else gave it secrets, or took them away, since they were read.
          if (locked.secret_id !== stored.secret_id) throw new Problem('exists', 'The service connector was changed at the same time. Try again.');
          if (hasSecrets && stored.secret_id)
            await tx.query(
              sql`UPDATE workspace.secret SET "values" = ${values.get(stored.secret_id)}, updated = (now() AT TIME ZONE 'utc') WHERE workspace_id = ${caller.workspaceId} AND id = ${stored.secret_id}`,
            );
          else if (hasSecrets) await insertSecret(this.store, tx, caller, secretId as string, stored.name, values.get(secretId as string) ?? null);
          assertNameFits(columns.name);
          await this.store.updateRow(tx, caller, serviceConnector, id, { ...columns, secret_id: secretId });
          if (!secretId && stored.secret_id) await this.#deleteSecret(tx, caller, stored.secret_id);
          return this.#get(caller, id, everything, tx);
        },
        { isSecret: true },
      ),
    );
  }

  @Operation(serviceConnectors.delete_service_connector, { action: 'delete', on: 'service_connector' })
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof serviceConnectors.delete_service_connector>) {
    const { secret_id } = await this.store.row<{ secret_id: string | null }>(this.store.reader(caller), caller, serviceConnector, path.connector_id, 'delete');
    return this.installation.vault.around(caller.workspaceId, secret_id ? [{ id: secret_id, before: null, after: null }] : [], () =>
      this.store.delete(caller, serviceConnector, path.connector_id, async (tx, row) => {
        const [used] = await tx.query<{ count: number }>(
          sql`SELECT count(*)::int AS count FROM workspace.stack_component WHERE workspace_id = ${caller.workspaceId} AND connector_id = ${row.id}`,
        );
        if (used?.count)
          throw new Problem(
            'forbidden',
            `The service connector '${row.name}' cannot be deleted while ${used.count} stack components use it. Detach it from them first.`,
          );
        if (row.secret_id) await this.#deleteSecret(tx, caller, row.secret_id as string);
      }),
    );
  }

  async #get(caller: Caller, id: string, shown: Shown, runner: Runner) {
    return expanded(this.installation.vault, caller, await this.#find(caller, id, shown, runner), shown);
  }

  async #find(caller: Caller, id: string, shown: Shown, runner: Runner | null): Promise<FoundConnector> {
    const found = await this.store.get(caller, serviceConnector, id, { document: (t, render) => connectorDocument(t, render, shown) }, runner);
    return found.parse() as FoundConnector;
  }

  /** Nobody sees a secret without a trace: what cannot be recorded is not shown. */
  async #recordShown(caller: Caller, found: FoundConnector[], { expand_secrets }: Pick<Shown, 'expand_secrets'>): Promise<void> {
    const opened = expand_secrets
      ? found.filter(({ secret, may }) => secret && may).map(({ document }) => document as unknown as { id: string; name: string })
      : [];
    const [first] = opened;
    if (!first) return;
    const one = opened.length === 1 ? first : { id: null, name: null };
    const details = opened.length === 1 ? {} : { count: opened.length, ids: opened.slice(0, 100).map(({ id }) => id) };
    const target = { type: 'service_connector', id: one.id, name: one.name, projectId: null };
    await record(this.store.reader(caller), caller, 'service_connector.read_values', target, details);
  }

  async #stored(runner: Runner, caller: Caller, id: string) {
    const row = await this.store.row<Omit<StoredConnector, 'resource_types'> & { name: string; resource_types: string; secret_id: string | null }>(
      runner,
      caller,
      serviceConnector,
      id,
      'update',
    );
    const [more] = await runner.query<{ users: number; id: string | null; values: string | null }>(
      sql`SELECT (SELECT count(*)::int FROM workspace.stack_component c WHERE c.workspace_id = ${caller.workspaceId} AND c.connector_id = ${id}) AS users, s.id, s.values
          FROM (SELECT 1) one LEFT JOIN workspace.secret s ON s.workspace_id = ${caller.workspaceId} AND s.id = ${row.secret_id}::uuid`,
    );
    const sealed: Sealed | null = more?.id ? { id: more.id, values: more.values } : null;
    return { ...row, resource_types: JSON.parse(row.resource_types) as string[], users: more?.users ?? 0, sealed };
  }

  async #deleteSecret(tx: Runner, caller: Caller, id: string): Promise<void> {
    await tx.query(sql`DELETE FROM workspace.secret WHERE workspace_id = ${caller.workspaceId} AND id = ${id} AND internal`);
  }
}

/** What a list is narrowed by besides its filter: a type of resource, and labels in the query or, oddly, in the body. */
export function connectorConditions(t: Sql, input: { rawQuery: RawQuery; body?: Record<string, string | null> | null | undefined }): Sql {
  const query = input.rawQuery as URLSearchParams;
  const conditions = [sql`true`];
  const resourceType = query.getAll('resource_type').at(-1);
  if (resourceType) conditions.push(sql`${t}.resource_types::jsonb @> to_jsonb(${resourceType}::text)`);
  const text = query.getAll('labels_str').at(-1);
  const labels = Object.entries((text === undefined ? input.body : parseLabels(text)) ?? {});
  const given = Object.fromEntries(labels.filter(([, value]) => value !== null));
  if (labels.length > 0)
    conditions.push(
      sql`coalesce(${t}.labels::jsonb, '{}') @> ${JSON.stringify(given)}::jsonb AND coalesce(${t}.labels::jsonb, '{}') ?& ${labels.map(([key]) => key)}::text[]`,
    );
  return join(conditions, ' AND ');
}
