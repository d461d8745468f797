import { copyRuns, keepRuns } from './bulk.mjs';
import { load, median } from './measure.mjs';
import { readCases } from './reading.mjs';
import { f, table } from './report.mjs';
import { databaseUrlOf } from './servers.mjs';

/** A third of these are enough to see a plan that reads more rows than it shows. */
const measured = [
  'current user',
  'list 20 pipelines',
  'list 20 runs',
  'list 20 newest runs',
  'list 20 runs, hydrated',
  'list 20 steps',
  'list 20 artifact versions',
];
const alsoMeasured = ['runs filtered by status and pipeline', 'runs filtered by tag', 'get a run, hydrated', "a run's DAG"];

/** How lists and single reads slow down as a workspace grows. Adds rows to `ours` that no API wrote, so it comes last. */
export async function measureGrowth({ server, client, world }, options, tell) {
  const url = databaseUrlOf(server);
  const cases = readCases(world).filter(({ name }) => [...measured, ...alsoMeasured].includes(name));
  // Other parts of the benchmark may have recorded runs, too.
  const { total: base } = await client.get(`/runs?project=${world.project}&size=1`);
  const sizes = options.growth.map((factor) => factor * base);
  const results = [];
  let loaded = 1;
  await keepRuns(url);
  for (const [i, factor] of options.growth.entries()) {
    const start = performance.now();
    if (factor > loaded) await copyRuns(url, { first: loaded, copies: factor - loaded });
    if (factor > loaded) tell(`growth: ${sizes[i]} runs loaded in ${f((performance.now() - start) / 1_000, 0)} s`);
    loaded = Math.max(loaded, factor);
    const { total } = await client.get(`/runs?project=${world.project}&size=1`);
    if (total !== sizes[i]) throw new Error(`The server counts ${total} runs where ${sizes[i]} were loaded.`);
    results.push(await measureAll(server.pid, client, cases, options));
    for (const [j, { name }] of cases.entries())
      tell(`growth, ${sizes[i]} runs, ${name}: p50 ${f(results[i][j].p50)} ms, CPU ${f(results[i][j].cpu, 2)} s per 1,000`);
  }
  const last = results.at(-1);
  return [
    '## Growth',
    '',
    `Lists and single reads with ${sizes.map((size) => size.toLocaleString('en')).join(', ')} runs of ${options.steps} steps in one workspace; medians in milliseconds at ${options.concurrency} concurrent clients, one size after the other (the later ones are copied in bulk), by a server that keeps nothing of what it reads (\`KEPT_READS_MB=0\`). The factors compare the largest with the smallest.`,
    '',
    ...table(
      ['what', ...sizes.map((size) => `${size.toLocaleString('en')} runs`), 'slower', 'CPU s/1000, smallest', 'largest', 'more CPU'],
      cases.map(({ name }, j) => [
        name,
        ...results.map((all) => f(all[j].p50)),
        `**${f(last[j].p50 / results[0][j].p50, 2)}×**`,
        f(results[0][j].cpu, 2),
        f(last[j].cpu, 2),
        `${f(last[j].cpu / results[0][j].cpu, 2)}×`,
      ]),
    ),
  ];
}

async function measureAll(pid, client, cases, { rounds, concurrency, seconds }) {
  const all = cases.map(() => []);
  for (const { path } of cases) await load(pid, (i) => client.read(path(i)), { concurrency, seconds: Math.min(1, seconds / 3) });
  for (let round = 0; round < rounds; round++)
    for (const [j, { path }] of cases.entries()) all[j].push(await load(pid, (i) => client.read(path(i)), { concurrency, seconds }));
  return all.map((list) => ({ p50: median(list.map(({ p50 }) => p50)), cpu: median(list.map(({ cpu }) => cpu)) }));
}
