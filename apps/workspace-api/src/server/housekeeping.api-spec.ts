import { sql } from '#libs/database/sql.js';
import { PipelineClient } from '../../test/pipeline.js';
import { startWorkspace, type TestWorkspace } from '../../test/workspace.js';
import type { ServerSideRuns } from '../workloads/server-side-runs.js';
import { purgeDeliveries, purgeWorkloads } from './housekeeping.js';

const workloads = { python: '/nowhere/python', sourceRoot: '', timeoutSeconds: 60, memoryMegabytes: null, concurrency: 1, queueLimit: 10, serverUrl: null };

describe('what is old', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace({ workloads });
    await (workspace.installation.serverSideRuns as ServerSideRuns).stop();
  });
  afterAll(() => workspace.stop());

  it('goes from the queue when it is finished, and leaves what the run printed', async () => {
    const { api, db, id: workspaceId } = workspace;
    const snapshot = await new PipelineClient(workspace).snapshot();
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push((await api.ok(api.post(`/pipeline_snapshots/${snapshot}/runs`, { run_configuration: { run_name: `run ${i}` } }))).id);
    const [old, recent, dead, waiting] = ids as [string, string, string, string];
    for (const [run, status, days] of [
      [old, 'finished', 31],
      [recent, 'finished', 29],
      [dead, 'dead', 400],
      [waiting, 'queued', 400],
    ] as const)
      await db.read(
        { workspaceId },
        sql`UPDATE workspace.workload SET status = ${status}, updated = updated - make_interval(days => ${days}::int) WHERE run_id = ${run}`,
      );
    await db.read({ workspaceId }, sql`INSERT INTO workspace.workload_output (workspace_id, run_id, part, text) VALUES (${workspaceId}, ${old}, 0, 'printed')`);
    await purgeWorkloads(db);
    const kept = (await api.ok(api.get('/workloads'))).items.map(({ body }: { body: { run_id: string } }) => body.run_id);
    expect(kept.sort()).toEqual([recent, dead, waiting].sort());
    expect((await api.ok(api.get(`/runs/${old}/logs?source=runner`))).map(({ message }: { message: string }) => message)).toEqual(['printed']);
  });

  it('goes from the log of deliveries', async () => {
    const { api, db, id: workspaceId } = workspace;
    const { id } = await api.ok(api.post('/event_subscriptions', { name: 'hook', url: 'https://localhost/hook', events: ['*'], active: false }));
    const [old, recent] = [await api.ok(api.post(`/event_subscriptions/${id}/test`)), await api.ok(api.post(`/event_subscriptions/${id}/test`))];
    await db.read({ workspaceId }, sql`UPDATE workspace.event_delivery SET created = created - interval '31 days' WHERE id = ${old.id}`);
    await purgeDeliveries(db);
    const kept = (await api.ok(api.get(`/event_subscriptions/${id}/deliveries`))).items;
    expect(kept.map((one: { id: string }) => one.id)).toEqual([recent.id]);
  });
});
