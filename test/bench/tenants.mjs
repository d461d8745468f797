import { rmSync } from 'node:fs';
import { copyWorkspace } from './bulk.mjs';
import { Client, each } from './client.mjs';
import { fill } from './filling.mjs';
import { inTurns } from './measure.mjs';
import { memoryMiB, ownMemoryMiB } from './processes.mjs';
import { readCases } from './reading.mjs';
import { f, table } from './report.mjs';
import { enterWorkspace, signInAtCloud } from './rights.mjs';
import { databaseUrlOf, startOurs, temporaryFolder } from './servers.mjs';

/** Small, because there are thousands of them; equal, because they are compared. */
const size = { runs: 5, steps: 2, pipelines: 1 };
const mix = ['current user', 'list 20 pipelines', 'list 20 runs', 'get a run, hydrated'];

/** The same requests spread over few and many workspaces of one process, and the memory that a workspace takes. @param peerMiB of one server of the peer, idle */
export async function measureTenants(options, peerMiB, tell) {
  const dataDir = temporaryFolder('tenants');
  let server = await startOurs('standalone', { dataDir });
  try {
    const cloud = await signInAtCloud(server);
    const [workspace] = await cloud.get('/workspaces?name=default');
    const first = await enterWorkspace(server, workspace.id, cloud.token);
    const world = await fill(first, size, { concurrency: 2 });
    const start = performance.now();
    const ids = [workspace.id, ...(await copyWorkspace(databaseUrlOf(server), workspace.id, options.tenants - 1))];
    tell(`tenants: ${ids.length} workspaces made in ${f((performance.now() - start) / 1_000, 0)} s`);
    await Promise.all([cloud, first].map((client) => client.close()));
    // Started anew, so that memory is not that of loading them.
    await server.stop();
    server = await startOurs('standalone', { dataDir });

    const again = await signInAtCloud(server);
    const clients = new Array(ids.length);
    clients[0] = await enterWorkspace(server, ids[0], again.token);
    const paths = readCases(world)
      .filter(({ name }) => mix.includes(name))
      .map(({ path }) => path);
    const workOver = (count) => (i) => {
      // Each request goes to another workspace than the one before.
      const client = clients[i % count];
      return client.read(paths[Math.floor(i / count) % paths.length](i));
    };
    const side = (count) => ({ pid: server.pid, work: workOver(count) });
    await inTurns([side(1)], { ...options, rounds: 1 });
    const before = { process: ownMemoryMiB(server.pid), all: memoryMiB(server.pid) };
    await each(ids.length - 1, 8, async (i) => {
      const entered = await enterWorkspace(server, ids[i + 1], again.token);
      // One pool for all: ten thousand of them would measure the client.
      await entered.close();
      clients[i + 1] = Object.assign(clients[0].as(entered.token), { prefix: entered.prefix });
    });
    tell('tenants: all workspaces entered');
    const after = { process: ownMemoryMiB(server.pid), all: memoryMiB(server.pid) };
    const counts = [1, Math.min(100, ids.length), ids.length];
    const measureCounts = async (name) => {
      const { medians, ratio } = await inTurns(counts.map(side), options);
      const rows = counts.map((count, i) => [
        `${count.toLocaleString('en')}${name}`,
        ...[f(medians[i].perSecond, 0), f(medians[i].p50), f(medians[i].p99), f(medians[i].cpu, 2)],
        i === 0 ? '–' : `${f((ratio('perSecond', 0, i) - 1) * 100, 0)} %`,
        i === 0 ? '–' : `${f((ratio('cpu', i, 0) - 1) * 100, 0)} %`,
      ]);
      for (const row of rows) tell(`tenants, ${row[0]} workspaces: ${row[1]}/s, cost ${row[5]} time, ${row[6]} CPU`);
      return rows;
    };
    const rows = await measureCounts('');
    const perWorkspace = (key) => ((after[key] - before[key]) * 1_024) / (ids.length - 1);
    tell(`tenants: ${f(perWorkspace('process'))} KB of the process per workspace, ${f(perWorkspace('all'))} KB with PostgreSQL`);
    await again.close();
    await clients[0].close();
    // What is kept of one workspace makes it cheaper than any number of them could be; without, they can be compared.
    await server.stop();
    server = await startOurs('standalone', { dataDir, settings: { KEPT_READS_MB: '0' } });
    const pool = new Client(server.url);
    for (const [i, client] of clients.entries())
      clients[i] = Object.assign(pool.as(client.token), { prefix: new URL(`${server.urlOf(ids[i])}/api/v1`).pathname });
    rows.push(...(await measureCounts(', nothing kept')));
    await pool.close();
    return [
      '## Tenants',
      '',
      `${mix.join(', ')}, spread evenly over workspaces with ${size.runs} runs each, all in one process. As the service runs by itself, a workspace that is asked the same again is answered from memory; the rows that say so were measured without (\`KEPT_READS_MB=0\`).`,
      '',
      ...table(['workspaces', 'requests /s', 'p50 ms', 'p99 ms', 'CPU s/1000', 'cost in time', 'cost in CPU'], rows),
      '',
      `Memory of one more workspace, after somebody has entered it: ${f(perWorkspace('process'))} KB of the process, ${f(perWorkspace('all'))} KB with PostgreSQL, whose buffers fill up to their fixed size meanwhile. ` +
        `All ${ids.length.toLocaleString('en')} together: ${f(after.process, 0)} MiB of the process and ${f(after.all - after.process, 0)} MiB of PostgreSQL.${peerMiB ? ` The peer needs a server process of ${f(peerMiB, 0)} MiB for each.` : ''}`,
    ];
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
