import { readFileSync } from 'node:fs';
import { Controller, Inject } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import { repositoryFile } from '#libs/boot/repository.js';
import { raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { WorkspaceClaims } from '#libs/identity/workspace-token.js';
import type { Caller } from '#libs/resource/caller.js';
import { documentOf, nested } from '#libs/resource/render.js';
import { allowed, Render, tableOf } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { StackDeploymentInfo } from '#libs/wire/models/stack-deployment.js';
import type { InputOf } from '#libs/wire/operation.js';
import { stacks } from '#libs/wire/operations/stacks.js';
import { serviceConnector } from '../connectors/service-connector.js';
import { Installation } from '../installation.js';
import { stack } from './stack.js';
import { deploymentConfig, deploymentKind } from './stack-deployment.rules.js';

/** As long as a deployment in a cloud may take until it registers its stack. */
const tokenLifetimeSeconds = 6 * 3_600;

let infos: Record<string, StackDeploymentInfo> | undefined;

/** The wizard that makes the resources of a stack in a cloud and registers them here. */
@Controller()
export class StackDeploymentController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(stacks.get_stack_deployment_info, { login: 'a fixed description' })
  info(@Input() { query }: InputOf<typeof stacks.get_stack_deployment_info>) {
    infos ??= JSON.parse(readFileSync(repositoryFile('apps/workspace-api/data/stack-deployments.json'), 'utf8')) as Record<string, StackDeploymentInfo>;
    return infos[query.provider];
  }

  @Operation(stacks.get_stack_deployment_config, { action: 'create', on: 'stack', also: 'create on service connectors and components' })
  config(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof stacks.get_stack_deployment_config>, @Http() { request }: HttpExchange) {
    for (const type of ['service_connector', 'stack_component', 'stack'] as const) caller.access.require('create', type);
    if (!caller.token)
      throw new Problem('not_authorized', 'A stack deployment gets a token made from an access token. Log in first; an API key alone does not do.');
    const { tokens } = this.installation;
    const { api_key_id, key_gen, device_id, cloud_session_id } = caller.token as WorkspaceClaims;
    // It ends with what the caller signed in with.
    const bound = Object.fromEntries(Object.entries({ api_key_id, key_gen, device_id, cloud_session_id }).filter(([, value]) => value != null));
    return deploymentConfig({
      provider: query.provider,
      stackName: query.stack_name,
      location: query.location ?? null,
      isTerraform: query.terraform,
      // A cloud cannot reach an address without encryption, or one that only this network knows, so neither is offered.
      serverUrl: this.installation.workspaceUrl(caller.workspaceId) || `https://${request.host}`,
      token: tokens.sign(caller.workspaceId, { sub: caller.userId, ...bound }, { lifetimeSeconds: tokenLifetimeSeconds }).token,
    });
  }

  /** The newest stack that such a deployment has registered since it began. Its name says nothing: people change it in the cloud's console. */
  @Operation(stacks.get_deployed_stack, { action: 'read', on: 'stack', also: 'read on its service connector' })
  async deployed(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof stacks.get_deployed_stack>) {
    const render = new Render(caller);
    const [t, c] = [render.alias(), render.alias()];
    const labels = JSON.stringify({ 'zenml:provider': query.provider, 'zenml:deployment': deploymentKind(query.provider, query.terraform) });
    const since = query.date_start ? sql` AND ${t}.created > date_trunc('second', ${query.date_start}::timestamp)` : raw('');
    const [row] = await this.store.reader(caller).query<{ stack: string; connector: string; stack_readable: boolean; connector_readable: boolean; id: string }>(
      sql`SELECT ${t}.id, ${documentOf(stack, t, render, { metadata: true, resources: true })} AS stack, ${nested(serviceConnector, c, render)} AS connector,
            ${allowed(stack, 'read', t, render) ?? raw('true')} AS stack_readable, ${allowed(serviceConnector, 'read', c, render) ?? raw('true')} AS connector_readable
          FROM ${tableOf(stack)} ${t}
          JOIN workspace.stack_composition l ON l.workspace_id = ${t}.workspace_id AND l.stack_id = ${t}.id AND l.default_for_type = 'orchestrator'
          JOIN workspace.stack_component o ON o.workspace_id = l.workspace_id AND o.id = l.component_id
          JOIN ${tableOf(serviceConnector)} ${c} ON ${c}.workspace_id = o.workspace_id AND ${c}.id = o.connector_id
          WHERE ${t}.workspace_id = ${caller.workspaceId} AND coalesce(${t}.labels::jsonb, '{}') @> ${labels}::jsonb${since}
          ORDER BY ${t}.created DESC, ${t}.id DESC LIMIT 1`,
    );
    if (!row) return null;
    if (!row.stack_readable || !row.connector_readable) throw new AccessDenied('read', row.stack_readable ? 'service_connector' : 'stack', row.id);
    return { stack: JSON.parse(row.stack), service_connector: JSON.parse(row.connector) };
  }
}
