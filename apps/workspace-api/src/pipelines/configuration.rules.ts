import { Problem } from '#libs/http/problem.js';
import { complete } from '#libs/wire/complete.js';
import { StepConfigurationInput } from '#libs/wire/models/configuration.js';

/** Configurations are kept as clients send them; these rules know only the few fields they combine. */
export type Configuration = Record<string, unknown>;

/** A step as it is stored: what the step itself sets, without what it inherits from the pipeline. */
export type StoredStep = { spec: unknown; step_config_overrides?: unknown; config?: unknown };

/** A step as clients see it: `config` is what it runs with. */
export type Step = { spec: unknown; config: Configuration; step_config_overrides: Configuration };

const inherited = ['settings', 'extra', 'retry', 'substitutions', 'environment', 'secrets', 'cache_policy'] as const;
/** Hooks that a dynamic pipeline keeps to itself: there they are called for the pipeline, not once more for each step. */
const inheritedHooks = ['failure_hook_source', 'success_hook_source', 'start_hook_source', 'end_hook_source'] as const;

/**
 * What a step runs with: the pipeline's values, and over them the step's own. Dictionaries are merged level by level, a null never
 * overrides, and secrets of both are used, the pipeline's first.
 */
export function mergeStepConfiguration(pipelineConfiguration: Configuration, storedStep: StoredStep, options: { isDynamic: boolean }): Step {
  const own = (storedStep.step_config_overrides ?? storedStep.config ?? {}) as Configuration;
  const fromPipeline = inheritedValues(pipelineConfiguration, options.isDynamic);
  const combined: Configuration = { ...own, ...fromPipeline };
  for (const [name, value] of Object.entries(own)) if (name in fromPipeline) combined[name] = mergedValue(combined[name], value);
  combined.secrets = [...((fromPipeline.secrets as unknown[]) ?? []), ...((own.secrets as unknown[]) ?? [])];
  return { spec: storedStep.spec, config: complete(StepConfigurationInput, combined as never) as Configuration, step_config_overrides: own };
}

function inheritedValues(pipeline: Configuration, isDynamic: boolean): Configuration {
  const out: Configuration = {};
  for (const name of isDynamic ? inherited : [...inherited, ...inheritedHooks]) {
    const value = pipeline[name];
    if (value !== null && value !== undefined) out[name] = withoutNullFields(name, value);
  }
  return out;
}

/** Fields of models that are null count as not set; entries of free dictionaries do not. */
export function withoutNullFields(name: string, value: unknown): unknown {
  switch (name) {
    case 'settings':
      return mapValues(value as Configuration, withoutNulls);
    case 'outputs':
      return mapValues(value as Configuration, (output) => mapValues(withoutNulls(output) as Configuration, withoutNullsInList));
    case 'cache_policy':
      return mapValues(withoutNulls(value) as Configuration, withoutNullsInList);
    case 'extra':
    case 'substitutions':
    case 'environment':
    case 'parameters':
    case 'init_hook_kwargs':
      return value;
    default:
      return withoutNullsInList(value);
  }
}

function withoutNulls(value: unknown): unknown {
  return isDictionary(value) ? Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null && item !== undefined)) : value;
}

function withoutNullsInList(value: unknown): unknown {
  return Array.isArray(value) ? value.map(withoutNulls) : withoutNulls(value);
}

function mapValues(value: Configuration, change: (value: unknown) => unknown): Configuration {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
}

function isDictionary(value: unknown): value is Configuration {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mergedValue(under: unknown, over: unknown): unknown {
  if (over === null || over === undefined) return under;
  if (!isDictionary(over)) return over;
  // Anything that is empty makes room for a dictionary; a value that is not stays only until it is replaced as a whole.
  const base = isDictionary(under) ? under : isEmpty(under) ? {} : null;
  if (base === null) return over;
  const out: Configuration = { ...base };
  for (const [key, value] of Object.entries(over)) out[key] = mergedValue(out[key], value);
  for (const key of Object.keys(over)) if (out[key] === undefined) delete out[key];
  return out;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === 0 || value === '' || (Array.isArray(value) && value.length === 0);
}

/** The configuration with its substitutions complete: `date` and `time` of the start (naive UTC text) unless it sets them itself. */
export function withSubstitutions(configuration: Configuration, startTime: string | null | undefined): Configuration {
  const given = (configuration.substitutions ?? {}) as Record<string, string>;
  return { ...configuration, substitutions: { ...timesOf(startTime), ...given } };
}

function timesOf(startTime: string | null | undefined): { date: string; time: string } {
  const text = startTime ?? new Date().toISOString().slice(0, 23);
  const [day = '', clock = ''] = text.split(/[T ]/);
  const [seconds = '', fraction = ''] = clock.split('.');
  return { date: day.replaceAll('-', '_'), time: `${seconds.replaceAll(':', '_')}_${fraction.padEnd(6, '0').slice(0, 6)}` };
}

/**
 * A name from a template in Python's format language: `{name}`, `{name!r}`, `{name:>10}`, `{{` and `}}` for braces. `{date}` and `{time}`
 * fall back to now.
 * @throws Problem `not_found` for a placeholder that nothing fills, `invalid` for a template or name that makes no sense
 */
export function fillTemplate(text: string, substitutions: Record<string, string>): string {
  const values: Record<string, string> = { ...timesOf(null), ...substitutions };
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] as string;
    if (sign !== '{' && sign !== '}') out += sign;
    else if (text[i + 1] === sign) {
      out += sign;
      i++;
    } else {
      const end = text.indexOf('}', i);
      if (sign === '}' || end < 0) throw malformed(text);
      out += filledPlaceholder(text, text.slice(i + 1, end), values);
      i = end;
    }
  }
  if (out === '') throw new Problem('invalid', 'Names must not be empty.');
  return out;
}

function filledPlaceholder(text: string, placeholder: string, values: Record<string, string>): string {
  const found = /^([^{!:]*)(?:!([^:]))?(?::([^{]*))?$/s.exec(placeholder);
  if (!found) throw malformed(text);
  const [, name = '', conversion, layout = ''] = found;
  if (!Object.hasOwn(values, name)) throw new Problem('not_found', `The name template '${text}' asks for '${name}', which has no value.`);
  let value = values[name] as string;
  if (conversion === 'r' || conversion === 'a') value = quoted(value);
  else if (conversion !== undefined && conversion !== 's') throw malformed(text);
  const parts = /^(?:(.)?([<>^]))?(\d+)?(?:\.(\d+))?s?$/su.exec(layout);
  if (!parts) throw malformed(text);
  const [, fill = ' ', align = '<', width = '0', precision] = parts;
  const characters = [...value].slice(0, precision === undefined ? undefined : Number(precision));
  // A width from a template is text by a user: longer than any name is a mistake, not a wish.
  const missing = Math.min(Number(width), 1000) - characters.length;
  if (missing <= 0) return characters.join('');
  const before = align === '>' ? missing : align === '^' ? Math.floor(missing / 2) : 0;
  return `${fill.repeat(before)}${characters.join('')}${fill.repeat(missing - before)}`;
}

function quoted(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

function malformed(text: string): Problem {
  return new Problem('invalid', `'${text}' is no name template: write {date}, {time} or another substitution in braces, and {{ }} for braces themselves.`);
}
