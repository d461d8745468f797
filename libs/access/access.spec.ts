import fc from 'fast-check';
import { Db } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { Access, AccessDenied, type Grants } from './access.js';
import { builtInRoles, permissionsOf } from './roles.js';
import { actions, parseResourceName, projectTypes, resourceTypes } from './vocabulary.js';

const me = '00000000-0000-4000-8000-000000000001';
const other = '00000000-0000-4000-8000-000000000002';
const projects = ['10000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000002'];
const ids = Array.from({ length: 6 }, (_, i) => `20000000-0000-4000-8000-00000000000${i}`);

const grantsOf = fc.record({
  roles: fc.array(
    fc.record({
      projectId: fc.constantFrom(null, ...projects),
      permissions: fc.array(
        fc.record({ resource_type: fc.constantFrom('*' as const, ...resourceTypes), actions: fc.subarray([...actions, '*' as const], { minLength: 1 }) }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
  shares: fc.array(
    fc.record({
      type: fc.constantFrom(...resourceTypes),
      ids: fc.subarray([...ids], { minLength: 1 }),
      actions: fc.subarray([...actions], { minLength: 1 }),
    }),
    { maxLength: 4 },
  ),
});

describe('access', () => {
  let database: TestDatabase;
  let db: Db;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = new Db({ url: database.url, role: 'workspace_api', max: 2 });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it('lists exactly the rows that it allows one by one, for any grants', async () => {
    const rows = ids.map((id, i) => ({ id, user_id: [me, other, null][i % 3] as string | null, project_id: projects[i % 2] as string }));
    await fc.assert(
      fc.asyncProperty(grantsOf, fc.constantFrom(...actions), fc.constantFrom(...resourceTypes), async (grants, action, type) => {
        const access = Access.of(me, grants as Grants);
        const isInProject = (projectTypes as readonly string[]).includes(type);
        const one = rows
          .filter((row) => access.can(action, type, { id: row.id, userId: row.user_id, projectId: isInProject ? row.project_id : null }))
          .map((row) => row.id);
        const condition =
          access.condition(action, type, { id: sql`t.id`, userId: sql`t.user_id`, projectId: isInProject ? sql`t.project_id` : null }) ?? raw('true');
        const listed = await db.read<{ id: string }>(
          { workspaceId: null },
          sql`SELECT t.id FROM json_to_recordset(${JSON.stringify(rows)}::json) AS t(id uuid, user_id uuid, project_id uuid) WHERE ${condition} ORDER BY t.id`,
        );
        expect(listed.map((row) => row.id)).toEqual(one);
      }),
      { numRuns: 300 },
    );
  });

  it('lets the creator of a resource do everything with it, and lets nobody create by owning', () => {
    const access = Access.of(me, { roles: [], shares: [] });
    expect(access.can('delete', 'pipeline', { id: ids[0] as string, userId: me, projectId: projects[0] as string })).toBe(true);
    expect(access.can('delete', 'pipeline', { id: ids[0] as string, userId: other, projectId: projects[0] as string })).toBe(false);
    expect(access.can('create', 'pipeline', { projectId: projects[0] as string })).toBe(false);
  });

  it('never takes a type as a whole for an unowned row', () => {
    const access = Access.of(me, { roles: [], shares: [] });
    expect(access.can('read', 'stack')).toBe(false);
    expect(access.can('prune', 'artifact_version', { projectId: projects[0] as string })).toBe(false);
  });

  it('keeps a role in one project away from other projects and from what belongs to the workspace', () => {
    const permissions = permissionsOf({ level: 'project', name: 'Project Admin', permissions: null });
    const access = Access.of(me, { roles: [{ projectId: projects[0] as string, permissions }], shares: [] });
    expect(access.can('create', 'pipeline', { projectId: projects[0] as string })).toBe(true);
    expect(access.can('create', 'pipeline', { projectId: projects[1] as string })).toBe(false);
    expect(access.can('read', 'project', { id: projects[0] as string })).toBe(true);
    expect(access.can('read', 'project', { id: projects[1] as string })).toBe(false);
    expect(access.can('create', 'stack')).toBe(false);
  });

  it('says in the words of the original what is refused', () => {
    const access = Access.of(me, { roles: [], shares: [] });
    expect(() => access.require('create', 'secret')).toThrow(new AccessDenied('create', 'secret').message);
    expect(new AccessDenied('create', 'secret').message).toContain("Insufficient permissions to CREATE resource 'secret'");
  });

  it('gives every built-in role only actions and types that exist', () => {
    for (const role of builtInRoles)
      for (const permission of role.permissions)
        expect(permission.actions.every((action) => action === '*' || (actions as readonly string[]).includes(action))).toBe(true);
  });

  it('reads resource names with and without project and id', () => {
    expect(parseResourceName('stack')).toEqual({ type: 'stack', id: null, projectId: null });
    expect(parseResourceName(`${projects[0]}:pipeline/${ids[0]}`)).toEqual({ type: 'pipeline', id: ids[0], projectId: projects[0] });
  });
});
