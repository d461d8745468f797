import { Problem } from '#libs/http/problem.js';
import { plainNumbers } from '#libs/json/exact.js';
import { ConfigMismatch, type ConfigSchema, readConfig } from './config-schema.rules.js';

type Configuration = Record<string, unknown>;
export type ConfiguredFlavor = { name: string; type: string; isCustom: boolean; schema: ConfigSchema };

/** `{{secret.key}}`, which may stand for any text. */
const secretReference = /^\{\{\s*\S+?\.\S+\s*\}\}$/;

export function isSecretReference(value: unknown): boolean {
  return typeof value === 'string' && secretReference.test(value);
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
  try {
    const prepared = Object.fromEntries(Object.entries(given).filter(([key]) => key !== 'custom_docker_base_image_name' && Object.hasOwn(known, key)));
    const read = readConfig(flavor.schema, plainNumbers(prepared)) as Configuration;
    return checksOf(flavor).reduce((configuration, check) => check(configuration), read);
  } catch (error) {
    if (!(error instanceof ConfigMismatch)) throw error;
    throw new Problem('unprocessable', `The configuration does not fit the ${flavor.type} flavor '${flavor.name}'. ${error.message}.`);
  }
}

type Check = (configuration: Configuration) => Configuration;

/** What the classes of some flavors ask for beyond their schema. */
function checksOf({ name, type }: ConfiguredFlavor): Check[] {
  if (type === 'artifact_store') return [pathWithin(schemes[name] ?? []), ...(name === 'local' ? [localPath] : []), ...(name === 's3' ? [endpointUrl] : [])];
  if (type === 'container_registry') return [registryUri(name)];
  if (type === 'experiment_tracker' && name === 'mlflow') return [mlflowCredentials];
  return [];
}

/** How the paths of an artifact store begin. */
const schemes: Record<string, string[]> = { s3: ['s3://'], gcp: ['gs://'], azure: ['abfs://', 'az://'], b2: ['s3://'], digitalocean: ['s3://'] };
const remotePrefixes = ['gs://', 'hdfs://', 's3://', 'az://', 'abfs://'];

function pathWithin(prefixes: string[]): Check {
  return (configuration) => {
    if (typeof configuration.path !== 'string') return configuration;
    const path = configuration.path.replace(/^['"`]+|['"`]+$/g, '');
    if (prefixes.length > 0 && !prefixes.some((prefix) => path.startsWith(prefix)))
      throw new ConfigMismatch('path', `must start with ${prefixes.join(' or ')}`);
    return { ...configuration, path };
  };
}

const localPath: Check = (configuration) => {
  noReference(configuration, 'path');
  if (remotePrefixes.some((prefix) => String(configuration.path ?? '').startsWith(prefix))) throw new ConfigMismatch('path', 'must be a local path');
  return configuration;
};

const endpointUrl: Check = (configuration) => {
  const options = configuration.client_kwargs as { endpoint_url?: unknown } | null | undefined;
  if (!options?.endpoint_url) return configuration;
  if (!/^https?:\/\//.test(String(options.endpoint_url))) throw new ConfigMismatch('client_kwargs.endpoint_url', 'must start with https:// or http://');
  return { ...configuration, client_kwargs: { ...options, endpoint_url: String(options.endpoint_url).replace(/\/+$/, '') } };
};

const oceanRegistry = 'registry.digitalocean.com/';

function registryUri(name: string): Check {
  return (configuration) => {
    noReference(configuration, 'uri');
    const uri = String(configuration.uri ?? '').replace(/\/+$/, '');
    if (name === 'aws' && uri.includes('/')) throw new ConfigMismatch('uri', 'may not contain a slash');
    if (name === 'digitalocean' && !(uri.startsWith(oceanRegistry) && uri.length > oceanRegistry.length))
      throw new ConfigMismatch('uri', `must be ${oceanRegistry} and the name of your registry`);
    return { ...configuration, uri };
  };
}

const mlflowCredentials: Check = (configuration) => {
  const has = (name: string) => Boolean(configuration[name]);
  if (has('tracking_username') !== has('tracking_password')) throw new ConfigMismatch('tracking_password', 'belongs together with tracking_username');
  if (has('databricks_client_id') !== has('databricks_client_secret'))
    throw new ConfigMismatch('databricks_client_secret', 'belongs together with databricks_client_id');
  const uri = String(configuration.tracking_uri ?? '');
  const isDatabricks = uri === 'databricks';
  const databricksOnly = ['databricks_host', 'databricks_client_id', 'databricks_client_secret', 'enable_unity_catalog'].find(has);
  if (!isDatabricks && databricksOnly) throw new ConfigMismatch(databricksOnly, "needs the tracking_uri 'databricks'");
  if (isDatabricks && !has('databricks_host')) throw new ConfigMismatch('databricks_host', "is required for the tracking_uri 'databricks'");
  const ways = ['tracking_username', 'tracking_token', 'databricks_client_id'].filter(has).length;
  if ((isDatabricks || /^https?:\/\//.test(uri)) && ways !== 1)
    throw new ConfigMismatch('tracking_uri', 'needs exactly one of tracking_username and tracking_password, tracking_token, or a client of Databricks');
  return configuration;
};

/** Text that is checked cannot be looked up later. */
function noReference(configuration: Configuration, name: string): void {
  if (isSecretReference(configuration[name])) throw new ConfigMismatch(name, 'cannot be a reference to a secret, because it is checked');
}
