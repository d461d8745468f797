import { randomUUID } from 'node:crypto';
import { Db } from '#libs/database/db.js';
import { type Sql, sql } from '#libs/database/sql.js';
import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { type QueueOptions, WorkloadQueue } from './workload-queue.js';

describe('the queue of runs', () => {
  let database: TestDatabase;
  let db: Db;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = new Db({ url: database.url, role: 'workspace_api', max: 8 });
  });
  const workspaces: string[] = [];
  afterEach(async () => {
    for (const workspaceId of workspaces.splice(0)) await db.read({ workspaceId }, sql`DELETE FROM workspace.workload WHERE workspace_id = ${workspaceId}`);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const queueWith = (options: Partial<QueueOptions> = {}) => new WorkloadQueue(db, { mostPerWorkspace: 100, leaseSeconds: 60, ...options });

  /** A workspace with so many runs that wait, the oldest first. */
  async function workspaceWith(waiting: number): Promise<string> {
    const workspaceId = randomUUID();
    workspaces.push(workspaceId);
    const of = sql`${workspaceId}::uuid AS workspace_id, ${workspaceId}::uuid AS project_id`;
    await db.tx({ workspaceId }, async (tx) => {
      await tx.query(
        sql`INSERT INTO workspace.project (workspace_id, id, name, display_name, description) VALUES (${workspaceId}, ${workspaceId}, 'p', 'p', '')`,
      );
      await tx.query(sql`INSERT INTO workspace.pipeline (workspace_id, project_id, id, name) SELECT ${of}, ${workspaceId}::uuid, 'p'`);
      await tx.query(
        sql`INSERT INTO workspace.pipeline_snapshot (workspace_id, project_id, id, pipeline_configuration, client_environment, run_name_template, pipeline_id, step_count) SELECT ${of}, ${workspaceId}::uuid, '{}', '{}', 'run', ${workspaceId}::uuid, 0`,
      );
      await tx.query(
        sql`WITH runs AS (INSERT INTO workspace.pipeline_run (workspace_id, project_id, id, name, in_progress, status, index, enable_heartbeat, snapshot_id, pipeline_id) SELECT ${of}, gen_random_uuid(), 'run ' || i, true, 'initializing', i, false, ${workspaceId}::uuid, ${workspaceId}::uuid FROM generate_series(1, ${waiting}::int) i RETURNING workspace_id, id, index, snapshot_id)
          INSERT INTO workspace.workload (workspace_id, run_id, snapshot_id, binding, available_at) SELECT workspace_id, id, snapshot_id, '{}', timestamp '2026-01-01' + make_interval(secs => index) FROM runs`,
      );
    });
    return workspaceId;
  }

  async function claimAll(queue: WorkloadQueue, worker = 'w') {
    const all = [];
    for (let one = await queue.claim(worker); one; one = await queue.claim(worker)) all.push(one);
    return all;
  }
  const finish = (queue: WorkloadQueue, place: { workspaceId: string; id: string }) => db.tx(place, (tx) => queue.end(tx, place, 'w', 'finished', null));
  const change = (workspaceId: string, what: Sql) => db.read({ workspaceId }, sql`UPDATE workspace.workload SET ${what} WHERE workspace_id = ${workspaceId}`);

  it('does not let a hundred runs of one workspace keep another one waiting, even for a single worker', async () => {
    const long = await workspaceWith(100);
    const short = await workspaceWith(3);
    const queue = queueWith();
    const order: string[] = [];
    for (let i = 0; i < 8; i++) {
      const one = await queue.claim('w');
      order.push(one?.workspaceId as string);
      await finish(queue, one as NonNullable<typeof one>);
    }
    expect(order).toEqual([long, short, long, short, long, short, long, long]);
  });

  it('gives the next one to the workspace with the least under way', async () => {
    const busy = await workspaceWith(4);
    const queue = queueWith();
    for (let i = 0; i < 3; i++) await queue.claim('w');
    const idle = await workspaceWith(5);
    const next = [];
    for (let i = 0; i < 4; i++) next.push((await queue.claim('w'))?.workspaceId);
    expect(next).toEqual([idle, idle, idle, busy]);
  });

  it('never has more of a workspace under way than its limit, however many ask at once', async () => {
    await workspaceWith(20);
    const queue = queueWith({ mostPerWorkspace: 3 });
    const claimed = (await Promise.all(Array.from({ length: 16 }, (_, i) => queue.claim(`w${i}`)))).filter((one) => one !== null);
    expect(claimed).toHaveLength(3);
    expect(new Set(claimed.map(({ runId }) => runId)).size).toBe(3);
    expect(await queue.claim('another')).toBeNull();
    const [first] = claimed;
    await db.tx(first as { workspaceId: string }, (tx) =>
      tx.query(sql`UPDATE workspace.workload SET status = 'finished' WHERE workspace_id = ${first?.workspaceId} AND id = ${first?.id}`),
    );
    expect([await queue.claim('another'), await queue.claim('another')]).toEqual([expect.anything(), null]);
  });

  it('says at which position of its own workspace a run waits, without writing anything', async () => {
    const mine = await workspaceWith(4);
    await workspaceWith(2);
    const places = async () =>
      (
        await db.read<{ place: string | null }>(
          { workspaceId: mine },
          sql`SELECT workspace.place_in_queue(r.workspace_id, r.id) AS place FROM workspace.pipeline_run r WHERE r.workspace_id = ${mine} ORDER BY r.index`,
        )
      ).map(({ place }) => place);
    const queue = queueWith();
    expect(await places()).toEqual(['Queued at position 1.', 'Queued at position 2.', 'Queued at position 3.', 'Queued at position 4.']);
    const one = (await claimAll(queueWith({ mostPerWorkspace: 1 }))).find(({ workspaceId }) => workspaceId === mine);
    expect(await places()).toEqual([null, 'Queued at position 1.', 'Queued at position 2.', 'Queued at position 3.']);
    await queue.postpone(one as NonNullable<typeof one>, 'w', 3_600, 'no room');
    expect((await places())[0]).toMatch(/^Queued for another attempt \(number 2\) at \d{4}-/);
  });

  it('takes back what a worker left behind before it started it, and remembers the attempt', async () => {
    const workspaceId = await workspaceWith(1);
    const queue = queueWith();
    await queue.claim('lost');
    expect(await queue.claim('w')).toBeNull();
    await change(workspaceId, sql`lease_until = lease_until - interval '61 seconds'`);
    expect(await queue.claim('w')).toMatchObject({ workspaceId, attempts: 2, isLost: false });
    const [row] = await db.read<{ history: string }>({ workspaceId }, sql`SELECT history FROM workspace.workload WHERE workspace_id = ${workspaceId}`);
    expect(JSON.parse(row?.history as string)).toEqual([{ attempt: 1, ended_at: expect.any(String), error: expect.stringContaining('lost') }]);
  });

  it('keeps the output of the worker that has a run, and not what one that lost it says later', async () => {
    const workspaceId = await workspaceWith(1);
    const queue = queueWith();
    const mine = await queue.claim('w');
    if (!mine) throw new Error('There was nothing to claim.');
    await queue.start(mine, 'w');
    await queue.write(mine, 'w', 0, 'one');
    await change(workspaceId, sql`lease_until = now() - interval '1 hour'`);
    expect((await queue.claim('other'))?.id).toBe(mine.id);
    await queue.write(mine, 'w', 1, 'late');
    await queue.write(mine, 'other', 1, 'two');
    expect(await queue.written(mine)).toEqual({ parts: 2, lines: 2, length: 6 });
  });

  it('gives out what was started to be put to rest only, also to a worker without room, and keeps it from being started again', async () => {
    const workspaceId = await workspaceWith(2);
    const queue = queueWith();
    const one = (await queue.claim('lost')) as NonNullable<Awaited<ReturnType<typeof queue.claim>>>;
    expect(await queue.start(one, 'lost')).toBe(true);
    expect(await queue.claim('w', false)).toBeNull();
    await change(workspaceId, sql`lease_until = lease_until - interval '61 seconds'`);
    expect(await queue.claim('w', false)).toMatchObject({ id: one.id, isLost: true });
    expect(await queue.start(one, 'w')).toBe(false);
    expect(await queue.renew(one, 'lost')).toBe('drop');
  });

  it('tells workers what they could not see coming, and when to look again by themselves', async () => {
    const queue = queueWith();
    const heard: (string | null)[] = [];
    let tell = () => {};
    const end = queue.listen((runId) => {
      heard.push(runId);
      tell();
    });
    const next = () => new Promise<void>((resolve) => (tell = resolve));
    await next();
    expect(await queue.untilNext()).toBeNull();
    const added = next();
    const workspaceId = await workspaceWith(1);
    await added;
    const one = (await queue.claim('w')) as NonNullable<Awaited<ReturnType<typeof queue.claim>>>;
    expect(await queue.untilNext()).toBeGreaterThan(50_000);
    const stopped = next();
    await db.tx({ workspaceId }, (tx) => queue.stop(tx, workspaceId, one.runId));
    await stopped;
    expect(heard).toEqual([null, null, one.runId]);
    end();
  });
});
