import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { Db, type Tx } from './db.js';
import { databaseFault } from './errors.js';
import { identifier, join, raw, type Sql, sql } from './sql.js';

/** How each table of the schema `cloud` is kept apart; see protect_table in the migration 0002_cloud. A new table needs an entry here. */
const rules: Record<string, 'organization' | 'itself' | 'people' | 'platform'> = {
  api_key: 'organization',
  audit_event: 'organization',
  device: 'platform',
  enrollment_key: 'organization',
  entitlement: 'organization',
  invitation: 'organization',
  oidc_connection: 'organization',
  organization: 'itself',
  resource_member: 'organization',
  role: 'organization',
  role_assignment: 'organization',
  session: 'platform',
  setting: 'platform',
  sign_in_failure: 'platform',
  table_change: 'platform',
  team: 'organization',
  team_member: 'organization',
  usage_event: 'organization',
  user: 'people',
  workspace: 'organization',
  workspace_data_key: 'organization',
};

const own = '(organization_id = current_organization())';
const conditions = {
  organization: `(${own} OR is_platform())`,
  itself: '((id = current_organization()) OR is_platform())',
  people: `((organization_id IS NULL) OR ${own} OR is_platform())`,
  platform: 'is_platform()',
};

/** References that do not carry organization_id, because what they lead to belongs to no organization or to a person. */
const freeReferences = /_(user_id|owner_id|organization_id)$|^fk_device_workspace_id$|^fk_session_connection_id$/;

type Who = { organization?: string; platform?: boolean; workspace?: string };

const [mine, theirs, ada, bot] = [1, 2, 3, 4].map((n) => `${`${n}`.repeat(8)}-1111-4111-8111-111111111111`) as [string, string, string, string];
const [myWorkspace, otherWorkspace, theirWorkspace] = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].map((slug) => `${slug}-1111-4111-8111-111111111111`) as [
  string,
  string,
  string,
];
const everyone: Who = { platform: true };

let database: TestDatabase;
let owner: Db;
let cloudapi: Db;
let workspaceApi: Db;

function as<T>(db: Db, who: Who, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.tx({ workspaceId: who.workspace ?? null }, async (tx) => {
    await tx.query(
      sql`SELECT set_config('app.organization_id', ${who.organization ?? ''}, true), set_config('app.platform', ${who.platform ? 'on' : ''}, true)`,
    );
    return work(tx);
  });
}

const ask = <T = Record<string, unknown>>(db: Db, who: Who, query: Sql) => as(db, who, (tx) => tx.query<T>(query));
const catalogue = <T>(text: string) => owner.read<T>({ workspaceId: null }, raw(text));

async function insert(db: Db, who: Who, table: string, row: Record<string, unknown>): Promise<string> {
  const columns = join(Object.keys(row).map((name) => identifier(name)));
  await ask(db, who, sql`INSERT INTO ${identifier('cloud', table)} (${columns}) VALUES (${join(Object.values(row))})`);
  return row.id as string;
}

const id = (n: number) => `${String(n).padStart(8, '0')}-1111-4111-8111-111111111111`;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new Db({ url: database.url, role: 'postgres' as 'cloudapi' /* only tests connect as the owner */ });
  cloudapi = new Db({ url: database.url, role: 'cloudapi' });
  workspaceApi = new Db({ url: database.url, role: 'workspace_api' });
  for (const [organization, name] of [
    [mine, 'mine'],
    [theirs, 'theirs'],
  ]) {
    await insert(cloudapi, everyone, 'organization', { id: organization, name });
    await insert(cloudapi, everyone, 'user', {
      id: organization === mine ? bot : id(4),
      organization_id: organization,
      username: 'ci',
      is_service_account: true,
    });
    await insert(cloudapi, everyone, 'role', {
      id: organization === mine ? id(10) : id(20),
      organization_id: organization,
      name: 'Organization Admin',
      level: 'organization',
      system_managed: true,
    });
    await insert(cloudapi, everyone, 'team', { id: organization === mine ? id(11) : id(21), organization_id: organization, name: 'ops' });
  }
  for (const [workspace, organization] of [
    [myWorkspace, mine],
    [otherWorkspace, mine],
    [theirWorkspace, theirs],
  ] as const) {
    await insert(cloudapi, everyone, 'workspace', { id: workspace, organization_id: organization, slug: workspace.slice(0, 8), name: workspace.slice(0, 8) });
    await insert(cloudapi, everyone, 'workspace_data_key', { organization_id: organization, workspace_id: workspace, wrapped: 'x' });
  }
  await insert(cloudapi, everyone, 'user', { id: ada, username: 'ada', email: 'ada@example.com', password_hash: 'x' });
  await insert(cloudapi, everyone, 'api_key', { id: id(30), user_id: bot, organization_id: mine, name: 'key', hash: 'x' });
  await insert(cloudapi, everyone, 'api_key', { id: id(31), user_id: id(4), organization_id: theirs, name: 'key', hash: 'x' });
  await insert(cloudapi, everyone, 'api_key', { id: id(32), user_id: ada, name: 'key', hash: 'x' });
  await insert(cloudapi, everyone, 'role_assignment', { organization_id: mine, role_id: id(10), user_id: ada });
  await insert(cloudapi, everyone, 'role_assignment', { organization_id: theirs, role_id: id(20), user_id: ada });
  await insert(cloudapi, everyone, 'role_assignment', { organization_id: mine, role_id: id(10), team_id: id(11), workspace_id: otherWorkspace });
  await insert(cloudapi, everyone, 'device', { id: id(40), client_id: id(41), user_id: ada, status: 'active', device_code_hash: 'x' });
});

afterAll(async () => {
  await Promise.all([owner?.close(), cloudapi?.close(), workspaceApi?.close()]);
  await database?.drop();
});

describe('every table of the schema cloud', () => {
  it('has forced row-level security by its tenant rule', async () => {
    const rows = await catalogue<{ name: string; isProtected: boolean; using: string; check: string }>(`
      SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS "isProtected", pg_get_expr(p.polqual, c.oid) AS using, pg_get_expr(p.polwithcheck, c.oid) AS check
      FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polcmd = '*' AND p.polpermissive AND 'cloudapi'::regrole = ANY (p.polroles)
      WHERE c.relnamespace = 'cloud'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname COLLATE "C"`);
    const expected = Object.entries(rules).map(([name, rule]) => ({ name, isProtected: true, using: conditions[rule], check: conditions[rule] }));
    expect(rows.map((row) => ({ ...row, using: plain(row.using), check: plain(row.check) }))).toEqual(expected);
  });

  it('has no other policy for the control plane, since policies add up', async () => {
    const rows = await catalogue(`
      SELECT polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
      WHERE c.relnamespace = 'cloud'::regnamespace AND ('cloudapi'::regrole = ANY (polroles) OR 0 = ANY (polroles)) AND polname <> 'tenant'`);
    expect(rows).toEqual([]);
  });

  it('refers to rows of organizations together with the organization, so that a row cannot point into another one', async () => {
    const rows = await catalogue<{ name: string; columns: string[] }>(`
      SELECT k.conname AS name, (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = ANY (k.conkey)) AS columns
      FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = 'cloud'::regnamespace`);
    expect(rows.length).toBeGreaterThan(25);
    expect(rows.filter(({ name, columns }) => !columns.includes('organization_id') && !freeReferences.test(name))).toEqual([]);
  });

  it('refers to no table of the schema workspace and is referred to by none', async () => {
    const rows = await catalogue(
      `SELECT k.conname FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid WHERE k.contype = 'f' AND (k.connamespace = 'cloud'::regnamespace) <> (t.relnamespace = 'cloud'::regnamespace)`,
    );
    expect(rows).toEqual([]);
  });

  it('has an index for every reference, so that a delete never scans', async () => {
    const rows = await catalogue(`
      SELECT k.conname AS name FROM pg_constraint k
      WHERE k.contype = 'f' AND k.connamespace = 'cloud'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_index x WHERE x.indrelid = k.conrelid AND x.indpred IS NULL
          AND (SELECT array_agg(part ORDER BY part) FROM unnest((x.indkey::int2[])[0:array_length(k.conkey, 1) - 1]) part) = (SELECT array_agg(part ORDER BY part) FROM unnest(k.conkey) part))`);
    expect(rows).toEqual([]);
  });
});

describe('the control plane', () => {
  const count = async (who: Who, table: string) => (await ask(cloudapi, who, sql`SELECT 1 FROM ${identifier('cloud', table)}`)).length;

  it('sees nothing of organizations as long as nobody is named', async () => {
    for (const [table, rule] of Object.entries(rules).filter(([name]) => name !== 'table_change'))
      expect([table, await count({}, table)]).toEqual([table, rule === 'people' ? 1 : 0]);
  });

  it('sees the rows of one organization and the people of all, working for that organization', async () => {
    const seen = Object.fromEntries(
      await Promise.all(
        ['organization', 'workspace', 'user', 'role', 'api_key', 'device'].map(async (table) => [table, await count({ organization: mine }, table)] as const),
      ),
    );
    expect(seen).toEqual({ organization: 1, workspace: 2, user: 2, role: 1, api_key: 1, device: 0 });
  });

  it('sees everything when it works for the installation', async () => {
    expect([await count(everyone, 'organization'), await count(everyone, 'api_key'), await count(everyone, 'device')]).toEqual([2, 3, 1]);
  });

  it('cannot write rows of another organization', async () => {
    await expect(insert(cloudapi, { organization: mine }, 'team', { organization_id: theirs, name: 'spy' })).rejects.toMatchObject({ code: '42501' });
    await expect(ask(cloudapi, { organization: mine }, sql`UPDATE cloud.team SET organization_id = ${theirs}`)).rejects.toMatchObject({ code: '42501' });
    expect(await ask(cloudapi, { organization: mine }, sql`DELETE FROM cloud.team WHERE organization_id = ${theirs} RETURNING id`)).toEqual([]);
  });

  it.each([
    ['role', { role_id: id(20), user_id: ada }],
    ['team', { role_id: id(10), team_id: id(21) }],
    ['workspace', { role_id: id(10), user_id: ada, workspace_id: theirWorkspace }],
  ])("cannot assign a role across organizations: another one's %s", async (_, row) => {
    const error = await insert(cloudapi, everyone, 'role_assignment', { organization_id: mine, ...row }).catch((cause) => cause);
    expect(databaseFault(error)).toMatchObject({ kind: 'foreign_key' });
  });

  it('has no business with the notes of changes, which triggers write', async () => {
    await expect(count(everyone, 'table_change')).rejects.toMatchObject({ code: '42501' });
  });

  it('adds to the audit log and never changes it', async () => {
    await insert(cloudapi, { organization: mine }, 'audit_event', {
      organization_id: mine,
      actor_type: 'user',
      actor_id: ada,
      action: 'team.create',
      outcome: 'success',
    });
    expect(await count({ organization: mine }, 'audit_event')).toBe(1);
    for (const statement of ["UPDATE cloud.audit_event SET action = 'x'", 'DELETE FROM cloud.audit_event', 'TRUNCATE cloud.audit_event']) {
      await expect(ask(cloudapi, everyone, raw(statement))).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('may ask whether a workspace has a project, and learns nothing else of its rows', async () => {
    const project = id(80);
    const row = sql`INSERT INTO workspace.project (workspace_id, id, name, display_name, description) VALUES (${myWorkspace}, ${project}, 'p', 'p', '')`;
    await ask(workspaceApi, { workspace: myWorkspace }, row);
    const has = (workspace: string, one: string) =>
      sql`SELECT cloud.has_project(${workspace}::uuid, ${one}::uuid) AS found, current_setting('app.workspace_id', true) AS scope`;
    expect(await ask(cloudapi, { organization: mine }, has(myWorkspace, project))).toEqual([{ found: true, scope: '' }]);
    for (const [workspace, one] of [
      [otherWorkspace, project],
      [myWorkspace, id(81)],
    ] as const)
      expect(await ask(cloudapi, { organization: mine }, has(workspace, one))).toEqual([{ found: false, scope: '' }]);
    await expect(ask(cloudapi, everyone, sql`SELECT 1 FROM workspace.project`)).rejects.toMatchObject({ code: '42501' });
    const [grants] = await catalogue<{ all: boolean }>(`SELECT has_function_privilege('public', 'cloud.has_project(uuid, uuid)', 'EXECUTE') AS all`);
    expect(grants?.all).toBe(false);
  });

  it('finds people, keys and devices by index in spite of row-level security', async () => {
    const searches = [
      sql`SELECT id FROM cloud."user" WHERE organization_id IS NULL AND username = ${'ada'}`,
      sql`SELECT id FROM cloud."user" WHERE email = ${'ada@example.com'}`,
      sql`SELECT k.id FROM cloud.api_key k JOIN cloud."user" u ON u.id = k.user_id WHERE k.id = ${id(30)}::uuid`,
      sql`SELECT id FROM cloud.device WHERE device_code_hash = ANY(${['x']}::text[])`,
      sql`SELECT id FROM cloud.workspace WHERE name = ${'x'}`,
      sql`SELECT id FROM cloud.role_assignment WHERE user_id = ${ada}::uuid`,
    ];
    for (const search of searches) {
      const plan = await as(cloudapi, everyone, async (tx) => {
        await tx.query(raw('SET LOCAL enable_seqscan = off'));
        return tx.query<{ 'QUERY PLAN': string }>(sql`EXPLAIN ${search}`);
      });
      const text = plan.map((line) => line['QUERY PLAN']).join('\n');
      expect(text).toContain('Index Cond');
      expect(text).not.toContain('Seq Scan');
    }
  });
});

describe('a workspace server', () => {
  const server: Who = { workspace: myWorkspace };

  it('finds every workspace by its URL but reads the data key of its own only', async () => {
    expect(await ask(workspaceApi, {}, sql`SELECT slug FROM cloud.workspace ORDER BY slug`)).toHaveLength(3);
    expect(await ask(workspaceApi, server, sql`SELECT workspace_id FROM cloud.workspace_data_key`)).toEqual([{ workspace_id: myWorkspace }]);
    expect(await ask(workspaceApi, {}, sql`SELECT 1 FROM cloud.workspace_data_key`)).toEqual([]);
  });

  it('sees the grants of its organization that concern it, and nothing of another organization', async () => {
    const assignments = await ask(workspaceApi, server, sql`SELECT organization_id, workspace_id FROM cloud.role_assignment`);
    expect(assignments).toEqual([{ organization_id: mine, workspace_id: null }]);
    expect(await ask(workspaceApi, server, sql`SELECT id FROM cloud.api_key ORDER BY id`)).toEqual([{ id: id(30) }, { id: id(32) }]);
    expect(await ask(workspaceApi, server, sql`SELECT id FROM cloud."user" ORDER BY id`)).toEqual([{ id: ada }, { id: bot }]);
    for (const table of ['team', 'role', 'organization'])
      expect(await ask(workspaceApi, server, sql`SELECT id FROM ${identifier('cloud', table)}`)).toHaveLength(1);
    for (const table of ['team', 'role', 'role_assignment', 'organization'])
      expect(await ask(workspaceApi, {}, sql`SELECT id FROM ${identifier('cloud', table)}`)).toEqual([]);
  });

  it('shares resources, counts usage and keeps the log for its own workspace only', async () => {
    const share = { organization_id: mine, resource_type: 'stack', user_id: ada, actions: ['read'] };
    await insert(workspaceApi, server, 'resource_member', { ...share, workspace_id: myWorkspace, resource_id: id(50) });
    await insert(workspaceApi, server, 'usage_event', {
      organization_id: mine,
      workspace_id: myWorkspace,
      feature: 'project',
      resource_id: id(50),
      sign: 1,
      total: 1,
    });
    await insert(workspaceApi, server, 'audit_event', {
      organization_id: mine,
      workspace_id: myWorkspace,
      actor_type: 'user',
      action: 'share',
      outcome: 'success',
    });
    await insert(workspaceApi, server, 'role_assignment', {
      organization_id: mine,
      workspace_id: myWorkspace,
      project_id: id(51),
      role_id: id(10),
      user_id: bot,
    });
    for (const elsewhere of [
      { organization_id: mine, workspace_id: otherWorkspace },
      { organization_id: theirs, workspace_id: theirWorkspace },
      { organization_id: theirs, workspace_id: myWorkspace },
    ]) {
      const refused = { code: '42501' };
      await expect(insert(workspaceApi, server, 'resource_member', { ...share, ...elsewhere, resource_id: id(52) })).rejects.toMatchObject(refused);
      await expect(
        insert(workspaceApi, server, 'usage_event', { ...elsewhere, feature: 'project', resource_id: id(52), sign: 1, total: 1 }),
      ).rejects.toMatchObject(refused);
      await expect(
        insert(workspaceApi, server, 'audit_event', { ...elsewhere, actor_type: 'user', action: 'share', outcome: 'success' }),
      ).rejects.toMatchObject(refused);
      await expect(insert(workspaceApi, server, 'role_assignment', { ...elsewhere, project_id: id(51), role_id: id(10), user_id: bot })).rejects.toMatchObject(
        refused,
      );
    }
    await expect(
      insert(workspaceApi, server, 'role_assignment', { organization_id: mine, workspace_id: myWorkspace, role_id: id(10), user_id: bot }),
    ).rejects.toMatchObject({ code: '42501' });
  });

  it('has no way to passwords, codes, invitations and enrollment keys', async () => {
    const secrets = [
      '"user".password_hash',
      '"user".activation_hash',
      'device.device_code_hash',
      'device.user_code_hash',
      'session.id_token',
      'invitation.hash',
      'enrollment_key.hash',
      'oidc_connection.client_secret',
      'sign_in_failure.subject',
      'audit_event.details',
    ];
    for (const secret of secrets) {
      const [table, column] = secret.split('.') as [string, string];
      await expect(ask(workspaceApi, server, raw(`SELECT ${column} FROM cloud.${table}`))).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('may do in the schema cloud what is listed here and nothing else', async () => {
    const rows = await catalogue<{ line: string }>(`
      SELECT c.relname || ': ' || string_agg(p.privilege || coalesce(' ' || columns, ''), ', ' ORDER BY p.n) AS line
      FROM pg_class c CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY AS p(privilege, n)
      CROSS JOIN LATERAL (
        SELECT CASE WHEN has_table_privilege('workspace_api', c.oid, p.privilege) THEN NULL ELSE '(' || string_agg(attname, ' ' ORDER BY attname) || ')' END AS columns
        FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0 AND p.privilege <> 'DELETE' AND has_column_privilege('workspace_api', c.oid, attnum, p.privilege)
      ) allowed
      WHERE c.relnamespace = 'cloud'::regnamespace AND c.relkind = 'r' AND (has_table_privilege('workspace_api', c.oid, p.privilege) OR columns IS NOT NULL)
      GROUP BY c.relname ORDER BY c.relname COLLATE "C"`);
    expect(rows.map((row) => row.line)).toEqual([
      'api_key: SELECT, UPDATE (last_login updated)',
      'audit_event: INSERT',
      'device: SELECT (expires id last_login status trusted_device user_id), UPDATE (last_login updated)',
      'entitlement: SELECT, INSERT (feature organization_id updated used), UPDATE (updated used)',
      'organization: SELECT (created deleted description display_name id logo_url name updated)',
      'resource_member: SELECT, INSERT, UPDATE, DELETE',
      'role: SELECT',
      'role_assignment: SELECT, INSERT, DELETE',
      'session: SELECT (expires id revoked user_id)',
      'setting: SELECT',
      'table_change: SELECT',
      'team: SELECT',
      'team_member: SELECT',
      'usage_event: SELECT, INSERT',
      'user: SELECT (avatar_url company created description email id is_active is_service_account is_superuser job_title last_login metadata name oidc_claims organization_id password_changed_at tokens_valid_from updated username)',
      'workspace: SELECT, UPDATE (last_reported server_version state_reason status updated)',
      'workspace_data_key: SELECT',
    ]);
  });

  it('loads a caller with all grants in one query', async () => {
    const search = sql`
      SELECT u.id, r.name, a.workspace_id FROM cloud."user" u
      JOIN cloud.role_assignment a ON a.organization_id = ${mine}::uuid AND (a.user_id = u.id OR a.team_id IN (SELECT team_id FROM cloud.team_member m WHERE m.user_id = u.id AND m.organization_id = ${mine}::uuid))
      JOIN cloud.role r ON r.organization_id = a.organization_id AND r.id = a.role_id
      WHERE u.id = ${ada}::uuid`;
    expect(await ask(workspaceApi, server, search)).toEqual([{ id: ada, name: 'Organization Admin', workspace_id: null }]);
  });
});

describe('a row of the control plane', () => {
  it('is unique also where it is unset', async () => {
    const twice = async (table: string, row: Record<string, unknown>) => {
      await insert(cloudapi, everyone, table, row);
      const error = await insert(cloudapi, everyone, table, row).catch((cause) => cause);
      return databaseFault(error);
    };
    expect(await twice('user', { username: 'grace' })).toMatchObject({ kind: 'unique', constraint: 'unique_user_username' });
    expect(await twice('role', { organization_id: mine, name: 'Custom', level: 'workspace', permissions: '[]' })).toMatchObject({
      kind: 'unique',
      constraint: 'unique_role_name',
    });
    expect(await twice('role_assignment', { organization_id: mine, role_id: id(10), team_id: id(11) })).toMatchObject({
      kind: 'unique',
      constraint: 'unique_role_assignment',
    });
    expect(await twice('team_member', { organization_id: mine, team_id: id(11), user_id: ada })).toMatchObject({
      kind: 'unique',
      constraint: 'unique_team_member',
    });
    expect(await twice('invitation', { organization_id: mine, email: 'bob@example.com', hash: 'x', expires: '2030-01-01' })).toMatchObject({
      kind: 'unique',
      constraint: 'unique_invitation_pending',
    });
    expect(await twice('usage_event', { organization_id: mine, feature: 'model', resource_id: id(60), sign: 1, total: 1 })).toMatchObject({
      kind: 'unique',
      constraint: 'unique_usage_event',
    });
  });

  it('may be named alike in two organizations', async () => {
    expect(await ask(cloudapi, everyone, sql`SELECT organization_id FROM cloud."user" WHERE username = 'ci' ORDER BY 1`)).toEqual([
      { organization_id: mine },
      { organization_id: theirs },
    ]);
  });

  it.each([
    ['user', { username: 'x', email: 'Upper@example.com' }, 'check_user_email'],
    ['user', { username: 'x', is_service_account: true }, 'check_user_kind'],
    ['user', { username: 'x', is_service_account: true, organization_id: mine, is_superuser: true }, 'check_user_service_account'],
    ['workspace', { id: id(70), organization_id: mine, name: 'x', slug: 'ffffffff' }, 'check_workspace_slug'],
    ['workspace', { id: id(70), organization_id: mine, name: 'x', slug: id(70).slice(0, 8), status: 'lost' }, 'check_workspace_status'],
    ['role_assignment', { organization_id: mine, role_id: id(10) }, 'check_role_assignment_holder'],
    ['role_assignment', { organization_id: mine, role_id: id(10), user_id: ada, team_id: id(11) }, 'check_role_assignment_holder'],
    ['role_assignment', { organization_id: mine, role_id: id(10), user_id: ada, project_id: id(71) }, 'check_role_assignment_scope'],
    ['role', { organization_id: mine, name: 'x', level: 'workspace' }, 'check_role_permissions'],
    ['usage_event', { organization_id: mine, feature: 'model', sign: 1, total: -1 }, 'check_usage_event_sign'],
  ])('that makes no sense is refused: %s %j', async (table, row, constraint) => {
    const error = await insert(cloudapi, everyone, table, row).catch((cause) => cause);
    expect(databaseFault(error)).toMatchObject({ kind: 'check', constraint });
  });
});

/** Without the schema names that PostgreSQL prints or leaves out by the search path. */
function plain(expression: string): string {
  return expression.replaceAll('cloud.', '');
}
