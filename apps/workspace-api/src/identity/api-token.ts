import { Controller, Inject } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { NewWorkspaceToken, WorkspaceClaims } from '#libs/identity/workspace-token.js';
import { record } from '#libs/resource/audit.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { auth } from '#libs/wire/operations/auth.js';
import { Installation } from '../installation.js';

type Query = InputOf<typeof auth.api_token>['query'];

/** What a workload token can be tied to; it ends with it. */
type Workload = Pick<NewWorkspaceToken, 'schedule_id' | 'pipeline_run_id' | 'deployment_id'>;

type Found = {
  schedule_active: boolean | null;
  schedule_project: string | null;
  run_in_progress: boolean | null;
  run_project: string | null;
  run_root: string | null;
  run_readable: boolean | null;
  deployment_project: string | null;
};

const defaultLifetimeSeconds = 3_600;
const maxLifetimeSeconds = 7 * 86_400;

/** Tokens made from a token: short ones for scripts, and ones that live as long as a run, a schedule or a deployment. */
@Controller()
export class ApiTokenController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(auth.api_token, { guarded: 'the token it is made from; for a workload, reading the run and creating pipeline runs in its project' })
  async token(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof auth.api_token>) {
    if (!caller.token) throw new Problem('not_authorized', 'API tokens are made from an access token. Log in first; an API key alone does not do.');
    const claims = caller.token as WorkspaceClaims;
    return query.token_type === 'workload' ? this.#workload(caller, claims, query) : this.#generic(caller, claims, query);
  }

  async #generic(caller: Caller, claims: WorkspaceClaims, query: Query): Promise<string> {
    if (query.schedule_id || query.pipeline_run_id || query.deployment_id)
      throw new Problem('invalid', 'A generic API token cannot be scoped to a schedule, a pipeline run or a deployment. Ask for token_type=workload.');
    const lifetimeSeconds = query.expires_in || defaultLifetimeSeconds;
    if (lifetimeSeconds > maxLifetimeSeconds)
      throw new Problem('invalid', `Generic API tokens of this server live for at most ${maxLifetimeSeconds} seconds; got ${lifetimeSeconds}.`);
    const target = { type: 'user', id: caller.userId, name: caller.userName, projectId: null };
    await record(this.store.reader(caller), caller, 'api_token.create', target, { expires_in: lifetimeSeconds });
    return this.#sign(caller, claims, scopeOf(claims), lifetimeSeconds);
  }

  async #workload(caller: Caller, claims: WorkspaceClaims, query: Query): Promise<string> {
    const wanted: Workload = withoutNulls({
      schedule_id: query.schedule_id ?? claims.schedule_id,
      pipeline_run_id: query.pipeline_run_id ?? claims.pipeline_run_id,
      deployment_id: query.deployment_id ?? claims.deployment_id,
    });
    if (Object.keys(wanted).length === 0) throw new Problem('invalid', 'A workload token needs a schedule_id, a pipeline_run_id or a deployment_id.');
    for (const name of ['schedule_id', 'deployment_id'] as const) {
      if (claims[name] && wanted[name] !== claims[name])
        throw new Problem('not_authorized', `The token of this request is tied to ${name}=${claims[name]}; it cannot make one for ${wanted[name]}.`);
    }
    const found = await this.#find(caller, wanted);
    const projectId = projectOf(found, wanted, claims);
    caller.access.require('create', 'pipeline_run', { projectId });
    return this.#sign(caller, claims, wanted, null);
  }

  /** All that is named, in one statement. */
  async #find(caller: Caller, { schedule_id, pipeline_run_id, deployment_id }: Workload): Promise<Found> {
    const readable = caller.access.condition('read', 'pipeline_run', { id: sql`r.id`, userId: sql`r.user_id`, projectId: sql`r.project_id` }) ?? raw('true');
    const one = (select: Sql, table: Sql, id: string | undefined) =>
      id === undefined ? raw('NULL') : sql`(SELECT ${select} FROM ${table} WHERE r.workspace_id = ${caller.workspaceId} AND r.id = ${id})`;
    const schedule = (select: Sql) => one(select, raw('workspace.schedule r'), schedule_id);
    const run = (select: Sql) => one(select, raw('workspace.pipeline_run r'), pipeline_run_id);
    const [row] = await this.store.reader(caller).query<Found>(
      sql`SELECT ${schedule(raw('r.active'))}::bool AS schedule_active, ${schedule(raw('r.project_id'))}::uuid AS schedule_project,
            ${run(raw('r.in_progress'))}::bool AS run_in_progress, ${run(raw('r.project_id'))}::uuid AS run_project, ${run(raw('r.root_run_id'))}::uuid AS run_root, ${run(readable)}::bool AS run_readable,
            ${one(raw('r.project_id'), raw('workspace.deployment r'), deployment_id)}::uuid AS deployment_project`,
    );
    return row as Found;
  }

  /** Whatever ends the caller's own token (its key, device or session) ends the new one too. */
  #sign(caller: Caller, claims: WorkspaceClaims, scope: Workload, lifetimeSeconds: number | null): string {
    const bound = withoutNulls({
      api_key_id: claims.api_key_id,
      key_gen: claims.key_gen,
      device_id: claims.device_id,
      cloud_session_id: claims.cloud_session_id,
    });
    return this.installation.tokens.sign(caller.workspaceId, { sub: caller.userId, ...bound, ...scope }, { lifetimeSeconds }).token;
  }
}

/** The project of the last thing named, after checking that all of them exist and still go on. @throws Problem 400, 401, AccessDenied */
function projectOf(found: Found, wanted: Workload, claims: WorkspaceClaims): string {
  let projectId: string | null = null;
  if (wanted.schedule_id) {
    if (found.schedule_project === null) throw new Problem('invalid', `There is no schedule ${wanted.schedule_id} that a token could be made for.`);
    if (!found.schedule_active) throw new Problem('invalid', `The schedule ${wanted.schedule_id} is not active, so no token can be made for it.`);
    projectId = found.schedule_project;
  }
  if (wanted.pipeline_run_id) {
    if (found.run_project === null) throw new Problem('invalid', `There is no pipeline run ${wanted.pipeline_run_id} that a token could be made for.`);
    if (!found.run_readable) throw new AccessDenied('read', 'pipeline_run', wanted.pipeline_run_id);
    if (!found.run_in_progress) throw new Problem('invalid', `The pipeline run ${wanted.pipeline_run_id} is over, so no token can be made for it.`);
    // Child runs are orchestrated by the process of their root run, whose token is tied to the root.
    if (claims.pipeline_run_id && claims.pipeline_run_id !== wanted.pipeline_run_id && claims.pipeline_run_id !== found.run_root)
      throw new Problem(
        'not_authorized',
        `The token of this request is tied to the pipeline run ${claims.pipeline_run_id}; it cannot make one for another run.`,
      );
    projectId = found.run_project;
  }
  if (wanted.deployment_id) {
    if (found.deployment_project === null) throw new Problem('invalid', `There is no deployment ${wanted.deployment_id} that a token could be made for.`);
    projectId = found.deployment_project;
  }
  return projectId as string;
}

function scopeOf(claims: WorkspaceClaims): Workload {
  return withoutNulls({ schedule_id: claims.schedule_id, pipeline_run_id: claims.pipeline_run_id, deployment_id: claims.deployment_id });
}

function withoutNulls<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as never; // exactly the entries that are there
}
