import { isDeepStrictEqual } from 'node:util';
import { Problem } from '#libs/http/problem.js';
import { plainNumbers } from '#libs/json/exact.js';
import { ConfigMismatch, type ConfigSchema, readConfig } from './config-schema.rules.js';
import { flavorChecks } from './flavor-checks.rules.js';

type Configuration = Record<string, unknown>;
export type ConfiguredFlavor = { name: string; type: string; isCustom: boolean; schema: ConfigSchema };

/** `{{secret.key}}`, which may stand for any text. */
export function isSecretReference(value: unknown): boolean {
  if (typeof value !== 'string' || !value.startsWith('{{') || !value.endsWith('}}')) return false;
  const inner = value.slice(2, -2).trim();
  return !/\s/.test(inner) && inner.slice(1, -1).includes('.');
}

/**
 * A component's configuration as its flavor reads it. Flavors of somebody's own are known to their clients only and take anything.
 * @param stored keys that a component has already are kept even when the flavor has dropped them
 * @throws Problem 400 for unknown settings, 422 for values that do not fit
 */
export function componentConfiguration(flavor: ConfiguredFlavor, given: Configuration, stored: Configuration = {}): Configuration {
  if (flavor.isCustom) return given;
  const known = flavor.schema.properties ?? {};
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(known, key) && !Object.hasOwn(stored, key));
  if (unknown.length > 0)
    throw new Problem('invalid', `The ${flavor.type} flavor '${flavor.name}' has no setting ${unknown.map((key) => `'${key}'`).join(', ')}.`);
  const { checked = [], renamed = {}, before = [], after = [] } = flavorChecks(flavor.type, flavor.name);
  const reference = checked.find((name) => isSecretReference(given[name]));
  if (reference) throw new Problem('invalid', `The setting '${reference}' cannot be a reference to a secret, because it is checked.`);
  try {
    const prepared = Object.fromEntries(Object.entries(given).filter(([key]) => key !== 'custom_docker_base_image_name' && Object.hasOwn(known, key)));
    const current = before.reduce((configuration, rule) => rule(configuration), withNewNames(plainNumbers(prepared) as Configuration, renamed));
    return after.reduce((configuration, rule) => rule(configuration), readConfig(flavor.schema, current) as Configuration);
  } catch (error) {
    if (!(error instanceof ConfigMismatch)) throw error;
    throw new Problem('unprocessable', `The configuration does not fit the ${flavor.type} flavor '${flavor.name}'. ${error.message}.`);
  }
}

/** Settings under the names that they have by now. @throws ConfigMismatch where both names are used, with different values */
function withNewNames(configuration: Configuration, renamed: Record<string, string>): Configuration {
  const out = { ...configuration };
  for (const [old, name] of Object.entries(renamed)) {
    if (out[old] === undefined || out[old] === null) continue;
    if (out[name] === undefined || out[name] === null) {
      out[name] = out[old];
      delete out[old];
    } else if (!isDeepStrictEqual(out[old], out[name])) throw new ConfigMismatch(old, `is called ${name} by now, which has another value`);
  }
  return out;
}
