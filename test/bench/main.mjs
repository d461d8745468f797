// The benchmark: the real ZenML server and ours on one machine, filled through their APIs with the same data, measured in turns.
//   npm run bench -- [--runs 2000] [--steps 5] [--pipelines 20] [--seconds 3] [--rounds 3] [--concurrency 8] [--no-peer] [--only text]
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { REFERENCE_ADMIN, startReferenceServer } from '../../tools/reference/server.mjs';
import { Client, each } from './client.mjs';
import { load, median } from './measure.mjs';
import { memoryMiB } from './processes.mjs';
import { prepare, recordRun } from './recording.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    steps: { type: 'string', default: '5' },
    pipelines: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '8' },
    'no-peer': { type: 'boolean', default: false },
    only: { type: 'string' },
    output: { type: 'string', default: 'docs/benchmarks/latest.md' },
  },
});
const options = {
  runs: Number(values.runs),
  steps: Number(values.steps),
  pipelines: Number(values.pipelines),
  seconds: Number(values.seconds),
  rounds: Number(values.rounds),
  concurrency: Number(values.concurrency),
};

async function startOurs() {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const child = spawn(process.execPath, [path.join(root, 'tools/start.mjs'), 'workspace-api'], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      WORKSPACE_API_PORT: '0',
      RATE_LIMIT: 'off',
      ZENML_SERVER_AUTO_ACTIVATE: '1',
      ZENML_DEFAULT_USER_NAME: REFERENCE_ADMIN.username,
      ZENML_DEFAULT_USER_PASSWORD: REFERENCE_ADMIN.password,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
      const match = /(http:\/\/\S+)/.exec(text);
      if (/ready/.test(text) && match) resolve(match[1]);
    });
    child.once('exit', (code) => reject(new Error(`our server ended with ${code} before it was ready`)));
  });
  return {
    url,
    pid: child.pid,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What is measured. `path` is a read; `work` anything else. */
function cases(world) {
  const { project } = world;
  const run = (i) => world.runs[i % world.runs.length];
  return [
    { name: 'current user', path: () => '/current-user' },
    { name: 'list 20 pipelines', path: () => `/pipelines?project=${project}&size=20` },
    { name: 'list 20 pipelines, hydrated', path: () => `/pipelines?project=${project}&size=20&hydrate=true` },
    { name: 'list 20 runs', path: () => `/runs?project=${project}&size=20` },
    { name: 'list 20 newest runs', path: () => `/runs?project=${project}&size=20&sort_by=desc:created` },
    { name: 'list 20 runs, hydrated', path: () => `/runs?project=${project}&size=20&hydrate=true` },
    { name: 'list 20 steps', path: () => `/steps?project=${project}&size=20` },
    { name: 'list 20 steps, hydrated', path: () => `/steps?project=${project}&size=20&hydrate=true` },
    { name: 'list 20 artifact versions', path: () => `/artifact_versions?project=${project}&size=20` },
    { name: 'list 20 artifact versions, hydrated', path: () => `/artifact_versions?project=${project}&size=20&hydrate=true` },
    {
      name: 'runs filtered by status and pipeline',
      path: (i) => `/runs?project=${project}&size=20&status=completed&pipeline_id=${world.pipelines[i % world.pipelines.length].id}`,
    },
    { name: 'runs filtered by tag', path: (i) => `/runs?project=${project}&size=20&tags=tag-${i % 10}` },
    { name: 'get a run, hydrated', path: (i) => `/runs/${run(i)}?hydrate=true` },
    { name: "a run's DAG", path: (i) => `/runs/${run(i)}/dag` },
  ].filter((one) => !values.only || one.name.includes(values.only));
}

async function fill(server, label) {
  const client = new Client(server.url);
  await client.login(REFERENCE_ADMIN.username, REFERENCE_ADMIN.password);
  const world = await prepare(client, options.pipelines);
  world.runs = new Array(options.runs);
  const start = performance.now();
  let done = 0;
  await each(options.runs, 4, async (i) => {
    world.runs[i] = await recordRun(client, world, i, options.steps);
    if (++done % 200 === 0) console.error(`${label}: ${done} of ${options.runs} runs recorded (${((performance.now() - start) / 1_000).toFixed(0)} s)`);
  });
  return { client, world, server, label };
}

const results = [];
function report(name, ours, peer) {
  const m = (list, key) => median(list.map((one) => one[key]));
  const row = { name, oursPerSecond: m(ours, 'perSecond'), oursP50: m(ours, 'p50'), oursP99: m(ours, 'p99'), oursCpu: m(ours, 'cpu') };
  if (peer)
    Object.assign(row, {
      peerPerSecond: m(peer, 'perSecond'),
      peerP99: m(peer, 'p99'),
      peerCpu: m(peer, 'cpu'),
      ratio: median(ours.map((one, i) => one.perSecond / peer[i].perSecond)),
      p99Ratio: median(ours.map((one, i) => peer[i].p99 / one.p99)),
      cpuRatio: median(ours.map((one, i) => peer[i].cpu / one.cpu)),
    });
  results.push(row);
  console.log(line(row));
}

const f = (number, digits = 1) => (number === undefined ? '–' : number.toFixed(digits));
function line(row) {
  return `| ${row.name} | ${f(row.oursPerSecond, 0)} | ${f(row.peerPerSecond)} | **${f(row.ratio, 0)}×** | ${f(row.oursP50)} | ${f(row.oursP99)} | ${f(row.peerP99, 0)} | ${f(row.p99Ratio, 0)}× | ${f(row.oursCpu, 2)} | ${f(row.peerCpu, 1)} | ${f(row.cpuRatio, 0)}× |`;
}
const heading = `| what | ours /s | peer /s | throughput | ours p50 ms | ours p99 ms | peer p99 ms | p99 | ours CPU s/1000 | peer CPU s/1000 | CPU |\n|---|---|---|---|---|---|---|---|---|---|---|`;

const servers = [];
try {
  const ours = await startOurs();
  servers.push(ours);
  const peer = values['no-peer'] ? null : await startReferenceServer();
  if (peer) servers.push(peer);
  const a = await fill(ours, 'ours');
  const b = peer ? await fill(peer, 'peer') : null;
  console.log(heading);
  const peerCases = b ? cases(b.world) : [];
  for (const [i, one] of cases(a.world).entries()) {
    const rounds = { ours: [], peer: [] };
    for (let round = 0; round < options.rounds; round++) {
      for (const [side, made, list] of [
        ['ours', a, null],
        ['peer', b, peerCases],
      ]) {
        if (!made) continue;
        const of = list ? list[i] : one;
        rounds[side].push(await load(made.server.pid, (n) => made.client.get(of.path(n)), options));
      }
    }
    report(one.name, rounds.ours, b ? rounds.peer : null);
  }
  for (const concurrency of [1, 16]) {
    const rounds = { ours: [], peer: [] };
    for (let round = 0; round < options.rounds; round++) {
      for (const [side, made] of [
        ['ours', a],
        ['peer', b],
      ]) {
        if (!made) continue;
        rounds[side].push(
          await load(made.server.pid, (n) => recordRun(made.client, made.world, n, options.steps), { concurrency, seconds: options.seconds * 2 }),
        );
      }
    }
    report(`record a run of ${options.steps} steps, ${concurrency} at a time`, rounds.ours, b ? rounds.peer : null);
  }
  const memory = { ours: memoryMiB(ours.pid), peer: peer ? memoryMiB(peer.pid) : undefined };
  const ratios = results.filter((row) => row.ratio && row.name !== 'current user' && !row.name.startsWith('record')).map((row) => row.ratio);
  const summary = [
    '# Benchmark',
    '',
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}; the peer is the real ZenML server 0.98.0 (SQLite, one process).`,
    `Data: ${options.pipelines} pipelines, ${options.runs} runs of ${options.steps} steps, written through the APIs. ${options.concurrency} concurrent clients, ${options.rounds} rounds of ${options.seconds} s in turns; medians. CPU counts all processes of a server, ours with PostgreSQL.`,
    '',
    heading,
    ...results.map(line),
    '',
    ...(ratios.length ? [`Median of the read ratios: **${median(ratios).toFixed(0)}×**, lowest ${Math.min(...ratios).toFixed(0)}×.`] : []),
    `Memory after the run: ours ${memory.ours.toFixed(0)} MiB with PostgreSQL${memory.peer ? `, peer ${memory.peer.toFixed(0)} MiB` : ''}.`,
    '',
    'Repeat it with `npm run bench`; machines differ, so compare ratios, not absolute figures.',
    '',
  ].join('\n');
  await writeFile(path.join(root, values.output), summary);
  console.log(summary);
  await Promise.all([a.client.close(), b?.client.close()]);
} finally {
  for (const server of servers.reverse()) await server.stop();
}
