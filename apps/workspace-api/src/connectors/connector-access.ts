import { Controller, Inject, Logger } from '@nestjs/common';
import type { Connector } from '#libs/connectors/connector.js';
import { ConnectorError } from '#libs/connectors/connector-error.js';
import { SUPPORTED_CONNECTOR_TYPES } from '#libs/connectors/provider.js';
import { type ConnectorResources, connectorClient, verifyConnector } from '#libs/connectors/verify.js';
import { raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { record } from '#libs/resource/audit.js';
import type { Caller } from '#libs/resource/caller.js';
import { documentOf } from '#libs/resource/render.js';
import { allowed, Render, tableOf } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { ServiceConnectorResponse } from '#libs/wire/models/service-connector.js';
import type { InputOf } from '#libs/wire/operation.js';
import { serviceConnectors } from '#libs/wire/operations/service-connectors.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { Installation } from '../installation.js';
import { component } from '../stacks/component.js';
import { connectorProblem, newConnector } from './connector.rules.js';
import { connectorDocument, everything, expanded, type FoundConnector } from './connector-secrets.js';
import { connectorType, typeName } from './connector-types.js';
import { fullStackChoices } from './full-stack.rules.js';
import { serviceConnector } from './service-connector.js';
import { connectorConditions } from './service-connector-controller.js';

/** Connectors asked at the same time when all resources are listed, and how many of them at most. */
const atOnce = 5;
const maxListed = 200;

type Scope = { resourceType?: string; resourceId?: string; listResources?: boolean };

/** What talks to clouds: whether a connector works, what it reaches, and credentials for one resource. */
@Controller()
export class ConnectorAccessController {
  readonly #log = new Logger('connectors');

  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(serviceConnectors.validate_and_verify_service_connector_config, { action: 'create', on: 'service_connector' })
  verifyNew(@CurrentCaller() caller: Caller, @Input() { body, query }: InputOf<typeof serviceConnectors.validate_and_verify_service_connector_config>) {
    caller.access.require('create', 'service_connector');
    const { columns, secrets } = newConnector(body);
    return this.#verify(typeName(body.connector_type), unsaved(columns, secrets), { listResources: query.list_resources });
  }

  @Operation(serviceConnectors.validate_and_verify_service_connector, { action: 'read', on: 'service_connector' })
  async verify(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof serviceConnectors.validate_and_verify_service_connector>) {
    const { type, connector } = await this.#load(caller, path.connector_id, ['read']);
    return this.#verify(type, connector, { ...scopeOf(query), listResources: query.list_resources });
  }

  @Operation(serviceConnectors.get_service_connector_client, { action: 'client', on: 'service_connector', also: 'read' })
  async client(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof serviceConnectors.get_service_connector_client>) {
    const { type, connector, document } = await this.#load(caller, path.connector_id, ['read', 'client']);
    const client = await this.#ask(() => connectorClient(this.#typeOf(type), connector, scopeOf(query), this.installation.connectorEnvironment));
    const now = new Date(this.installation.options.clock()).toISOString().slice(0, -1);
    const target = { type: 'service_connector', id: document.id, name: document.name, projectId: null };
    await record(this.store.reader(caller), caller, 'service_connector.client', target, { resource_type: query.resource_type, resource_id: query.resource_id });
    return {
      id: document.id,
      permission_denied: false,
      name: client.name,
      body: {
        created: now,
        updated: now,
        user_id: document.body?.user_id ?? null,
        description: document.body?.description ?? '',
        connector_type: connectorType(client.connectorType) ?? client.connectorType,
        auth_method: client.authMethod,
        resource_types: client.resourceTypes,
        resource_id: client.resourceId,
        supports_instances: client.supportsInstances,
        expires_at: client.expiresAt ? client.expiresAt.toISOString().slice(0, -1) : null,
        expires_skew_tolerance: client.expiresSkewToleranceSeconds,
      },
      metadata: { configuration: client.configuration, expiration_seconds: client.expirationSeconds, labels: document.metadata?.labels ?? {} },
      resources: document.resources,
    };
  }

  @Operation([serviceConnectors.list_service_connector_resources, workspaces.list_service_connector_resources], { action: 'read', on: 'service_connector' })
  async resources(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof serviceConnectors.list_service_connector_resources>) {
    const query = new URLSearchParams(input.rawQuery as URLSearchParams);
    const resourceType = query.getAll('resource_type').at(-1);
    const resourceId = query.getAll('resource_id').at(-1);
    // Ids of resources can be written in several ways, so each connector compares them itself.
    query.delete('resource_id');
    const page = (
      await this.store.list(
        caller,
        serviceConnector,
        { ...input, query: { hydrate: true }, rawQuery: query },
        { where: (t) => connectorConditions(t, input), document: (t, render) => connectorDocument(t, render, everything) },
      )
    ).parse() as { items: FoundConnector[] };
    const wanted = page.items.slice(0, maxListed);
    const listed: (object | null)[] = [];
    for (let at = 0; at < wanted.length; at += atOnce)
      listed.push(...(await Promise.all(wanted.slice(at, at + atOnce).map((found) => this.#listOne(caller, found, { resourceType, resourceId })))));
    return listed.filter((one) => one !== null);
  }

  @Operation(serviceConnectors.get_resources_based_on_service_connector_info, {
    action: 'read',
    on: 'service_connector',
    also: 'create for one that is not saved',
  })
  async fullStack(@CurrentCaller() caller: Caller, @Input() { body, query }: InputOf<typeof serviceConnectors.get_resources_based_on_service_connector_info>) {
    const id = query.connector_uuid;
    if ((body == null) === (id == null))
      throw new Problem('invalid', 'Give either a service connector in the body or the id of a saved one as connector_uuid.');
    let asked: { type: string; connector: Connector };
    if (body) {
      caller.access.require('create', 'service_connector');
      const plain = { name: 'new', description: '', resource_types: [], supports_instances: false, labels: {} };
      const { columns, secrets } = newConnector({ ...plain, connector_type: body.type, auth_method: body.auth_method, configuration: body.configuration });
      asked = { type: body.type, connector: unsaved(columns, secrets) };
    } else asked = await this.#load(caller, id as string, ['read']);
    const { resources } = await this.#verify(asked.type, asked.connector, {});
    return fullStackChoices(asked.type, resources, id ? await this.#connected(caller, id) : []);
  }

  /** One entry of the list of all resources; null for a connector that cannot say what it reaches. */
  async #listOne(caller: Caller, found: FoundConnector, { resourceType, resourceId }: Scope): Promise<object | null> {
    const stored = found.document as unknown as ServiceConnectorResponse;
    const type = stored.body?.connector_type as string;
    try {
      if (connectorType(type) && SUPPORTED_CONNECTOR_TYPES.includes(type)) {
        const connector = connectorOf(
          (await expanded(this.installation.vault, caller, { ...found, may: true }, everything)) as unknown as ServiceConnectorResponse,
        );
        return await this.#verify(type, connector, { resourceType, resourceId });
      }
    } catch (error) {
      this.#log.debug({ err: error, connector: stored.id }, 'the resources of a connector cannot be listed');
      return null;
    }
    if (resourceId && stored.body?.resource_id !== resourceId) return null;
    const ids = stored.body?.resource_id ? [stored.body.resource_id] : null;
    const error = ids ? null : `The service '${type}' connector type is not available.`;
    const types = resourceType ? [resourceType] : (stored.body?.resource_types ?? []);
    return {
      id: stored.id,
      name: stored.name,
      connector_type: connectorType(type) ?? type,
      resources: types.map((resource_type) => ({ resource_type, resource_ids: ids, error })),
      error: null,
    };
  }

  async #verify(type: string, connector: Connector, scope: Scope): Promise<ConnectorResources & { connector_type: unknown }> {
    const known = this.#typeOf(type);
    return { connector_type: known, ...(await this.#ask(() => verifyConnector(known, connector, scope, this.installation.connectorEnvironment))) };
  }

  /** @throws Problem 501 */
  #typeOf(name: string) {
    const type = connectorType(name);
    if (!type)
      throw new Problem(
        'not_implemented',
        `This server does not know service connectors of type '${name}', so it cannot use them. Clients that know the type can.`,
      );
    return type;
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof ConnectorError ? connectorProblem(error) : error;
    }
  }

  async #load(caller: Caller, id: string, actions: readonly ('read' | 'client')[]) {
    for (const action of actions.slice(1)) await this.store.row(this.store.reader(caller), caller, serviceConnector, id, action, { columns: ['id'] });
    const found = (
      await this.store.get(caller, serviceConnector, id, { document: (t, render) => connectorDocument(t, render, everything) })
    ).parse() as FoundConnector;
    const type = (found.document as unknown as ServiceConnectorResponse).body?.connector_type as string;
    // The secrets are used here and not shown.
    const document = (await expanded(this.installation.vault, caller, { ...found, may: true }, everything)) as unknown as ServiceConnectorResponse;
    return { type, document, connector: connectorOf(document) };
  }

  async #connected(caller: Caller, id: string): Promise<{ document: unknown; type: string; flavor: string }[]> {
    const render = new Render(caller);
    const t = render.alias();
    const rows = await this.store.reader(caller).query<{ document: string; type: string; flavor: string }>(
      sql`SELECT ${documentOf(component, t, render, { metadata: false, resources: true })} AS document, ${t}.type, ${t}.flavor FROM ${tableOf(component)} ${t}
          WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.connector_id = ${id} AND ${allowed(component, 'read', t, render) ?? raw('true')} ORDER BY ${t}.created, ${t}.id LIMIT ${maxListed}`,
    );
    return rows.map((row) => ({ ...row, document: JSON.parse(row.document) }));
  }
}

function scopeOf(query: { resource_type?: string | null; resource_id?: string | null }): Scope {
  return { ...(query.resource_type ? { resourceType: query.resource_type } : {}), ...(query.resource_id ? { resourceId: query.resource_id } : {}) };
}

function connectorOf({ id, name, body, metadata }: ServiceConnectorResponse): Connector {
  if (!body || !metadata) throw new Error('The connector is not hydrated.');
  return {
    id,
    name,
    authMethod: body.auth_method,
    resourceTypes: body.resource_types,
    resourceId: body.resource_id,
    expiresAt: body.expires_at ? new Date(`${body.expires_at}Z`) : null,
    expiresSkewToleranceSeconds: body.expires_skew_tolerance,
    expirationSeconds: metadata.expiration_seconds,
    configuration: metadata.configuration,
  };
}

function unsaved(columns: Record<string, unknown>, secrets: Record<string, string> | null): Connector {
  const expiresAt = columns.expires_at as string | null | undefined;
  return {
    authMethod: columns.auth_method as string,
    resourceTypes: columns.resource_types as string[],
    resourceId: columns.resource_id as string | null,
    expiresAt: expiresAt ? new Date(/Z$|[+-]\d\d:?\d\d$/.test(expiresAt) ? expiresAt : `${expiresAt}Z`) : null,
    expiresSkewToleranceSeconds: columns.expires_skew_tolerance as number | null,
    expirationSeconds: columns.expiration_seconds as number | null,
    configuration: { ...(columns.configuration as object | null), ...secrets },
  };
}
