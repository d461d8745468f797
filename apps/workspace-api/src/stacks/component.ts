import { Controller } from '@nestjs/common';
import type { Runner } from '#libs/database/db.js';
import { identifier, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertName } from '#libs/resource/name.js';
import { oneOf, orEmpty, toOne } from '#libs/resource/render.js';
import { type Expression, resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { ComponentFilter } from '#libs/wire/filters.js';
import { StackComponentType } from '#libs/wire/models/enums.js';
import type { InputOf } from '#libs/wire/operation.js';
import { stackComponents } from '#libs/wire/operations/stack-components.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { serviceConnector } from '../connectors/service-connector.js';
import { type ConfiguredFlavor, componentConfiguration, isSecretReference } from './component-configuration.rules.js';
import { flavor } from './flavor.js';
import { linkedSecrets, linkSecrets } from './linked-secrets.js';

/** A column of the flavor that a component belongs to by name and type. */
function ofFlavor(column: 'integration' | 'logo_url'): Expression {
  return (t) =>
    sql`(SELECT f.${identifier(column)} FROM workspace.flavor f WHERE f.workspace_id = ${t}.workspace_id AND f.name = ${t}.flavor AND f.type = ${t}.type)`;
}

/** Components whose default instance belongs to the default stack and stays as it is. */
const typesWithDefault = ['orchestrator', 'artifact_store', 'deployer'];
export const defaultName = 'default';

export const component = resource({
  name: 'component',
  table: 'stack_component',
  access: 'stack_component',
  body: { type: 'type', flavor_name: 'flavor', integration: ofFlavor('integration'), logo_url: ofFlavor('logo_url') },
  metadata: {
    configuration: 'configuration',
    environment: orEmpty('environment'),
    labels: 'labels',
    connector_resource_id: 'connector_resource_id',
    connector: toOne(() => serviceConnector, 'connector_id'),
    secrets: linkedSecrets('stack_component'),
  },
  resources: {
    flavor: (t, render) => {
      const f = render.alias();
      return oneOf(flavor, f, render, sql`${f}.workspace_id = ${t}.workspace_id AND ${f}.name = ${t}.flavor AND ${f}.type = ${t}.type`);
    },
  },
  filter: ComponentFilter,
  filters: {
    stack_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.stack_composition c WHERE c.workspace_id = ${t}.workspace_id AND c.component_id = ${t}.id AND ${predicate.on(sql`c.stack_id`, 'uuid')})`,
    scope_type: (predicate, t) => (predicate.value === '' ? null : predicate.on(sql`${t}.type`, 'str')),
  },
  hardFilters: ['scope_type'],
  references: { connector: { to: () => serviceConnector } },
  columns: { flavor: 'flavor', secrets: null, add_secrets: null, remove_secrets: null },
  conflict: ({ name, type }) => `There is already a ${type ?? 'stack'} component named '${name}'.`,
});

@Controller()
export class ComponentController {
  constructor(private readonly store: ResourceStore) {}

  @Operation([stackComponents.list_stack_components, workspaces.list_stack_components], { action: 'read', on: 'stack_component' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof stackComponents.list_stack_components>) {
    return this.store.list(caller, component, input);
  }

  @Operation(stackComponents.get_stack_component, { action: 'read', on: 'stack_component' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof stackComponents.get_stack_component>) {
    return this.store.get(caller, component, path.component_id, query);
  }

  @Operation([stackComponents.create_stack_component, workspaces.create_stack_component], { action: 'create', on: 'stack_component' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof stackComponents.create_stack_component>) {
    return this.store.write(caller, async (tx) => {
      caller.access.require('create', 'stack_component');
      assertNotReference(body.name);
      assertName('component', body.name);
      // References come next, so that a connector or secret that does not exist is what the caller hears of.
      await this.store.checkReferences(tx, caller, component, body);
      const configuration = componentConfiguration(await flavorOf(tx, caller, body.flavor, body.type), body.configuration);
      const id = await this.store.insert(tx, caller, component, { ...body, configuration });
      await linkSecrets(tx, caller, 'stack_component', id, { add: body.secrets });
      return this.store.reply(caller, component, id, tx);
    });
  }

  @Operation(stackComponents.update_stack_component, { action: 'update', on: 'stack_component' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof stackComponents.update_stack_component>) {
    return this.store.write(caller, async (tx) => {
      const id = path.component_id;
      const row = await this.store.row<{ name: string; type: string; flavor: string; configuration: string }>(tx, caller, component, id, 'update', {
        columns: ['name', 'type', 'flavor', 'configuration'],
        lock: true,
      });
      assertNotDefault(row, 'updated');
      assertNotReference(body.name);
      if (body.configuration === null) throw new Problem('unprocessable', 'The configuration of a component cannot be null. Send an empty one to clear it.');
      await this.store.checkReferences(tx, caller, component, body);
      // Clients resend the connector they want to keep; a request without one means: no connector.
      const connector = { connector_id: body.connector ?? null, connector_resource_id: body.connector ? (body.connector_resource_id ?? null) : null };
      const configuration = body.configuration
        ? componentConfiguration(await flavorOf(tx, caller, row.flavor, row.type), body.configuration, JSON.parse(row.configuration))
        : undefined;
      await this.store.updateFrom(tx, caller, component, id, { ...body, configuration }, connector);
      await linkSecrets(tx, caller, 'stack_component', id, { add: body.add_secrets, remove: body.remove_secrets });
      return this.store.reply(caller, component, id, tx);
    });
  }

  @Operation(stackComponents.deregister_stack_component, { action: 'delete', on: 'stack_component' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof stackComponents.deregister_stack_component>) {
    return this.store.delete(caller, component, path.component_id, async (tx, row) => {
      assertNotDefault(row as { name: string; type: string }, 'deleted');
      const [used] = await tx.query<{ name: string }>(
        sql`SELECT s.name FROM workspace.stack_composition c JOIN workspace.stack s ON s.workspace_id = c.workspace_id AND s.id = c.stack_id WHERE c.workspace_id = ${caller.workspaceId} AND c.component_id = ${row.id} LIMIT 1`,
      );
      if (used)
        throw new Problem(
          'forbidden',
          `The component '${row.name}' cannot be deleted because the stack '${used.name}' uses it. Remove it from all stacks first.`,
        );
      if (row.type === 'deployer') await assertManagesNothing(tx, caller, row as { id: string; name: string });
    });
  }

  @Operation(stackComponents.get_stack_component_types, { login: 'a fixed list of names' })
  types() {
    return StackComponentType.options;
  }
}

function assertNotDefault(row: { name: string; type: string }, what: string): void {
  if (row.name === defaultName && typesWithDefault.includes(row.type)) throw new Problem('forbidden', `The default ${row.type} cannot be ${what}.`);
}

/** @throws Problem 422 */
function assertNotReference(name: string | null | undefined): void {
  if (isSecretReference(name))
    throw new Problem('unprocessable', "1 validation error:\n  ('body', 'name'): The name of a component cannot be a reference to a secret.", {
      shape: 'validation',
    });
}

/** The flavor of that name and type with its schema. @throws Problem 404 */
export async function flavorOf(runner: Runner, caller: Caller, name: string, type: string): Promise<ConfiguredFlavor> {
  const [row] = await runner.query<{ is_custom: boolean; config_schema: string }>(
    sql`SELECT is_custom, config_schema FROM workspace.flavor WHERE workspace_id = ${caller.workspaceId} AND name = ${name} AND type = ${type}`,
  );
  if (!row) throw new Problem('not_found', `There is no ${type} flavor named '${name}'.`);
  return { name, type, isCustom: row.is_custom, schema: JSON.parse(row.config_schema) };
}

/** Without their deployer, deployments could never be taken down. @throws Problem 403 */
async function assertManagesNothing(runner: Runner, caller: Caller, { id, name }: { id: string; name: string }): Promise<void> {
  const [deployments] = await runner.query<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM workspace.deployment WHERE workspace_id = ${caller.workspaceId} AND deployer_id = ${id} AND status <> 'absent'`,
  );
  if (deployments?.count)
    throw new Problem(
      'forbidden',
      `The deployer '${name}' cannot be deleted while it manages ${deployments.count} deployments. Take them down or delete them first.`,
    );
}
