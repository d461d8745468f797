import { Client } from './client.mjs';
import { fill } from './filling.mjs';
import { load, median } from './measure.mjs';
import { memoryMiB } from './processes.mjs';
import { mixedWork } from './reading.mjs';
import { recordRun } from './recording.mjs';
import { f, table } from './report.mjs';
import { admin, startOurs } from './servers.mjs';

const clientsAtOnce = 16;
const warmUpSeconds = 5;

/** One and two worker processes on the same data, in turns, and how long a start takes when everything is there. The data must belong to a server that was stopped. */
export async function measureScale(dataDir, options, tell) {
  const counts = [1, 2];
  const found = counts.map(() => ({ reads: [], writes: [], ready: [], memory: [] }));
  for (let round = 0; round < options.rounds; round++)
    for (const [i, workers] of counts.entries()) {
      const server = await startOurs('workspace-api', { dataDir, settings: { WORKERS: String(workers) } });
      try {
        const client = await new Client(server.url).login(admin.username, admin.password);
        const world = await fill(client, options);
        const limits = { concurrency: clientsAtOnce, seconds: options.seconds };
        const read = mixedWork({ client, world });
        // Each worker has to compile what is hot for itself.
        await load(server.pid, read, { ...limits, seconds: warmUpSeconds * workers });
        found[i].ready.push(server.readySeconds);
        found[i].reads.push(await load(server.pid, read, limits));
        found[i].writes.push(await load(server.pid, (n) => recordRun(client, world, n, options.steps), limits));
        found[i].memory.push(memoryMiB(server.pid));
        await client.close();
      } finally {
        await server.stop();
      }
      const { reads, writes, ready } = found[i];
      tell(
        `scale out, ${workers} workers: ${f(reads.at(-1).perSecond, 0)} reads/s, ${f(writes.at(-1).perSecond)} recorded runs/s, ready in ${f(ready.at(-1), 2)} s`,
      );
    }
  const m = (rounds, key) => median(rounds.map((round) => round[key]));
  return [
    '## Scale out',
    '',
    `One and two worker processes (\`WORKERS\`) on the same data, ${clientsAtOnce} concurrent clients. The clients and PostgreSQL use the same processors, so two workers can gain only what is idle.`,
    '',
    ...table(
      ['workers', 'reads /s', 'p99 ms', 'CPU s/1000', 'recorded runs /s', 'p99 ms', 'CPU s/1000', 'start to ready, s', 'memory MiB'],
      counts.map((workers, i) => {
        const { reads, writes, ready, memory } = found[i];
        return [
          String(workers),
          ...[f(m(reads, 'perSecond'), 0), f(m(reads, 'p99')), f(m(reads, 'cpu'), 2)],
          ...[f(m(writes, 'perSecond')), f(m(writes, 'p99'), 0), f(m(writes, 'cpu'), 1)],
          f(median(ready), 2),
          f(median(memory), 0),
        ];
      }),
    ),
    '',
    `Start to ready counts from the start of \`npm start\`'s program until it says that it is ready, with packages, build and data in place.`,
  ];
}
