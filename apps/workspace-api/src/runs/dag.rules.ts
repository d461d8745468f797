import { fillTemplate } from '../pipelines/configuration.rules.js';
import { inputSpecs } from './step-run.rules.js';

/** What people see of a run: steps, artifacts, and how they hang together. Built without a database from what one statement finds. */
export type Dag = { id: string; status: string; nodes: DagNode[]; edges: DagEdge[] };
type Metadata = Record<string, unknown>;
export type DagNode = { node_id: string; type: string; id: string | null; name: string; metadata: Metadata };
export type DagEdge = { source: string; target: string; metadata: Metadata };

type InputSpec = { step_name: string; output_name: string; chunk_index?: number | null; chunk_size?: number | null };
export type DagStep = {
  name: string;
  spec: { upstream_steps: string[]; inputs?: Record<string, InputSpec | InputSpec[]> };
  config: {
    step_type?: string | null;
    group?: object | null;
    substitutions?: Record<string, string> | null;
    outputs?: object | null;
    client_lazy_loaders?: object | null;
    model_artifacts_or_metadata?: object | null;
    external_input_artifacts?: object | null;
  };
};

/** An artifact version as an input or output of a step. */
export type DagArtifact = { name: string; artifact_id: string; type: string; data_type: unknown; save_type: string };
export type DagInput = DagArtifact & { input_type: string; input_index: number; chunk_index: number | null; chunk_size: number | null };
export type DagRun = { id: string; name: string; status: string; index: number; start_time: string | null; end_time: string | null; duration: number | null };
export type DagStepRun = {
  id: string;
  name: string;
  status: string;
  start_time: string | null;
  duration: number | null;
  run_metadata: Metadata | null;
  inputs: DagInput[];
  outputs: DagArtifact[];
  triggered_runs: DagRun[];
};
export type DagWaitCondition = {
  id: string;
  name: string;
  status: string;
  type: string;
  created: string;
  resolution: string | null;
  question: string | null;
  resolved_at: string | null;
};

export type DagFacts = {
  id: string;
  status: string;
  substitutions: Record<string, string>;
  /** Compiled steps in their order; for dynamic pipelines the steps that ran. */
  steps: DagStep[];
  /** Attempts that count. */
  stepRuns: DagStepRun[];
  waitConditions: DagWaitCondition[];
  childRuns: DagRun[];
};

export function buildDag(facts: DagFacts): Dag {
  const builder = new DagBuilder(facts);
  for (const condition of facts.waitConditions) builder.addWaitCondition(condition);
  for (const step of inDependencyOrder(facts.steps)) builder.addStep(step);
  for (const run of facts.childRuns) builder.addRun('child_run', run, { end_time: run.end_time });
  return builder.dag();
}

/** Level by level: first what waits for nothing, then what waits only for that, and so on. */
export function inDependencyOrder(steps: readonly DagStep[]): DagStep[] {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const order = new Set<string>();
  const waiting = new Map<string, number>();
  const next = new Map<string, string[]>();
  for (const { name, spec } of steps) {
    const before = spec.upstream_steps.filter((one) => byName.has(one));
    for (const one of [name, ...before]) order.add(one);
    waiting.set(name, before.length);
    for (const one of before) next.set(one, [...(next.get(one) ?? []), name]);
  }
  const sorted: DagStep[] = [];
  let level = [...order].filter((name) => !waiting.get(name));
  while (level.length > 0) {
    const after: string[] = [];
    for (const name of level) {
      sorted.push(byName.get(name) as DagStep);
      for (const one of next.get(name) ?? []) {
        const left = (waiting.get(one) as number) - 1;
        waiting.set(one, left);
        if (left === 0) after.push(one);
      }
    }
    level = after;
  }
  return sorted;
}

class DagBuilder {
  readonly #nodes = {
    step: new Map<string, DagNode>(),
    artifact: new Map<string, DagNode>(),
    wait: new Map<string, DagNode>(),
    triggered: new Map<string, DagNode>(),
    child: new Map<string, DagNode>(),
  };
  readonly #edges: DagEdge[] = [];
  readonly #stepRuns: Map<string, DagStepRun>;
  readonly #substitutions: Map<string, Record<string, string>>;
  /** Step -> output name, filled in -> node: later steps connect to the same node. */
  readonly #regularOutputs = new Map<string, Map<string, DagNode>>();

  constructor(private readonly facts: DagFacts) {
    this.#stepRuns = new Map(facts.stepRuns.map((run) => [run.name, run]));
    this.#substitutions = new Map(facts.steps.map((step) => [step.name, { ...facts.substitutions, ...step.config.substitutions }]));
  }

  dag(): Dag {
    const { step, artifact, wait, triggered, child } = this.#nodes;
    const nodes = [step, artifact, wait, triggered, child].flatMap((kind) => [...kind.values()]);
    return { id: this.facts.id, status: this.facts.status, nodes, edges: this.#edges };
  }

  addWaitCondition({ id, name, status, type, created, ...rest }: DagWaitCondition): void {
    const node_id = `wait_condition/${plain(name)}`;
    this.#nodes.wait.set(node_id, { node_id, type: 'wait_condition', id, name, metadata: { status, type, created_at: created, ...present(rest) } });
  }

  /** Runs that a step or the pipeline itself started. Dashboards know only one type for both. */
  addRun(kind: 'run' | 'child_run', run: DagRun, extra: Metadata = {}): DagNode {
    const { id, name, status, start_time, duration } = run;
    const times = start_time === null ? {} : present({ start_time, duration, ...extra });
    const node: DagNode = {
      node_id: `${kind}/${plain(name)}`,
      type: 'triggered_run',
      id,
      name,
      metadata: { status, ...(kind === 'run' ? { index: run.index } : {}), ...times },
    };
    (kind === 'run' ? this.#nodes.triggered : this.#nodes.child).set(node.node_id, node);
    return node;
  }

  addStep(step: DagStep): void {
    const run = this.#stepRuns.get(step.name);
    const { config } = step;
    const ran = run
      ? {
          status: run.status,
          ...present({ start_time: run.start_time, duration: run.start_time === null ? null : run.duration, run_metadata: run.run_metadata }),
        }
      : {};
    const node: DagNode = {
      node_id: `step/${plain(step.name)}`,
      type: 'step',
      id: run?.id ?? null,
      name: step.name,
      metadata: { ...present({ type: config.step_type, group: config.group }), ...ran },
    };
    this.#nodes.step.set(node.node_id, node);
    const upstream = new Set(step.spec.upstream_steps);
    if (run) this.#connectRun(step, run, node, upstream);
    else this.#connectPlanned(step, node, upstream);
    // Steps that hand over an artifact are connected through it already.
    for (const name of upstream) {
      const before = this.#nodes.step.get(`step/${plain(name)}`);
      if (before) this.#edge(before, node, {});
    }
  }

  #connectRun(step: DagStep, run: DagStepRun, node: DagNode, upstream: Set<string>): void {
    for (const input of inSpecifiedOrder(run.inputs, step)) {
      const artifact = this.#inputNode(step, input, upstream);
      const { name, input_type, input_index, chunk_index, chunk_size } = input;
      if (artifact) this.#edge(artifact, node, { input_name: name, type: input_type, index: input_index, chunk_index, chunk_size });
    }
    for (const output of run.outputs) {
      // Names of saved artifacts need not be unique within a step.
      const key = output.save_type === 'manual' ? output.artifact_id : output.name;
      const artifact = this.#artifact(`${plain(step.name)}/outputs/${output.save_type}/${plain(key)}`, output.name, output);
      this.#edge(node, artifact, { output_name: output.name, type: output.save_type });
      if (output.save_type === 'step_output') this.#outputsOf(step.name).set(output.name, artifact);
    }
    this.#addPlannedOutputs(step, node);
    for (const triggered of run.triggered_runs) this.#edge(node, this.addRun('run', triggered), {});
  }

  #inputNode(step: DagStep, input: DagInput, upstream: Set<string>): DagNode | null {
    if (input.input_type === 'step_output') {
      const spec = inputSpecs(step.spec, input.name)?.[input.input_index];
      if (!spec) return null;
      upstream.delete(spec.step_name);
      return this.#regularOutput(spec);
    }
    // Loaded, lazy and external artifacts get nodes of their own, even when a step of this run made them.
    const key = input.input_type === 'manual' ? input.artifact_id : input.name;
    return this.#artifact(`${plain(step.name)}/inputs/${input.input_type}/${plain(key)}`, input.name, input);
  }

  #connectPlanned(step: DagStep, node: DagNode, upstream: Set<string>): void {
    for (const name of Object.keys(step.spec.inputs ?? {})) {
      for (const spec of inputSpecs(step.spec, name) ?? []) {
        const artifact = this.#regularOutput(spec);
        if (artifact)
          this.#edge(artifact, node, { input_name: name, type: 'step_output', chunk_index: spec.chunk_index ?? null, chunk_size: spec.chunk_size ?? null });
        upstream.delete(spec.step_name);
      }
    }
    const { client_lazy_loaders, model_artifacts_or_metadata, external_input_artifacts } = step.config;
    for (const [inputs, type] of [
      [client_lazy_loaders, 'lazy'],
      [model_artifacts_or_metadata, 'lazy'],
      [external_input_artifacts, 'external'],
    ] as const) {
      for (const name of Object.keys(inputs ?? {})) {
        const artifact = this.#artifact(`${plain(step.name)}/inputs/${type}/${plain(name)}`, name);
        this.#edge(artifact, node, { input_name: name, type });
      }
    }
    this.#addPlannedOutputs(step, node);
  }

  /** Outputs that do not exist yet, or never will because the step failed. */
  #addPlannedOutputs(step: DagStep, node: DagNode): void {
    const known = this.#outputsOf(step.name);
    for (const output of Object.keys(step.config.outputs ?? {})) {
      const name = this.#outputName(step.name, output);
      if (known.has(name)) continue;
      const artifact = this.#artifact(`${plain(step.name)}/outputs/step_output/${plain(name)}`, name);
      this.#edge(node, artifact, { output_name: output, type: 'step_output' });
      known.set(name, artifact);
    }
  }

  #regularOutput({ step_name, output_name }: InputSpec): DagNode | null {
    return this.#regularOutputs.get(step_name)?.get(this.#outputName(step_name, output_name)) ?? null;
  }

  #outputName(step: string, output: string): string {
    return fillTemplate(output, this.#substitutions.get(step) ?? this.facts.substitutions);
  }

  #outputsOf(step: string): Map<string, DagNode> {
    const found = this.#regularOutputs.get(step) ?? new Map<string, DagNode>();
    this.#regularOutputs.set(step, found);
    return found;
  }

  #artifact(node_id: string, name: string, of?: DagArtifact): DagNode {
    const metadata = of ? { type: of.type, data_type: importPath(of.data_type), save_type: of.save_type } : {};
    const node: DagNode = { node_id, type: 'artifact', id: of?.artifact_id ?? null, name, metadata };
    this.#nodes.artifact.set(node_id, node);
    return node;
  }

  #edge(source: DagNode, target: DagNode, metadata: Metadata): void {
    this.#edges.push({ source: source.node_id, target: target.node_id, metadata });
  }
}

/** Inputs as the step declares them; those that it loaded by itself come after. */
function inSpecifiedOrder(inputs: readonly DagInput[], step: DagStep): DagInput[] {
  const order = new Map(Object.keys(step.spec.inputs ?? {}).map((name, i) => [name, i]));
  const place = ({ name }: DagInput) => order.get(name) ?? order.size;
  return inputs.toSorted((a, b) => place(a) - place(b));
}

/** Slashes separate the parts of node ids. */
function plain(name: string): string {
  return name.replaceAll('/', '-');
}

function present(values: Metadata): Metadata {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ''));
}

/** `module.attribute`, as Python would import it. Old rows hold that text itself. */
function importPath(source: unknown): string {
  if (typeof source === 'string') return source;
  const { module, attribute } = source as { module: string; attribute?: string | null };
  return attribute ? `${module}.${attribute}` : module;
}
