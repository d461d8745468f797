import { PipelineClient } from './pipeline.js';
import { type TestWorkspace, unique } from './workspace.js';

/** Runs are queued and nothing ever takes them, so what triggers start can be looked at. */
export const queueOnly = {
  python: '/nowhere/python',
  sourceRoot: '',
  timeoutSeconds: 60,
  memoryMegabytes: null,
  concurrency: 1,
  queueLimit: 1_000_000,
  serverUrl: null,
};

async function component(w: TestWorkspace, type: string, flavor: string, configuration: object): Promise<string> {
  return (await w.api.ok(w.api.post('/components', { name: unique(flavor), type, flavor, configuration }))).id;
}

/** A snapshot that any server could run: images that any machine finds, and a stack with nothing local in it. */
export async function runnableSnapshot(w: TestWorkspace, extra: object = {}): Promise<string> {
  const components = {
    orchestrator: [await component(w, 'orchestrator', 'kubernetes', { kubernetes_context: 'remote' })],
    artifact_store: [await component(w, 'artifact_store', 's3', { path: 's3://bucket' })],
    container_registry: [await component(w, 'container_registry', 'aws', { uri: '123456789012.dkr.ecr.eu-west-1.amazonaws.com' })],
  };
  const stack = await w.api.ok(w.api.post('/stacks', { name: unique('remote'), components }));
  const images = { orchestrator: { image: 'img' } };
  const build = await w.api.ok(
    w.api.post('/pipeline_builds', { project: w.projectId, is_local: false, contains_code: true, images, stack: stack.id, zenml_version: '0.98.0' }),
  );
  return new PipelineClient(w).snapshot(undefined, { build: build.id, stack: stack.id, name: unique('named'), run_name_template: '{date}-{time}', ...extra });
}

/** A trigger with a snapshot attached. @returns its id */
export async function attachedTrigger(w: TestWorkspace, snapshotId: string, body: object, api = w.api): Promise<string> {
  const { id } = await api.ok(api.post('/triggers', { project: w.projectId, name: unique('t'), concurrency: 'submit', ...body }));
  await api.ok(api.put(`/triggers/${id}/pipeline_snapshots/${snapshotId}`));
  return id;
}
