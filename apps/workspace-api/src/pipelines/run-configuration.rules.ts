import { withoutDefaults } from '#libs/wire/complete.js';
import { PipelineConfigurationInput, PipelineRunConfiguration, StepConfigurationInput, StepConfigurationUpdate } from '#libs/wire/models/configuration.js';
import type { Configuration, Step } from './configuration.rules.js';

/** A JSON schema, or a part of one. */
type Schema = Record<string, unknown>;

/** From the installed package, by tools/reference/export-run-configuration-schema.mjs. */
export type SchemaParts = {
  /** Fields of a run configuration but `steps`, `settings` and `parameters`. */
  properties: Schema;
  /** Fields of a step, and those that only steps of dynamic pipelines have. */
  step: Schema;
  dynamic_step: Schema;
  /** `type/flavor` -> the definition of what may be set for such a component. */
  settings: Record<string, string>;
  definitions: Record<string, Schema>;
};

export type RunnableSnapshot = {
  isDynamic: boolean;
  runNameTemplate: string;
  pipeline: Configuration;
  steps: Record<string, Step>;
  /** Components of the stack that the build was made for. */
  stack: { type: string; flavor: string; name: string }[];
};

const stepFields = Object.keys(StepConfigurationUpdate.shape).filter((name) => name !== 'outputs');
const pipelineFields = Object.keys(PipelineRunConfiguration.shape).filter((name) => !['schedule', 'build'].includes(name));

/** A run configuration that changes nothing: what the snapshot sets, in the form in which people send it. */
export function configurationTemplate({ isDynamic, runNameTemplate, pipeline, steps }: RunnableSnapshot): Configuration {
  const fields = isDynamic ? pipelineFields : pipelineFields.filter((name) => name !== 'parameters');
  return {
    run_name: runNameTemplate,
    steps: Object.fromEntries(
      Object.entries(steps).map(([name, step]) => [name, template(withoutDefaults(StepConfigurationInput, step.step_config_overrides), stepFields)]),
    ),
    ...template(withoutDefaults(PipelineConfigurationInput, pipeline), fields),
  };
}

function template(configuration: unknown, fields: readonly string[]): Configuration {
  const out: Configuration = {};
  for (const name of fields) {
    const value = (configuration as Configuration)[name];
    if (value === undefined) continue;
    if (name.endsWith('_hook_source')) out[name] = importPath(value as { module: string; attribute?: string });
    // Images are built already; what Docker is told cannot change any more.
    else if (name === 'settings') out[name] = Object.fromEntries(Object.entries(value as Configuration).filter(([key]) => key !== 'docker'));
    else out[name] = value;
  }
  return out;
}

function importPath({ module, attribute }: { module: string; attribute?: string }): string {
  return attribute ? `${module}.${attribute}` : module;
}

/** The JSON schema of the run configurations that fit a snapshot: its steps with their parameters, and the settings of its stack's components. */
export function configurationSchema(snapshot: RunnableSnapshot, parts: SchemaParts): Schema {
  const { isDynamic, pipeline, steps, stack } = snapshot;
  const definitions: Record<string, Schema> = {};
  const settings = settingsOf(stack, parts);
  const stepProperties: Schema = { ...parts.step, ...(isDynamic ? parts.dynamic_step : {}) };
  for (const [type, field, title] of choices) {
    const names = stack.filter((component) => component.type === type).map(({ name }) => name);
    if (names.length === 0) continue;
    definitions[title] = { enum: names, title, type: 'string' };
    stepProperties[field] = { anyOf: [reference(title), { type: 'boolean' }, nothing], default: null, title: titleOf(field) };
  }
  definitions.Settings = settings;

  const all: Schema = {};
  const required: string[] = [];
  for (const [name, step] of Object.entries(steps)) {
    const key = definitionName(name);
    const parameters = Object.keys(step.config.parameters as object);
    const properties = { ...stepProperties };
    if (parameters.length > 0) {
      definitions[`${key}_parameters`] = parameterSchema(`${name}_parameters`, parameters);
      properties.parameters = { anyOf: [reference(`${key}_parameters`), nothing] };
      required.push(name);
    }
    definitions[key] = { properties, ...(parameters.length > 0 ? { required: ['parameters'] } : {}), title: name, type: 'object' };
    all[name] = parameters.length > 0 ? reference(key) : optional(key);
  }
  definitions.Steps = { properties: all, ...(required.length > 0 ? { required } : {}), title: 'Steps', type: 'object' };

  const properties: Schema = { ...parts.properties, settings: optional('Settings'), steps: required.length > 0 ? reference('Steps') : optional('Steps') };
  if (isDynamic) {
    definitions.Parameters = parameterSchema('Parameters', Object.keys((pipeline.parameters ?? {}) as object));
    properties.parameters = { ...reference('Parameters'), default: null };
  }
  addReferred({ properties, definitions }, definitions, parts.definitions);
  specifyParameters(definitions, steps);
  return { $defs: definitions, properties, ...(required.length > 0 ? { required: ['steps'] } : {}), title: 'Result', type: 'object' };
}

const choices = [
  ['experiment_tracker', 'experiment_tracker', 'ExperimentTrackers'],
  ['step_operator', 'step_operator', 'StepOperators'],
] as const;

const nothing = { type: 'null' };

function reference(name: string): Schema {
  return { $ref: `#/$defs/${name}` };
}

function optional(name: string): Schema {
  return { anyOf: [reference(name), nothing], default: null };
}

function settingsOf(stack: RunnableSnapshot['stack'], parts: SchemaParts): Schema {
  const properties: Schema = { resources: optional('ResourceSettings') };
  for (const { type, flavor, name } of stack) {
    const definition = parts.settings[`${type}/${flavor}`];
    if (definition) properties[`${type}:${name}`] = optional(definition);
  }
  return { properties, title: 'Settings', type: 'object' };
}

function parameterSchema(title: string, names: string[]): Schema {
  const properties = Object.fromEntries(names.map((name) => [name, { title: titleOf(name) }]));
  return { properties, ...(names.length > 0 ? { required: names } : {}), title, type: 'object' };
}

/** `learning_rate` -> `Learning Rate`, as pydantic titles fields. */
function titleOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/(^|[^\p{L}])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase())
    .replaceAll('_', ' ')
    .trim();
}

function definitionName(name: string): string {
  return name.replace(/[^a-zA-Z0-9.\-_]/g, '_');
}

/** Adds every definition that is referred to, and those that these refer to. */
function addReferred(from: unknown, into: Record<string, Schema>, known: Record<string, Schema>): void {
  if (typeof from !== 'object' || from === null) return;
  for (const [key, value] of Object.entries(from)) {
    const name = key === '$ref' && typeof value === 'string' ? value.slice('#/$defs/'.length) : null;
    if (name !== null && known[name] && !into[name]) {
      into[name] = structuredClone(known[name]);
      addReferred(known[name], into, known);
    } else addReferred(value, into, known);
  }
}

/** Steps whose function has typed parameters say themselves what these look like. Their definitions move to the root, renamed where another has the name. */
function specifyParameters(definitions: Record<string, Schema>, steps: Record<string, Step>): void {
  for (const [name, step] of Object.entries(steps)) {
    const specification = (step.spec as { parameter_spec?: Schema | null }).parameter_spec;
    const target = definitions[name];
    if (!specification || Object.keys(specification).length === 0 || !target) continue;
    const { $defs = {}, ...parameters } = specification;
    const own = $defs as Record<string, Schema>;
    const renamed: Record<string, string> = {};
    for (const [definition, schema] of Object.entries(own)) renamed[definition] = freeName(definitions, name, definition, schema);
    for (const [definition, schema] of Object.entries(own)) {
      const key = renamed[definition] as string;
      definitions[key] ??= rewritten(schema, renamed) as Schema;
    }
    (target.properties as Schema).parameters = rewritten(parameters, renamed);
    delete definitions[`${name}_parameters`];
  }
}

function freeName(definitions: Record<string, Schema>, step: string, name: string, schema: Schema): string {
  const isFree = (candidate: string) => !definitions[candidate] || JSON.stringify(definitions[candidate]) === JSON.stringify(schema);
  if (isFree(name)) return name;
  const longer = `${step}__${name}`;
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? longer : `${longer}_${n}`;
    if (isFree(candidate)) return candidate;
  }
}

function rewritten(value: unknown, renamed: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, renamed));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name = key === '$ref' && typeof item === 'string' && item.startsWith('#/$defs/') ? renamed[item.slice('#/$defs/'.length)] : undefined;
      return [key, name === undefined ? rewritten(item, renamed) : `#/$defs/${name}`];
    }),
  );
}
