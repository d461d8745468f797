import { randomUUID } from 'node:crypto';
import type { ControlPlane, ExternalUser } from '#libs/control-plane/control-plane.js';
import { sql } from '#libs/database/sql.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';
import { ExternalAccounts } from './external-accounts.js';

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(() => workspace.stop());

const person = (username: string, more: Partial<ExternalUser> = {}): ExternalUser => ({
  id: randomUUID(),
  username,
  email: `${username}@example.com`,
  name: 'Ada',
  is_superuser: false,
  is_service_account: false,
  avatar_url: null,
  ...more,
});

/** Enters as whoever the control plane says it is. */
async function enter(user: ExternalUser): Promise<{ id: string; name: string; external_user_id: string; full_name: string }> {
  const controlPlane = { authorize: async () => ({ user, binding: {} }) } as Partial<ControlPlane> as ControlPlane;
  const { userId } = await new ExternalAccounts(workspace.db, controlPlane).enter(workspace.id, 'bearer');
  const [row] = await workspace.db.read<{ id: string; name: string; external_user_id: string; full_name: string }>(
    { workspaceId: workspace.id },
    sql`SELECT id, name, external_user_id, full_name FROM workspace."user" WHERE workspace_id = ${workspace.id} AND id = ${userId}`,
  );
  return row as NonNullable<typeof row>;
}

describe('somebody from the control plane', () => {
  it('keeps one row, whatever their name becomes', async () => {
    const ada = person(unique('ada'));
    const first = await enter(ada);
    const renamed = await enter({ ...ada, username: unique('lovelace'), name: 'Ada Lovelace' });
    expect(renamed.id).toBe(first.id);
    expect(renamed.full_name).toBe('Ada Lovelace');
    expect(renamed.name).not.toBe(first.name);
  });

  it('gets one row also when signing in several times at once', async () => {
    const ada = person(unique('ada'));
    const rows = await Promise.all([enter(ada), enter(ada), enter(ada), enter(ada)]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
  });

  it('takes over a row of their name that nobody has taken', async () => {
    const name = unique('left');
    const [left] = await workspace.db.read<{ id: string }>(
      { workspaceId: workspace.id },
      sql`INSERT INTO workspace."user" (workspace_id, name, full_name, is_service_account, active, is_admin) VALUES (${workspace.id}, ${name}, '', false, true, false) RETURNING id`,
    );
    expect((await enter(person(name))).id).toBe(left?.id);
  });

  it('never takes over the row of somebody else with their name', async () => {
    const name = unique('same');
    const [mine, theirs] = [person(name), person(name)];
    const first = await enter(mine);
    const second = await enter(theirs);
    expect(second.id).not.toBe(first.id);
    expect(second.name).toBe(`${name}-${theirs.id.slice(0, 8)}`);
    expect([(await enter(mine)).id, (await enter(theirs)).id]).toEqual([first.id, second.id]);
    expect(await enter(mine)).toMatchObject({ name, external_user_id: mine.id });
  });

  it('keeps the name they have when the new one is taken', async () => {
    const [taken, own] = [unique('taken'), unique('own')];
    await enter(person(taken));
    const ada = person(own);
    await enter(ada);
    expect((await enter({ ...ada, username: taken })).name).toBe(own);
  });

  it('writes nothing when nothing has changed', async () => {
    const ada = person(unique('quiet'));
    const { id } = await enter(ada);
    const updated = async () =>
      (
        await workspace.db.read<{ xmin: string }>(
          { workspaceId: workspace.id },
          sql`SELECT xmin::text FROM workspace."user" WHERE workspace_id = ${workspace.id} AND id = ${id}`,
        )
      )[0]?.xmin;
    const before = await updated();
    await enter(ada);
    expect(await updated()).toBe(before);
  });
});
