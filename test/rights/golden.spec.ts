import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { attach } from '#apps/workspace-api/test/pro.js';
import { startWorkspace, type TestWorkspace, unique } from '#apps/workspace-api/test/workspace.js';
import { builtInRoles } from '#libs/access/roles.js';
import { repositoryFile } from '#libs/boot/repository.js';
import { sql } from '#libs/database/sql.js';
import { declaredOperations } from '#libs/http/application.js';
import type { Declared } from '#libs/http/operation.js';
import type { Answer, ApiClient } from '#libs/testing/api-client.js';
import { sampleOf, withName } from '../isolation/sample.js';
import { tableFor } from '../isolation/table-of.js';
import { makeWorld, type World } from '../world.js';
import { verdict } from './verdict.js';

const file = repositoryFile('test/rights/operation-by-role.json');
const methods = ['get', 'post', 'put', 'patch', 'delete'];
/** What would change the conditions of later questions in the same world. */
const skipped = new Set(['PUT /api/v1/secrets_operations/backup', 'PUT /api/v1/secrets_operations/restore', 'POST /api/v1/pipeline_snapshots/prune']);
const platform = { workspaceId: null, isPlatform: true };

const keyOf = ({ operation }: Declared) => `${operation.method.toUpperCase()} ${operation.path}`;

/**
 * Every operation of the workspace API asked by a member of every built-in role, with ids of what somebody else made. The table is committed, so a change of
 * rights is a visible line of a diff. `UPDATE_GOLDEN=1` writes it anew.
 */
describe('the table of operations and roles', () => {
  let workspace: TestWorkspace;
  const table: Record<string, Record<string, string>> = {};

  async function memberOf(role: (typeof builtInRoles)[number] | null, organizationId: string): Promise<ApiClient> {
    const [externalId, userId] = [randomUUID(), randomUUID()];
    const name = `member-${externalId.slice(0, 8)}`;
    await workspace.owner.read(platform, sql`INSERT INTO cloud."user" (id, username, email) VALUES (${externalId}, ${name}, ${`${name}@example.com`})`);
    if (role) {
      const at = { workspace: role.level === 'organization' ? null : workspace.id, project: role.level === 'project' ? workspace.projectId : null };
      await workspace.owner.read(
        platform,
        sql`INSERT INTO cloud.role_assignment (organization_id, workspace_id, project_id, role_id, user_id)
            SELECT ${organizationId}, ${at.workspace}::uuid, ${at.project}::uuid, id, ${externalId} FROM cloud.role WHERE organization_id = ${organizationId} AND name = ${role.name} AND level = ${role.level}`,
      );
    }
    await workspace.db.read(
      { workspaceId: workspace.id },
      sql`INSERT INTO workspace."user" (workspace_id, id, name, full_name, is_service_account, active, is_admin, external_user_id) VALUES (${workspace.id}, ${userId}, ${name}, '', false, true, false, ${externalId})`,
    );
    return workspace.api.as(workspace.installation.tokens.sign(workspace.id, { sub: userId }, { lifetimeSeconds: 3_600 }).token);
  }

  function ask(api: ApiClient, { operation }: Declared, world: World): Promise<Answer> {
    const id = (name: string) => world[tableFor(name, operation.path, world)] as string;
    const path = operation.path.replace(/^\/api\/v1/, '').replace(/\{(\w+)\}/g, (_, name: string) => id(name));
    const body =
      operation.body && operation.method !== 'get' && operation.bodyKind === 'json' ? withName(sampleOf(operation.body, id), unique('name')) : undefined;
    return api.send(operation.method.toUpperCase(), path, body);
  }

  beforeAll(async () => {
    workspace = await startWorkspace();
    const roles = [...builtInRoles, null];
    const worlds: World[] = [];
    for (const i of roles.keys()) worlds.push(await makeWorld(workspace.api, workspace.projectId, `r${i}`));
    const { organizationId } = await attach(workspace);
    const operations = declaredOperations(workspace.app)
      .filter((one) => !one.operation.public && one.operation.responseKind !== 'stream' && !skipped.has(keyOf(one)))
      .sort((a, b) => methods.indexOf(a.operation.method) - methods.indexOf(b.operation.method) || (keyOf(a) < keyOf(b) ? -1 : 1));
    for (const [i, role] of roles.entries()) {
      const api = await memberOf(role, organizationId);
      for (const declared of operations) (table[keyOf(declared)] ??= {})[role?.name ?? 'no role'] = verdict(await ask(api, declared, worlds[i] as World));
    }
  }, 600_000);
  afterAll(() => workspace?.stop());

  it('is the committed one', () => {
    const text = `${JSON.stringify(table, null, 1)}\n`;
    if (process.env.UPDATE_GOLDEN || !existsSync(file)) writeFileSync(file, text);
    expect(table).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });

  it('lets an organization admin do whatever any role may do', () => {
    const missing = Object.entries(table).filter(([, row]) => Object.values(row).includes('yes') && row['Organization Admin'] === 'denied');
    expect(missing).toEqual([]);
  });

  it('gives somebody without a role nothing that a grant decides', () => {
    const open = declaredOperations(workspace.app)
      .filter(({ operation, permission }) => 'action' in permission && operation.path.includes('{') && operation.method !== 'get')
      .map((one) => keyOf(one))
      .filter((key) => table[key]?.['no role'] === 'yes');
    expect(open).toEqual([]);
  });
});
