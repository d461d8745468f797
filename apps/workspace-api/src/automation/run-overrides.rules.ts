import { Problem } from '#libs/http/problem.js';
import { StackComponentType } from '#libs/wire/models/enums.js';

export type Document = Record<string, unknown>;
export type Component = { type: string; name: string; flavor: string };
type Step = { spec: unknown; config: Document; step_config_overrides: Document };

/** What a run configuration may change of a pipeline. Its name stays, and so do the parameters of a pipeline whose steps were fixed with them. */
const pipelineFields = [
  'enable_cache',
  'enable_artifact_metadata',
  'enable_artifact_visualization',
  'enable_step_logs',
  'enable_pipeline_logs',
  'enable_heartbeat',
  'settings',
  'environment',
  'secrets',
  'tags',
  'extra',
  'model',
  'retry',
  'init_hook_source',
  'init_hook_kwargs',
  'cleanup_hook_source',
  'failure_hook_source',
  'success_hook_source',
  'start_hook_source',
  'end_hook_source',
  'pause_hook_source',
  'resume_hook_source',
  'substitutions',
  'cache_policy',
  'execution_mode',
];

/** What of a run configuration makes no sense for runs that the server starts. @throws Problem 400 */
export function assertRunsOnServer(configuration: Document, isDynamic: boolean): void {
  const { parameters, build, schedule, settings, steps } = configuration as { [name: string]: Document | null | undefined };
  if (parameters && Object.keys(parameters).length > 0 && !isDynamic)
    throw new Problem('invalid', 'Parameters of a static pipeline cannot be changed, since its steps were made with them. Set parameters of steps instead.');
  if (build) throw new Problem('invalid', 'The server runs the build of the snapshot; another one cannot be set.');
  if (schedule) throw new Problem('invalid', 'A run that the server starts cannot have a schedule of its own.');
  const all = [settings, ...Object.values(steps ?? {}).map((step) => (step as Document).settings as Document | null | undefined)];
  if (all.some((one) => one?.docker)) throw new Problem('invalid', 'Docker settings cannot be changed: the images are built already.');
}

export function pipelineOverrides(configuration: Document, isDynamic: boolean): Document {
  return given(configuration, isDynamic ? [...pipelineFields, 'parameters'] : pipelineFields);
}

/** A step with what the run configuration changes of it. Its name is not one of these things. @throws Problem 400 */
export function stepWithOverrides(invocation: string, step: Step, overrides: Document | undefined): Pick<Step, 'spec' | 'step_config_overrides'> {
  const changes = given(
    overrides ?? {},
    Object.keys(overrides ?? {}).filter((field) => field !== 'name'),
  );
  const changed = updated(step.step_config_overrides, changes);
  const known = Object.keys((step.config.parameters ?? {}) as Document);
  const unknown = Object.keys((changed.parameters ?? {}) as Document).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Problem('invalid', `The step ${invocation} has no parameters ${unknown.join(', ')}.`);
  return { spec: step.spec, step_config_overrides: changed };
}

/** Dictionaries are updated level by level, everything else is replaced. */
export function updated(original: Document, changes: Document): Document {
  const out = { ...original };
  for (const [key, value] of Object.entries(changes)) {
    const under = out[key] ?? {};
    out[key] = isDictionary(value) && isDictionary(under) ? updated(under, value) : value;
  }
  return out;
}

function given(document: Document, fields: readonly string[]): Document {
  return Object.fromEntries(fields.filter((field) => document[field] != null).map((field) => [field, document[field]]));
}

function isDictionary(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How settings of a component are named: by the component's name, and in images of clients before 0.94.3 by its flavor. */
export function settingsKey({ type, name, flavor }: Component, clientVersion: string | null): string {
  return isBefore0943(clientVersion) ? `${type}.${flavor}` : `${type}:${name}`;
}

function isBefore0943(version: string | null): boolean {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version ?? '');
  if (!found) return true;
  const [major, minor, patch] = found.slice(1).map(Number) as [number, number, number];
  return major === 0 && (minor < 94 || (minor === 94 && patch < 3));
}

/**
 * Settings under the one name that stands for their component; `type`, `type.flavor` and `type:name` all find it. Settings of components that the
 * stack does not have are dropped.
 * @throws Problem 400 where two are for the same component, or it is not clear which one is meant
 */
export function withSettingsKeys(settings: unknown, stack: Component[], clientVersion: string | null): Document {
  const out: Document = {};
  for (const [key, value] of Object.entries((settings ?? {}) as Document)) {
    const [, type = '', sign, selector] = /^([^:.]+)(?:([:.])(.*))?$/s.exec(key) ?? [];
    if (!StackComponentType.safeParse(type).success) {
      out[key] = value;
      continue;
    }
    const ofType = stack.filter((one) => one.type === type);
    const found = sign === undefined ? ofType.slice(0, 1) : ofType.filter((one) => (sign === ':' ? one.name : one.flavor) === selector);
    if (found.length > 1 || (found.length === 0 && sign === undefined))
      throw new Problem('invalid', `It is not clear which component the settings '${key}' are for: ${found.length} of the stack fit.`);
    if (found.length === 0) continue;
    const canonical = settingsKey(found[0] as Component, clientVersion);
    if (canonical in out) throw new Problem('invalid', `There is more than one settings entry for ${canonical}. Keep one of them.`);
    out[canonical] = value;
  }
  return out;
}
