import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { load } from './measure.mjs';
import { cpuSeconds, ownCpuSeconds } from './processes.mjs';
import { readWork } from './reading.mjs';
import { recordRun } from './recording.mjs';
import { f, table } from './report.mjs';
import { databaseUrlOf, reopen, startFilledOurs, temporaryFolder } from './servers.mjs';

/** Where the time of ours goes: how much in Node, how much in PostgreSQL, in which statements, and in whose code. Slower than what is measured without it. */
export async function measureProfile(options, tell) {
  const profiles = temporaryFolder('profiles');
  let ours = await startFilledOurs(options, { tell });
  let isStopped = false;
  try {
    await asOwner(ours.server, (client) => client.query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'"));
    await ours.client.close();
    await ours.server.stop();
    ours = await reopen(ours, options, { nodeArguments: ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${profiles}`] });
    const { pid } = ours.server;
    await asOwner(ours.server, (client) => client.query('CREATE EXTENSION pg_stat_statements SCHEMA public'));
    const rows = [];
    const works = [
      ...readWork(ours).filter(({ name }) => name !== 'log in'),
      { name: `record a run of ${options.steps} steps`, work: (i) => recordRun(ours.client, ours.world, i, options.steps) },
    ];
    for (const { name, work } of works) {
      await load(pid, work, { concurrency: options.concurrency, seconds: Math.min(1, options.seconds) });
      await asOwner(ours.server, (client) => client.query('SELECT public.pg_stat_statements_reset()'));
      const before = { all: cpuSeconds(pid), own: ownCpuSeconds(pid) };
      const { calls } = await load(pid, work, options);
      const own = ownCpuSeconds(pid) - before.own;
      const others = cpuSeconds(pid) - before.all - own;
      const statements = await statementsOf(ours.server);
      const perCall = (number) => f((number / calls) * 1_000, 2);
      const sum = (key) => statements.reduce((total, one) => total + one[key], 0);
      rows.push([
        name,
        perCall(own),
        perCall(others),
        f(sum('calls') / calls),
        f(sum('ms') / calls, 2),
        statements[0] ? `${f(statements[0].ms / calls, 2)} ms: \`${statements[0].query}\`` : '–',
      ]);
      tell(`profile, ${name}: Node ${perCall(own)} ms, PostgreSQL ${perCall(others)} ms of CPU`);
    }
    await ours.client.close();
    await ours.server.stop();
    isStopped = true;
    return [
      '## Where the time goes',
      '',
      `CPU milliseconds per request of the Node process and of PostgreSQL, statements per request and the time PostgreSQL executed them (waiting for a processor included), with ${options.runs} runs.`,
      '',
      ...table(['what', 'Node ms', 'PostgreSQL ms', 'statements', 'executing, ms', 'most of it'], rows),
      '',
      'Self time of the Node process over all of this, by package:',
      '',
      ...table(['where', 'share', 'most of it'], hotSpots(profiles)),
    ];
  } finally {
    if (!isStopped) await ours.server.stop();
    ours.remove();
    rmSync(profiles, { recursive: true, force: true });
  }
}

async function asOwner(server, work) {
  const client = new pg.Client({ connectionString: databaseUrlOf(server) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function statementsOf(server) {
  const { rows } = await asOwner(server, (client) =>
    client.query(
      `SELECT calls::int, total_exec_time AS ms, left(regexp_replace(query, '\\s+', ' ', 'g'), 60) AS query FROM public.pg_stat_statements
       WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%' ORDER BY total_exec_time DESC`,
    ),
  );
  return rows.map((row) => ({ ...row, query: row.query.replaceAll('|', '\\|').replaceAll('`', "'") }));
}

/** Packages by self time, each with its functions that take the most. */
function hotSpots(folder) {
  const byPackage = new Map();
  let total = 0;
  for (const file of readdirSync(folder)) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
    for (const [i, id] of samples.entries()) {
      const { functionName, url } = byId.get(id);
      if (functionName === '(idle)') continue;
      const where = packageOf(url, functionName);
      const functions = byPackage.get(where) ?? new Map();
      byPackage.set(where, functions.set(functionName, (functions.get(functionName) ?? 0) + timeDeltas[i]));
      total += timeDeltas[i];
    }
  }
  const sumOf = (functions) => [...functions.values()].reduce((sum, one) => sum + one, 0);
  const share = (time) => `${f((time / total) * 100, 1)} %`;
  return [...byPackage]
    .map(([where, functions]) => ({ where, functions, time: sumOf(functions) }))
    .sort((a, b) => b.time - a.time)
    .slice(0, 15)
    .map(({ where, functions, time }) => {
      const most = [...functions].sort((a, b) => b[1] - a[1]).slice(0, 4);
      return [where, share(time), most.map(([name, of]) => `${name || 'anonymous'} ${share(of)}`).join(', ')];
    });
}

function packageOf(url, functionName) {
  if (!url) return functionName.startsWith('(') ? functionName : 'built in';
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (name) return name;
  const [, own] = /\/dist\/((?:libs|apps)\/[^/]+)/.exec(url) ?? [];
  return own ?? (url.startsWith('node:') ? url.replace(/^(node:[^/]+(?:\/[^/]+)?).*/, '$1') : 'other');
}
