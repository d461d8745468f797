import { scenario } from '../compare.js';
import { artifactVersionBody, defaultStack, makePipeline, makeSnapshot, step } from '../fixtures.js';

type Given = Record<string, unknown>;

/** Each run with its own value of `k`, of one type after the other, and of `mixed`, of which some have none. */
const values: unknown[] = [1, 2.5, -3, '4', 'text', true, [1, 2], { a: 1 }, '', 0];
const types = ['int', 'float', 'int', 'str', 'str', 'bool', 'list', 'dict', 'str', 'int'];

/** Runs end when their last step does, at whatever moment that was: how long they took is only a number here. */
function withoutMoments(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body ?? null), (key, value) => (key.startsWith('duration ') && value !== null ? typeof value : value));
}

/** Groups and figures of runs that differ in all that they can be grouped by. */
export const statistics = scenario('statistics', async (s) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const pipelines = [await makePipeline(s, project, 'p'), await makePipeline(s, project, 'q')];
  const steps = { one: step('one'), two: step('two') };
  const snapshots = [];
  for (const pipeline of pipelines) snapshots.push((await makeSnapshot(s, project, pipeline, stack, { step_configurations: steps })).id);
  const tags = [];
  for (const color of ['red', 'blue']) tags.push((await s.post(`given a ${color} tag`, '/tags', { name: s.name(color), color })).id);

  for (const [i, value] of values.entries()) {
    const run = await s.post(`given the run ${i}`, '/runs', {
      project,
      snapshot: snapshots[i % 2],
      name: `run ${i}`,
      orchestrator_run_id: `statistics-${i}`,
      status: 'running',
      // Around the turn of a year, a week and a month, and across an hour.
      start_time: ['2023-12-31T23:59:59', '2024-01-01T00:00:00', '2024-01-07T12:30:00', '2024-01-08T00:00:00.5', '2024-02-29T23:00:00'][i % 5],
      tags: i % 3 === 0 ? [s.name('red')] : i % 3 === 1 ? [s.name('red'), s.name('blue')] : [],
    });
    const runId = run.pick('0.id') as string;
    await s.post(`given metadata of the run ${i}`, '/run-metadata', {
      project,
      resources: [{ id: runId, type: 'pipeline_run' }],
      values: { k: value, ...(i % 2 === 0 ? { mixed: i % 4 === 0 ? i : `text ${i}` } : {}) },
      types: { k: types[i], ...(i % 2 === 0 ? { mixed: i % 4 === 0 ? 'int' : 'str' } : {}) },
    });
    // A second value of the same key: the later one counts, or both do.
    if (i === 0)
      await s.post('given metadata anew', '/run-metadata', {
        project,
        resources: [{ id: runId, type: 'pipeline_run' }],
        values: { k: 100 },
        types: { k: 'int' },
      });
    for (const name of i % 4 === 0 ? ['one', 'two'] : ['one']) {
      const status = name === 'one' ? 'running' : 'cached';
      const made = await s.post(`given the step ${name} of the run ${i}`, '/steps', {
        project,
        pipeline_run_id: runId,
        name,
        status,
        start_time: '2024-01-01T00:00:00',
        ...(status === 'cached' ? { end_time: '2024-01-01T00:00:00' } : {}),
      });
      if (status === 'cached') continue;
      const version = await s.post(`given an output of the run ${i}`, '/artifact_versions', artifactVersionBody(project));
      const end = { status: i % 3 === 2 ? 'failed' : 'completed', end_time: '2024-01-01T00:01:00' };
      await s.put(`the step ${name} of the run ${i} ends`, `/steps/${made.id}`, { ...end, outputs: { output: [version.id] } });
    }
    if (i % 3 !== 0) continue;
    await s.put(`the run ${i} ends`, `/runs/${runId}`, { status: 'completed', end_time: `2024-03-01T00:00:${10 + i}.25` });
  }

  // Groups of what has an id come in the order of these.
  const isSet = ({ groupings }: Given) => /"type":"(snapshot|pipeline)"/.test(JSON.stringify(groupings ?? []));
  const ask = (title: string, body: Given) =>
    s.post(title, '/runs/statistics', { filter: { project }, ...body }, { scrub: withoutMoments, isSet: isSet(body) });
  const grouping = (type: string, extra: Given = {}) => ({ name: type, type, ...extra });
  const groupings: Given[] = [
    ...['status', 'pipeline', 'snapshot', 'source_snapshot', 'stack', 'trigger', 'user', 'tag'].map((type) => grouping(type)),
    ...['hour', 'day', 'week', 'month'].map((granularity) => grouping('time', { granularity })),
    ...['k', 'mixed', 'none', ''].map((metadata_key) => grouping('metadata', { metadata_key })),
  ];
  const metrics: Given[] = ['duration', 'step_count', 'cached_step_count', 'output_artifact_count', 'metadata'].flatMap((source) =>
    ['avg', 'sum', 'min', 'max'].map((aggregation) => ({
      name: `${source} ${aggregation}`,
      source,
      aggregation,
      ...(source === 'metadata' ? { metadata_key: 'k' } : {}),
    })),
  );
  await ask('all metrics', { metrics });
  for (const one of groupings) {
    const what = JSON.stringify(one);
    await ask(`by ${what}`, { groupings: [one] });
    await ask(`metrics by ${what}`, { groupings: [one], metrics });
    await ask(`by ${what} and status`, { groupings: [one, { name: 'other', type: 'status' }] });
    await ask(`two groups by ${what}`, { groupings: [one], max_groups: 2 });
  }
  await ask('by three', { groupings: [grouping('tag'), grouping('pipeline'), grouping('time', { granularity: 'day' })] });
  await ask('by two times', { groupings: [grouping('time', { granularity: 'day' }), { name: 'x', type: 'time', granularity: 'hour' }] });
  await ask('by two keys', { groupings: [grouping('metadata', { metadata_key: 'k' }), { name: 'x', type: 'metadata', metadata_key: 'mixed' }] });
  await ask('of mixed values', { metrics: [{ name: 'm', source: 'metadata', metadata_key: 'mixed', aggregation: 'sum' }] });
  await ask('of no values', { metrics: [{ name: 'm', source: 'metadata', metadata_key: 'none', aggregation: 'sum' }] });
  for (const filter of [
    { project, name: 'startswith:run 1' },
    { project, tags: [s.name('blue')] },
    { project, status: ['completed', 'failed'] },
    { project, pipeline: 'p', logical_operator: 'or', name: 'run 1' },
    { project, start_time: 'gte:2024-01-08 00:00:00' },
    { project, created: 'gt:2999-01-01 00:00:00' },
    { project, run_metadata: ['k:gt:0'] },
    { project, size: 2, page: 2, sort_by: 'desc:name' },
    { project: 'nope' },
    {},
  ])
    await ask(`of runs with ${JSON.stringify(filter)?.replaceAll(/[0-9a-f-]{36}/g, ':id')}`, {
      filter,
      groupings: [grouping('pipeline')],
      metrics: [{ name: 'n', source: 'step_count', aggregation: 'sum' }],
    });
  for (const body of [
    { groupings: [{ name: '', type: 'status' }] },
    { groupings: [{ type: 'status' }] },
    { groupings: [grouping('time')] },
    { groupings: [grouping('metadata')] },
    { groupings: [grouping('status', { nope: 1 })] },
    { metrics: [{ name: 'a', source: 'duration' }] },
    { metrics: [{ name: 'a', source: 'nope', aggregation: 'sum' }] },
    { metrics: [{ name: 'a', source: 'metadata', aggregation: 'sum' }] },
    { metrics: [{ name: 'a', source: 'duration', aggregation: 'median' }] },
    { groupings: [grouping('status')], metrics: [{ name: 'status', source: 'step_count', aggregation: 'sum' }] },
    { max_groups: '5' },
    { max_groups: 1.5 },
    { groupings: null },
  ])
    await ask(`refused or not: ${JSON.stringify(body)}`, body);
});
