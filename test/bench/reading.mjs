import { admin } from './servers.mjs';

/** What is read. `path(i)` gives the i-th request of the load. */
export function readCases(world) {
  const { project } = world;
  const run = (i) => world.runs[i % world.runs.length];
  const pipeline = (i) => world.pipelines[i % world.pipelines.length].id;
  const list = (what, more = '') => `/${what}?project=${project}&size=20${more}`;
  return [
    { name: 'current user', path: () => '/current-user' },
    { name: 'list 20 pipelines', path: () => list('pipelines') },
    { name: 'list 20 pipelines, hydrated', path: () => list('pipelines', '&hydrate=true') },
    { name: 'list 20 runs', path: () => list('runs') },
    { name: 'list 20 newest runs', path: () => list('runs', '&sort_by=desc:created') },
    { name: 'list 20 runs, hydrated', path: () => list('runs', '&hydrate=true') },
    { name: 'list 20 steps', path: () => list('steps') },
    { name: 'list 20 steps, hydrated', path: () => list('steps', '&hydrate=true') },
    { name: 'list 20 artifact versions', path: () => list('artifact_versions') },
    { name: 'list 20 artifact versions, hydrated', path: () => list('artifact_versions', '&hydrate=true') },
    { name: 'runs filtered by status and pipeline', path: (i) => list('runs', `&status=completed&pipeline_id=${pipeline(i)}`) },
    { name: 'runs filtered by tag', path: (i) => list('runs', `&tags=tag-${i % 10}`) },
    { name: 'get a run, hydrated', path: (i) => `/runs/${run(i)}?hydrate=true` },
    { name: "a run's DAG", path: (i) => `/runs/${run(i)}/dag` },
  ];
}

/** The reads of one side as work for `load`, in the order of `readCases`, with the log-in first. */
export function readWork({ client, world }) {
  return [
    { name: 'log in', work: () => client.form('/login', { username: admin.username, password: admin.password }) },
    ...readCases(world).map(({ name, path }) => ({ name, work: (i) => client.read(path(i)) })),
  ];
}

/** What the dashboard and pipelines ask for most, one after the other. */
export function mixedWork({ client, world }) {
  const mix = readCases(world).filter(({ name }) =>
    ['current user', 'list 20 pipelines', 'list 20 runs', 'list 20 steps', 'get a run, hydrated'].includes(name),
  );
  return (i) => client.read(mix[i % mix.length].path(Math.floor(i / mix.length)));
}
