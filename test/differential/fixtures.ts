/** Pipelines, snapshots and runs that many families need. Every call is a case like any other. */
import type { Answer, Side } from './side.js';

type Extra = Record<string, unknown>;

export async function defaultStack(s: Side): Promise<string> {
  return (await s.get('given the default stack', '/stacks', { query: { name: 'default' } })).pick('items.0.id') ?? '';
}

export async function defaultComponent(s: Side, type: string): Promise<string> {
  return (await s.get(`given the default ${type}`, '/components', { query: { name: 'default', type } })).pick('items.0.id') ?? '';
}

export const source = (attribute: string, module = 'pipelines') => ({ module, attribute, type: 'user' });

/** A step as the client sends it. `inputs` is `{ parameter: [step, output] }`. */
export function step(
  name: string,
  upstream: string[] = [],
  extra: { spec?: Extra; config?: Extra; overrides?: Extra; inputs?: Record<string, [string, string]> } = {},
) {
  const inputs = Object.fromEntries(Object.entries(extra.inputs ?? {}).map(([input, [from, output]]) => [input, { step_name: from, output_name: output }]));
  const overrides = { name, ...extra.overrides };
  return {
    spec: { source: source(name), upstream_steps: upstream, inputs, invocation_id: name, ...extra.spec },
    config: { ...overrides, ...extra.config },
    step_config_overrides: overrides,
  };
}

/** first → second → third, and beside that a step that stands alone. */
export const chain = {
  first: step('first', [], { overrides: { outputs: { output: { materializer_source: [source('IntMaterializer', 'materializers')] } }, parameters: { a: 1 } } }),
  second: step('second', ['first'], {
    inputs: { x: ['first', 'output'] },
    overrides: { outputs: { output: { materializer_source: [source('IntMaterializer', 'materializers')] } } },
  }),
  third: step('third', ['second'], { inputs: { y: ['second', 'output'] } }),
};

export async function makePipeline(s: Side, project: string, name = 'p', extra: Extra = {}): Promise<string> {
  return (await s.post(`given the pipeline ${name}`, '/pipelines', { project, name, ...extra })).id;
}

export function makeSnapshot(s: Side, project: string, pipeline: string, stack: string, extra: Extra = {}, configuration: Extra = {}): Promise<Answer> {
  return s.post('given a snapshot', '/pipeline_snapshots', {
    project,
    pipeline,
    stack,
    run_name_template: 'run-{date}-{time}',
    pipeline_configuration: { name: 'p', ...configuration },
    step_configurations: chain,
    client_environment: { os: 'linux', python_version: '3.11' },
    client_version: '0.98.0',
    server_version: '0.98.0',
    ...extra,
  });
}

/** The runs of a snapshot need distinct orchestrator ids, or the second takes over the first. */
export async function makeRun(s: Side, project: string, snapshot: string, name: string, extra: Extra = {}): Promise<Answer & { runId: string }> {
  const answer = await s.post(`given the run ${name}`, '/runs', {
    project,
    snapshot,
    name,
    orchestrator_run_id: `orchestrator-${name}`,
    status: 'running',
    start_time: '2024-01-02T03:04:05',
    ...extra,
  });
  return Object.assign(answer, { runId: answer.pick('0.id') ?? '0c0ffee0-0000-4000-8000-000000000000' });
}

export function makeStep(s: Side, project: string, run: string, name: string, extra: Extra = {}): Promise<Answer> {
  return s.post(`given the step ${name}`, '/steps', { project, pipeline_run_id: run, name, status: 'running', start_time: '2024-01-02T03:05:00', ...extra });
}

export function artifactVersionBody(project: string, extra: Extra = {}): Extra {
  return {
    project,
    artifact_name: 'data',
    type: 'DataArtifact',
    uri: '/tmp/artifacts/data',
    materializer: source('IntMaterializer', 'materializers'),
    data_type: { module: 'builtins', attribute: 'int', type: 'builtin' },
    save_type: 'step_output',
    ...extra,
  };
}

export function makeArtifactVersion(s: Side, project: string, extra: Extra = {}): Promise<Answer> {
  return s.post('given an artifact version', '/artifact_versions', artifactVersionBody(project, extra));
}

/** A stack that a server could run things on. */
export async function remoteStack(s: Side): Promise<string> {
  const component = async (type: string, flavor: string, configuration: object) =>
    (await s.post(`given the ${type} ${flavor}`, '/components', { name: s.name(flavor), type, flavor, configuration })).id;
  const components = {
    orchestrator: [await component('orchestrator', 'kubernetes', { kubernetes_context: 'remote' })],
    artifact_store: [await component('artifact_store', 's3', { path: 's3://bucket' })],
    container_registry: [await component('container_registry', 'aws', { uri: '123456789012.dkr.ecr.eu-west-1.amazonaws.com' })],
    step_operator: [await component('step_operator', 'sagemaker', { role: 'arn:aws:iam::123456789012:role/x' })],
  };
  return (await s.post('given a remote stack', '/stacks', { name: s.name('remote'), components })).id;
}
