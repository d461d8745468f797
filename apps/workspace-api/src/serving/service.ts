import { Controller } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { toOne } from '#libs/resource/render.js';
import { type Resource, resource, resourceNamed } from '#libs/resource/resource.js';
import { projectOverride, ResourceStore } from '#libs/resource/store.js';
import { ServiceFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { services } from '#libs/wire/operations/services.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { project } from '../projects/project.js';

/** What a client recorded of a model server that it started. */
export const service: Resource = resource({
  name: 'service',
  table: 'service',
  access: 'service',
  body: { service_type: 'service_type', labels: 'labels', state: 'state' },
  metadata: {
    service_source: 'service_source',
    admin_state: (t) => sql`nullif(${t}.admin_state, '')`,
    config: 'config',
    status: 'status',
    endpoint: 'endpoint',
    prediction_url: (t) => sql`nullif(${t}.prediction_url, '')`,
    health_check_url: 'health_check_url',
  },
  resources: {
    model_version: toOne(() => resourceNamed('model version'), 'model_version_id'),
    pipeline_run: toOne(() => resourceNamed('pipeline run'), 'pipeline_run_id'),
  },
  filter: ServiceFilter,
  // Clients send these two, and the original takes them without effect.
  filters: { running: () => null, config: () => null },
  references: {
    pipeline_run_id: { to: () => resourceNamed('pipeline run'), inProject: true },
    model_version_id: { to: () => resourceNamed('model version'), inProject: true },
  },
  nullKeeps: ['name', 'admin_state', 'service_source', 'status', 'endpoint', 'prediction_url', 'health_check_url', 'labels', 'model_version_id'],
});

@Controller()
export class ServiceController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(services.list_services, { action: 'read', on: 'service' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof services.list_services>) {
    return this.store.list(caller, service, input);
  }

  @Operation(services.get_service, { action: 'read', on: 'service' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof services.get_service>) {
    return this.store.get(caller, service, path.service_id, query);
  }

  @Operation([services.create_service, workspaces.create_service], { action: 'create', on: 'service' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof services.create_service>) {
    const { body } = input;
    return this.store.write(caller, async (tx) => {
      const override = projectOverride(input);
      if (override) body.project = await this.store.idOf(tx, caller, project, override);
      // Before the search for the same service: who may not make one is not told what there is.
      caller.access.require('create', 'service', { projectId: body.project });
      const config = JSON.stringify(body.config);
      // Two clients that register the same server at once take turns here; documents have no unique index.
      await tx.query(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`service ${caller.workspaceId} ${config}`}, 0))`);
      const [same] = await tx.query<{ name: string }>(
        sql`SELECT name FROM workspace.service WHERE workspace_id = ${caller.workspaceId} AND config::text = ${config} LIMIT 1`,
      );
      if (same) throw new Problem('exists', `The service '${same.name}' has the same configuration.`);
      const id = await this.store.insert(tx, caller, service, { ...body, ...documents(body) }, derived(body));
      return this.store.reply(caller, service, id, tx);
    });
  }

  @Operation(services.update_service, { action: 'update', on: 'service' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof services.update_service>) {
    const { labels, status, endpoint, ...fields } = body;
    const sent = Object.fromEntries(Object.entries({ labels, status, endpoint }).filter(([, value]) => value !== undefined && value !== null));
    return this.store.update(caller, service, path.service_id, fields, { ...documents(sent), ...(status ? { state: stateOf(status) } : {}) });
  }

  @Operation(services.delete_service, { action: 'delete', on: 'service' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof services.delete_service>) {
    return this.store.delete(caller, service, path.service_id);
  }
}

/** Empty documents count as none. */
function documents(sent: { labels?: object | null; status?: object | null; endpoint?: object | null }): Record<string, unknown> {
  const given = Object.entries({ labels: sent.labels, status: sent.status, endpoint: sent.endpoint }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, value && Object.keys(value).length > 0 ? value : null]));
}

function textOf(value: unknown): string | null {
  return value === undefined || value === null ? null : String(value);
}

function stateOf(status: Record<string, unknown> | null | undefined): string | null {
  return textOf(status?.state);
}

/** What is looked up by, copied out of the documents. */
function derived(body: {
  service_type: { type: string; flavor: string };
  config: Record<string, unknown>;
  status?: Record<string, unknown> | null | undefined;
}) {
  return {
    type: body.service_type.type,
    flavor: body.service_type.flavor,
    state: stateOf(body.status),
    pipeline_name: textOf(body.config.pipeline_name),
    pipeline_step_name: textOf(body.config.pipeline_step_name),
  };
}
