import type { TestWorkspace } from './workspace.js';
import { unique } from './workspace.js';

type Extra = Record<string, unknown>;

export const source = (attribute: string, module = 'pipelines') => ({ module, attribute, type: 'user' });

/** A step as clients send it with a snapshot. */
export function step(name: string, upstream: string[] = [], extra: { spec?: Extra; overrides?: Extra } = {}) {
  const config = { name, ...extra.overrides };
  return { spec: { source: source(name), upstream_steps: upstream, inputs: {}, invocation_id: name, ...extra.spec }, config, step_config_overrides: config };
}

const output = { output: { materializer_source: [source('IntMaterializer', 'materializers')] } };

/** `first`, and `second` that takes its output. */
export const chain = {
  first: step('first', [], { overrides: { outputs: output, parameters: { a: 1 } } }),
  second: step('second', ['first'], { spec: { inputs: { x: { step_name: 'first', output_name: 'output' } } }, overrides: { outputs: output } }),
};

/** What a client does to run a pipeline, request by request, in the order of a real one. */
export class PipelineClient {
  constructor(readonly workspace: TestWorkspace) {}

  get api() {
    return this.workspace.api;
  }

  async snapshot(steps: Record<string, ReturnType<typeof step>> = chain, extra: Extra = {}, configuration: Extra = {}): Promise<string> {
    const project = this.workspace.projectId;
    const [stack] = (await this.api.ok(this.api.get('/stacks?name=default'))).items;
    const pipeline = await this.api.ok(this.api.post('/pipelines', { project, name: unique('pipeline') }));
    const body = {
      project,
      pipeline: pipeline.id,
      stack: stack.id,
      run_name_template: 'run-{date}-{time}',
      pipeline_configuration: { name: 'p', ...configuration },
      pipeline_spec: { steps: Object.values(steps).map(({ spec }) => spec) },
      step_configurations: steps,
      client_environment: { os: 'linux', python_packages: ['a==1'] },
      client_version: '0.98.0',
      server_version: '0.98.0',
      ...extra,
    };
    return (await this.api.ok(this.api.post('/pipeline_snapshots', body))).id;
  }

  /** Announces a run. */
  async announce(snapshot: string, extra: Extra = {}) {
    const body = {
      project: this.workspace.projectId,
      snapshot,
      name: unique('run'),
      status: 'initializing',
      start_time: '2026-01-02T03:04:05.600000',
      ...extra,
    };
    return (await this.api.ok(this.api.post('/runs', body)))[0];
  }

  /** A run that its orchestrator starts. */
  async run(snapshot: string, extra: Extra = {}) {
    return this.announce(snapshot, { status: 'running', orchestrator_run_id: unique('orchestrator'), ...extra });
  }

  step(run: string, name: string, extra: Extra = {}) {
    return this.api.post('/steps', {
      project: this.workspace.projectId,
      pipeline_run_id: run,
      name,
      status: 'running',
      start_time: '2026-01-02T03:05:00',
      ...extra,
    });
  }

  async artifactVersion(extra: Extra = {}): Promise<string> {
    const body = {
      project: this.workspace.projectId,
      artifact_name: unique('data'),
      type: 'DataArtifact',
      uri: '/tmp/artifacts/data',
      materializer: source('IntMaterializer', 'materializers'),
      data_type: { module: 'builtins', attribute: 'int', type: 'builtin' },
      save_type: 'step_output',
      ...extra,
    };
    return (await this.api.ok(this.api.post('/artifact_versions/batch', [body])))[0].id;
  }

  async status(run: string): Promise<string> {
    return this.api.ok(this.api.get(`/runs/${run}/status`));
  }
}
