import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { Db } from './db.js';
import { sql } from './sql.js';

describe('a listener', () => {
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

  const nowhere = { workspaceId: null };
  const notify = (channel: string, payload: string) => db.read(nowhere, sql`SELECT pg_notify(${channel}, ${payload})`);

  /** Collects what is heard, and lets a test wait for the next of it. */
  function ear(channel: string) {
    const heard: (string | null)[] = [];
    let tell = () => {};
    const end = db.listen(channel, (payload) => {
      heard.push(payload);
      tell();
    });
    const until = async (isThere: () => boolean) => {
      while (!isThere()) await new Promise<void>((resolve) => (tell = resolve));
    };
    return { heard, until, end };
  }

  const connections = async () =>
    db.read<{ pid: number }>(
      nowhere,
      sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'workspace_api listening'`,
    );

  it('hears what is sent after it was told that it may have missed something, on one connection for all channels', async () => {
    const [one, other] = [ear('first_channel'), ear('second_channel')];
    await Promise.all([one.until(() => one.heard.length > 0), other.until(() => other.heard.length > 0)]);
    await notify('second_channel', 'b');
    await notify('first_channel', 'a');
    await Promise.all([one.until(() => one.heard.includes('a')), other.until(() => other.heard.includes('b'))]);
    expect([one.heard, other.heard]).toEqual([
      [null, 'a'],
      [null, 'b'],
    ]);
    expect(await connections()).toHaveLength(1);
    one.end();
    other.end();
  });

  it('listens again when its connection was lost, and says that it may have missed something', async () => {
    const { heard, until, end } = ear('first_channel');
    await until(() => heard.length > 0);
    const [row] = await connections();
    const owner = new Db({ url: database.url, role: new URL(database.url).username as 'cloudapi', max: 1 });
    await owner.read(nowhere, sql`SELECT pg_terminate_backend(${row?.pid}::int)`);
    await owner.close();
    await until(() => heard.length > 1);
    await notify('first_channel', 'again');
    await until(() => heard.includes('again'));
    expect(heard).toEqual([null, null, 'again']);
    end();
  });
});
