import { sql } from '#libs/database/sql.js';
import { PipelineClient } from '../../test/pipeline.js';
import { startWorkspace, type TestWorkspace } from '../../test/workspace.js';
import { purgeEvents } from '../server/housekeeping.js';

let w: TestWorkspace;
let client: PipelineClient;
beforeAll(async () => {
  w = await startWorkspace();
  client = new PipelineClient(w);
});
afterAll(() => w.stop());

async function eventsOf(id: string): Promise<[kind: string, payload: Record<string, unknown>][]> {
  const rows = await w.db.read<{ kind: string; payload: string }>(
    { workspaceId: w.id },
    sql`SELECT kind, payload FROM workspace.platform_event WHERE workspace_id = ${w.id} AND resource_id = ${id} AND project_id = ${w.projectId} ORDER BY created`,
  );
  return rows.map(({ kind, payload }) => [kind, JSON.parse(payload)]);
}

describe('what happens in a workspace', () => {
  it('is told of a run from its announcement to its end, each change once', async () => {
    const snapshot = await client.snapshot();
    const { id } = await client.announce(snapshot);
    await client.run(snapshot);
    await w.api.ok(w.api.put(`/runs/${id}`, { status: 'running' }));
    await w.api.ok(w.api.put(`/runs/${id}`, { status: 'failed', status_reason: 'no more memory' }));
    const events = await eventsOf(id);
    expect(events.map(([kind, { previous_status }]) => [kind, previous_status])).toEqual([
      ['pipeline_run.created', null],
      ['pipeline_run.running', 'initializing'],
      ['pipeline_run.failed', 'running'],
    ]);
    expect(events[2]?.[1]).toMatchObject({ status: 'failed', status_reason: 'no more memory', snapshot_id: snapshot, name: expect.any(String) });
  });

  it('is told of a snapshot when it is made, with or without steps', async () => {
    const named = await client.snapshot(undefined, { name: 'nightly' });
    const empty = await client.snapshot({});
    expect(await eventsOf(named)).toEqual([['pipeline_snapshot.created', expect.objectContaining({ name: 'nightly' })]]);
    expect(await eventsOf(empty)).toHaveLength(1);
  });

  it('is not told when it did not happen', async () => {
    const { id } = await client.run(await client.snapshot());
    const before = (await eventsOf(id)).length;
    await w.api.ok(w.api.put(`/runs/${id}`, { status: 'failed' }));
    expect((await w.api.put(`/runs/${id}`, { status: 'running' })).status).toBe(403);
    expect(await eventsOf(id)).toHaveLength(before + 1);
  });

  it('is forgotten after a week', async () => {
    const snapshot = await client.snapshot();
    const { id } = await client.announce(snapshot);
    await w.db.read({ workspaceId: w.id }, sql`UPDATE workspace.platform_event SET created = created - interval '8 days' WHERE resource_id = ${id}`);
    await purgeEvents(w.db);
    expect(await eventsOf(id)).toEqual([]);
    expect(await eventsOf(snapshot)).toHaveLength(1);
  });
});
