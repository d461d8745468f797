import { Problem } from '#libs/http/problem.js';
import { PipelineConfigurationInput, type PipelineRunConfiguration, StepConfigurationInput } from '#libs/wire/models/configuration.js';
import { StackComponentType } from '#libs/wire/models/enums.js';
import { type Configuration, type Step, withoutNullFields } from '../pipelines/configuration.rules.js';

/** What a run is derived from. Documents have their numbers in the characters in which they came (libs/json). */
export type SourceSnapshot = {
  isDynamic: boolean;
  runNameTemplate: string;
  pipeline: Configuration;
  specification: Configuration | null;
  steps: Record<string, Step>;
  /** The package that will read the settings; null when nobody said. */
  clientVersion: string | null;
  components: Component[];
};

export type Component = { type: string; flavor: string; name: string; hasSynchronous: boolean };

export type DerivedSnapshot = {
  run_name_template: string;
  pipeline_configuration: Configuration;
  pipeline_spec: Configuration | null;
  step_configurations: Record<string, { spec: unknown; config: Configuration; step_config_overrides: Configuration }>;
};

type RunConfiguration = Partial<PipelineRunConfiguration> & Configuration;

const pipelineFields = Object.keys(PipelineConfigurationInput.shape).filter((name) => name !== 'name');

/** Refuses what a run from the server cannot change any more. @throws Problem 400 */
export function assertRunConfiguration(configuration: RunConfiguration, isDynamic: boolean): void {
  if (!isDynamic && configuration.parameters && Object.keys(configuration.parameters).length > 0)
    throw new Problem('invalid', 'Parameters of a static pipeline cannot be set any more: they went into its steps. Set the parameters of the steps instead.');
  if (configuration.build) throw new Problem('invalid', 'A run from the server uses the build of its snapshot. Leave out build.');
  if (configuration.schedule) throw new Problem('invalid', 'A run from the server starts once. Leave out schedule.');
  for (const settings of [configuration.settings, ...Object.values(configuration.steps ?? {}).map((step) => step.settings)])
    if (settings?.docker) throw new Problem('invalid', 'The images of the snapshot exist already. Leave out the Docker settings.');
}

/** Refuses changes of steps that a static pipeline does not have. @throws Problem 400 */
export function assertSteps({ isDynamic, steps }: SourceSnapshot, configuration: RunConfiguration): void {
  const unknown = Object.keys(configuration.steps ?? {}).filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0 && !isDynamic)
    throw new Problem('invalid', `The pipeline has no step named ${quoted(unknown)}. Its steps are ${quoted(Object.keys(steps))}.`);
}

/** The snapshot with a run's configuration over its own; of steps that it does not have, what is said is left out. @throws Problem 400 */
export function derivedSnapshot(source: SourceSnapshot, configuration: RunConfiguration): DerivedSnapshot {
  const { isDynamic, components } = source;
  const isLegacy = hasLegacySettings(source.clientVersion);
  const settingsOf = (fields: Configuration): Configuration =>
    fields.settings ? { ...fields, settings: withCanonicalKeys(fields.settings as Configuration, components, isLegacy) } : fields;

  const fields = isDynamic ? pipelineFields : pipelineFields.filter((name) => name !== 'parameters');
  const pipeline = updated(source.pipeline, settingsOf(given(configuration, fields)));
  forceAsynchronous(pipeline, components, isLegacy);

  const changes = (configuration.steps ?? {}) as Record<string, Configuration>;
  const steps = Object.entries(source.steps).map(([name, step]) => {
    const change = changes[name] ?? {};
    const own = updated(
      step.step_config_overrides,
      settingsOf(
        given(
          change,
          Object.keys(change).filter((field) => field !== 'name'),
        ),
      ),
    );
    assertStep(name, own);
    assertParameters(name, Object.keys((step.config.parameters ?? {}) as object), Object.keys((own.parameters ?? {}) as object));
    return [name, { spec: step.spec, config: own, step_config_overrides: own }] as const;
  });
  const parameters = pipeline.parameters as Configuration | null | undefined;
  const hasParameters = parameters != null && Object.keys(parameters).length > 0;
  return {
    run_name_template: configuration.run_name || source.runNameTemplate,
    pipeline_configuration: pipeline,
    // Whoever looks at a pipeline still reads its parameters there.
    pipeline_spec: source.specification && hasParameters ? { ...source.specification, parameters } : source.specification,
    step_configurations: Object.fromEntries(steps),
  };
}

function given(configuration: Configuration, fields: readonly string[]): Configuration {
  return Object.fromEntries(fields.flatMap((name) => (configuration[name] == null ? [] : [[name, withoutNullFields(name, configuration[name])]])));
}

/** Dictionaries level by level, everything else as a whole. */
function updated(under: Configuration, over: Configuration): Configuration {
  const out: Configuration = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = out[key] ?? {};
    out[key] = isDictionary(value) && isDictionary(before) ? updated(before, value) : value;
  }
  return out;
}

function isDictionary(value: unknown): value is Configuration {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What may be left out of a change may be needed in the whole. @throws Problem 422 */
function assertStep(step: string, configuration: Configuration): void {
  const issue = StepConfigurationInput.safeParse(configuration).error?.issues[0];
  if (issue) throw new Problem('unprocessable', `The step '${step}' cannot be configured like that: ${issue.path.join('.')}: ${issue.message}.`);
}

function assertParameters(step: string, known: string[], set: string[]): void {
  const unknown = set.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Problem('invalid', `The step '${step}' has no parameter ${quoted(unknown)}.`);
  const missing = known.filter((name) => !set.includes(name));
  if (missing.length > 0) throw new Problem('invalid', `The step '${step}' needs a value for its parameter ${quoted(missing)}.`);
}

function quoted(names: string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}

/** Packages before 0.94.3 know settings of components by flavor, later ones by name. */
export function hasLegacySettings(version: string | null): boolean {
  const found = /^\s*v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version ?? '');
  if (!found) return true;
  const [major = 0, minor = 0, patch = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return major === 0 && (minor < 94 || (minor === 94 && patch < 3));
}

const componentTypes: ReadonlySet<string> = new Set(StackComponentType.options);

/** Settings of components under the one key that the package reads; those of components that the stack does not have are left out. @throws Problem 400 */
function withCanonicalKeys(settings: Configuration, components: Component[], isLegacy: boolean): Configuration {
  const out: Configuration = {};
  const from = new Map<string, string>();
  for (const [key, value] of Object.entries(settings)) {
    const [, type = '', sign, selector] = /^([^:.]*)([:.])?(.*)$/s.exec(key) ?? [];
    if (!componentTypes.has(type)) {
      out[key] = value;
      continue;
    }
    const ofType = components.filter((component) => component.type === type);
    const matches = sign === undefined ? ofType.slice(0, 1) : ofType.filter((component) => (sign === ':' ? component.name : component.flavor) === selector);
    const [match] = matches;
    if (!match && sign === undefined) throw new Problem('invalid', `The settings '${key}' are for a component that the stack does not have.`);
    if (!match) continue;
    if (matches.length > 1)
      throw new Problem('invalid', `The settings '${key}' fit several components of the stack. Name the one that is meant: '${type}:name'.`);
    const canonical = keyOf(match, isLegacy);
    const other = from.get(canonical);
    if (other !== undefined) throw new Problem('invalid', `The settings '${other}' and '${key}' are for the same component. Leave one out.`);
    from.set(canonical, key);
    out[canonical] = value;
  }
  return out;
}

function keyOf({ type, name, flavor }: Component, isLegacy: boolean): string {
  return isLegacy ? `${type}.${flavor}` : `${type}:${name}`;
}

/** Whoever starts a run for somebody else does not wait for it. Changes the configuration, which is this run's own. */
function forceAsynchronous(pipeline: Configuration, components: Component[], isLegacy: boolean): void {
  const orchestrator = components.find(({ type }) => type === 'orchestrator');
  if (!orchestrator?.hasSynchronous) return;
  const settings = withCanonicalKeys((pipeline.settings ?? {}) as Configuration, components, isLegacy);
  const key = keyOf(orchestrator, isLegacy);
  pipeline.settings = { ...settings, [key]: { ...(settings[key] as Configuration | undefined), synchronous: false } };
}
