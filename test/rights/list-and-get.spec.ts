import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { attach } from '#apps/workspace-api/test/pro.js';
import { startWorkspace, type TestWorkspace, unique } from '#apps/workspace-api/test/workspace.js';
import { builtInRoles, type Level } from '#libs/access/roles.js';
import { actions, resourceTypes } from '#libs/access/vocabulary.js';
import { identifier, sql } from '#libs/database/sql.js';
import { tables } from '#libs/database/tables.js';
import type { ApiClient } from '#libs/testing/api-client.js';
import { makeWorld } from '../world.js';

/** Resource types by their tables and paths; those of projects are listed project by project. */
const kinds = [
  { type: 'project', table: 'project', path: '/projects', inProject: false },
  { type: 'stack', table: 'stack', path: '/stacks', inProject: false },
  { type: 'stack_component', table: 'stack_component', path: '/components', inProject: false },
  { type: 'service_connector', table: 'service_connector', path: '/service_connectors', inProject: false },
  { type: 'secret', table: 'secret', path: '/secrets', inProject: false },
  { type: 'pipeline', table: 'pipeline', path: '/pipelines', inProject: true },
  { type: 'pipeline_build', table: 'pipeline_build', path: '/pipeline_builds', inProject: true },
  { type: 'pipeline_run', table: 'pipeline_run', path: '/runs', inProject: true },
  { type: 'pipeline_run', table: 'step_run', path: '/steps', inProject: true },
  { type: 'run_template', table: 'run_template', path: '/run_templates', inProject: true },
  { type: 'schedule', table: 'schedule', path: '/schedules', inProject: true },
  { type: 'code_repository', table: 'code_repository', path: '/code_repositories', inProject: true },
  { type: 'model', table: 'model', path: '/models', inProject: true },
  { type: 'model_version', table: 'model_version', path: '/model_versions', inProject: true },
  { type: 'artifact', table: 'artifact', path: '/artifacts', inProject: true },
  { type: 'artifact_version', table: 'artifact_version', path: '/artifact_versions', inProject: true },
  { type: 'service', table: 'service', path: '/services', inProject: true },
  { type: 'trigger', table: 'trigger', path: '/triggers', inProject: true },
  { type: 'webhook', table: 'webhook', path: '/webhooks', inProject: true },
] as const;

const platform = { workspaceId: null, isPlatform: true };

type Via = 'person' | 'team';
type Grant = { level: Level; inFirst: boolean; via: Via; role: { name: string } | { permissions: { resource_type: string; actions: string[] }[] } };
type Pick = { kind: number; row: number };
type Holdings = { grants: Grant[]; shares: (Pick & { actions: string[]; via: Via })[]; owned: Pick[]; unowned: Pick[] };

const via = fc.constantFrom<Via>('person', 'team');
const pick = { kind: fc.nat(kinds.length - 1), row: fc.nat(100) };
const builtIn = fc.constantFrom(...builtInRoles).map(({ name, level }) => ({ level, role: { name } }));
const permission = fc.record({
  resource_type: fc.constantFrom('*', ...resourceTypes),
  actions: fc.uniqueArray(fc.constantFrom('*', ...actions), { minLength: 1, maxLength: 3 }),
});
const custom = fc.record({
  level: fc.constantFrom<Level>('organization', 'workspace', 'project'),
  role: fc.record({ permissions: fc.array(permission, { minLength: 1, maxLength: 4 }) }),
});
// Roles that allow everything make everything agree, so custom ones, which allow little, come more often.
const grant = fc.tuple(fc.oneof({ weight: 1, arbitrary: builtIn }, { weight: 2, arbitrary: custom }), fc.boolean(), via);
const holdings: fc.Arbitrary<Holdings> = fc.record({
  grants: fc.array(
    grant.map(([role, inFirst, through]): Grant => ({ ...role, inFirst, via: through })),
    { maxLength: 3 },
  ),
  shares: fc.array(fc.record({ ...pick, via, actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1, maxLength: 3 }) }), { maxLength: 4 }),
  owned: fc.array(fc.record(pick), { maxLength: 3 }),
  unowned: fc.array(fc.record(pick), { maxLength: 2 }),
});

describe('for whatever somebody holds', () => {
  let workspace: TestWorkspace;
  let organizationId: string;
  let adminId: string;
  let projects: [string, string];
  const rows = new Map<string, string[]>();

  beforeAll(async () => {
    workspace = await startWorkspace();
    const { api, projectId } = workspace;
    adminId = (await api.ok(api.get('/current-user'))).id;
    const second = await api.ok(api.post('/projects', { name: 'second' }));
    projects = [projectId, second.id];
    for (const [i, id] of projects.entries()) await makeWorld(api, id, `w${i}`);
    ({ organizationId } = await attach(workspace));
    for (const { table } of kinds) {
      const found = await inWorkspace<{ id: string }>(
        sql`SELECT id FROM ${identifier('workspace')}.${identifier(table)} WHERE workspace_id = ${workspace.id} ORDER BY created, id`,
      );
      rows.set(
        table,
        found.map(({ id }) => id),
      );
    }
  }, 60_000);
  afterAll(() => workspace?.stop());

  const inWorkspace = <T>(query: ReturnType<typeof sql>) => workspace.db.read<T>({ workspaceId: workspace.id }, query);
  const inCloud = (query: ReturnType<typeof sql>) => workspace.owner.read(platform, query);
  const picked = ({ kind, row }: Pick) => {
    const { type, table } = kinds[kind] as (typeof kinds)[number];
    const ids = rows.get(table) as string[];
    return { type, table, id: ids[row % ids.length] as string };
  };

  async function give(held: Holdings): Promise<ApiClient> {
    const [person, team, userId, name] = [randomUUID(), randomUUID(), randomUUID(), unique('person')];
    await inCloud(sql`INSERT INTO cloud."user" (id, username, email) VALUES (${person}, ${name}, ${`${name}@example.com`})`);
    await inCloud(sql`INSERT INTO cloud.team (organization_id, id, name) VALUES (${organizationId}, ${team}, ${name})`);
    await inCloud(sql`INSERT INTO cloud.team_member (organization_id, team_id, user_id) VALUES (${organizationId}, ${team}, ${person})`);
    const holder = (through: Via) => (through === 'person' ? { user: person, team: null } : { user: null, team });
    const given = new Set<string>();
    for (const { level, inFirst, via: through, role } of held.grants) {
      const roleId = 'name' in role ? null : randomUUID();
      if (!('name' in role))
        await inCloud(
          sql`INSERT INTO cloud.role (id, organization_id, name, level, permissions, system_managed) VALUES (${roleId}, ${organizationId}, ${unique('role')}, ${level}, ${JSON.stringify(role.permissions)}::json, false)`,
        );
      const { user, team: group } = holder(through);
      const project = level === 'project' ? projects[inFirst ? 0 : 1] : null;
      // Nobody holds a role twice in one place.
      const key = JSON.stringify([roleId ?? role, level, project, through]);
      if (given.has(key)) continue;
      given.add(key);
      const named = 'name' in role ? sql`name = ${role.name} AND level = ${level}` : sql`id = ${roleId}`;
      await inCloud(
        sql`INSERT INTO cloud.role_assignment (organization_id, workspace_id, project_id, role_id, user_id, team_id)
            SELECT ${organizationId}, ${level === 'organization' ? null : workspace.id}::uuid, ${project}::uuid, id, ${user}::uuid, ${group}::uuid FROM cloud.role WHERE organization_id = ${organizationId} AND ${named}`,
      );
    }
    for (const share of held.shares) {
      const { type, id } = picked(share);
      const { user, team: group } = holder(share.via);
      await inCloud(
        sql`INSERT INTO cloud.resource_member (organization_id, workspace_id, resource_type, resource_id, user_id, team_id, actions)
            VALUES (${organizationId}, ${workspace.id}, ${type}, ${id}, ${user}::uuid, ${group}::uuid, ${share.actions}::text[]) ON CONFLICT DO NOTHING`,
      );
    }
    await inWorkspace(
      sql`INSERT INTO workspace."user" (workspace_id, id, name, full_name, is_service_account, active, is_admin, external_user_id) VALUES (${workspace.id}, ${userId}, ${name}, '', false, true, false, ${person})`,
    );
    for (const one of held.unowned) await own(one, null);
    for (const one of held.owned) await own(one, userId);
    return workspace.api.as(workspace.installation.tokens.sign(workspace.id, { sub: userId }, { lifetimeSeconds: 3_600 }).token);
  }

  async function own(one: Pick, userId: string | null): Promise<void> {
    const { table, id } = picked(one);
    // Projects, and what hangs on runs, have no owner of their own.
    if (['project', 'step_run'].includes(table)) return;
    const { user_id: owner } = tables[table] as { user_id?: { nullable: boolean } };
    if (userId === null && !owner?.nullable) return;
    await inWorkspace(
      sql`UPDATE ${identifier('workspace')}.${identifier(table)} SET user_id = ${userId}::uuid WHERE workspace_id = ${workspace.id} AND id = ${id}`,
    );
  }

  async function takeBack({ owned, unowned }: Holdings): Promise<void> {
    for (const one of [...owned, ...unowned]) await own(one, adminId);
  }

  /** Ids that the list shows, and ids that can be got. */
  async function seenBy(api: ApiClient, { table, path, inProject }: (typeof kinds)[number]): Promise<[string[], string[]]> {
    const places = inProject ? projects.map((id) => `&project=${id}`) : [''];
    const pages = await Promise.all(places.map((place) => api.ok(api.get(`${path}?size=100${place}`))));
    const listed = pages.flatMap(({ items }) => items.map(({ id }: { id: string }) => id));
    const answers = await Promise.all((rows.get(table) as string[]).map(async (id) => ({ id, status: (await api.get(`${path}/${id}`)).status })));
    const odd = answers.find(({ status }) => ![200, 403, 404].includes(status));
    if (odd) throw new Error(`GET ${path}/${odd.id} answers ${odd.status}`);
    return [
      listed.sort(),
      answers
        .filter(({ status }) => status === 200)
        .map(({ id }) => id)
        .sort(),
    ];
  }

  it('lists show exactly what can be got one by one', async () => {
    let some = 0;
    let none = 0;
    await fc.assert(
      fc.asyncProperty(holdings, async (held) => {
        const api = await give(held);
        try {
          for (const kind of kinds) {
            const [listed, got] = await seenBy(api, kind);
            expect({ path: kind.path, ids: listed }).toEqual({ path: kind.path, ids: got });
            if (got.length > 0 && got.length < (rows.get(kind.table) as string[]).length) some += 1;
            if (got.length === 0) none += 1;
          }
        } finally {
          await takeBack(held);
        }
      }),
      { numRuns: 20 },
    );
    // Otherwise the grants were such that nothing was tried.
    expect([some, none].every((count) => count > 10)).toBe(true);
  }, 300_000);

  it('administrators see all of it, so that nothing is left out by chance', async () => {
    const api = await give({
      grants: [{ level: 'organization', inFirst: true, via: 'person', role: { name: 'Organization Admin' } }],
      shares: [],
      owned: [],
      unowned: [],
    });
    for (const kind of kinds.filter(({ table }) => table !== 'secret')) {
      const [listed, got] = await seenBy(api, kind);
      const all = [...(rows.get(kind.table) as string[])].sort();
      expect({ path: kind.path, listed, got }).toEqual({ path: kind.path, listed: all, got: all });
    }
  }, 60_000);
});
