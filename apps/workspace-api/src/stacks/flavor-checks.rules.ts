import { withoutEnd, withoutEnds } from '#libs/text/trim.js';
import { ConfigMismatch } from './config-schema.rules.js';

type Configuration = Record<string, unknown>;
type Rule = (configuration: Configuration) => Configuration;

/** What the class of a flavor does beyond its schema. */
export type FlavorChecks = {
  /** Settings whose text is looked at, so that none of them can be a reference to a secret. */
  checked?: string[];
  /** Settings that got another name. */
  renamed?: Record<string, string>;
  /** Before values are read: settings that follow from others, and values that may be written in several ways. */
  before?: Rule[];
  /** On the values as they were read: what must fit together. @throws ConfigMismatch */
  after?: Rule[];
};

/** What the classes of some built-in flavors ask for and change. Found out by asking the reference (`test/differential/scenarios/flavor-checks.ts`). */
export function flavorChecks(type: string, name: string): FlavorChecks {
  if (type === 'artifact_store') return artifactStore(name);
  if (type === 'container_registry') return { checked: ['uri'], after: [registryUri(name)] };
  return byFlavor[`${type}/${name}`] ?? {};
}

// --- tools

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '' && value !== false && value !== 0;

/** A setting whose value is written in another way; nothing where it is not set. */
const written =
  (name: string, convert: (value: unknown) => unknown): Rule =>
  (configuration) =>
    configuration[name] === undefined || configuration[name] === null ? configuration : { ...configuration, [name]: convert(configuration[name]) };

const withoutTrailingSlashes = (value: unknown) => (typeof value === 'string' ? withoutEnd(value, '/') : value);

/** A condition on one setting, where it is set. */
const must =
  <T>(name: string, reason: string, fits: (value: T) => boolean): Rule =>
  (configuration) => {
    const value = configuration[name];
    if (value !== undefined && value !== null && !fits(value as T)) throw new ConfigMismatch(name, reason);
    return configuration;
  };

const together =
  (one: string, other: string): Rule =>
  (configuration) => {
    if (isSet(configuration[one]) !== isSet(configuration[other])) throw new ConfigMismatch(isSet(configuration[one]) ? other : one, 'is needed, too');
    return configuration;
  };

const unless =
  (name: string, reason: string, fails: (configuration: Configuration) => boolean): Rule =>
  (configuration) => {
    if (fails(configuration)) throw new ConfigMismatch(name, reason);
    return configuration;
  };

// --- artifact stores and registries

/** How the paths of an artifact store begin. */
const schemes: Record<string, string[]> = { s3: ['s3://'], gcp: ['gs://'], azure: ['abfs://', 'az://'], b2: ['s3://'], digitalocean: ['s3://'] };
const remotePrefixes = ['gs://', 'hdfs://', 's3://', 'az://', 'abfs://'];

function artifactStore(name: string): FlavorChecks {
  const path = pathWithin(schemes[name] ?? []);
  if (name === 'local') return { checked: ['path'], after: [path, must<string>('path', 'must be a local path', isLocalPath)] };
  if (name === 's3') return { after: [path, endpointUrl] };
  if (name === 'digitalocean') return { after: [path, endpointUrl, oceanRegion] };
  return { after: [path] };
}

const isLocalPath = (path: string) => !remotePrefixes.some((prefix) => path.startsWith(prefix));

function pathWithin(prefixes: string[]): Rule {
  return (configuration) => {
    if (typeof configuration.path !== 'string') return configuration;
    const path = withoutEnds(configuration.path, '\'"`');
    if (prefixes.length > 0 && !prefixes.some((prefix) => path.startsWith(prefix)))
      throw new ConfigMismatch('path', `must start with ${prefixes.join(' or ')}`);
    return { ...configuration, path };
  };
}

const endpointOf = ({ client_kwargs }: Configuration) => (client_kwargs as { endpoint_url?: unknown } | null | undefined)?.endpoint_url;

const endpointUrl: Rule = (configuration) => {
  const endpoint = endpointOf(configuration);
  if (!endpoint) return configuration;
  if (!/^https?:\/\//.test(String(endpoint))) throw new ConfigMismatch('client_kwargs.endpoint_url', 'must start with https:// or http://');
  return { ...configuration, client_kwargs: { ...(configuration.client_kwargs as object), endpoint_url: withoutTrailingSlashes(endpoint) } };
};

const oceanRegion: Rule = (configuration) => {
  const { region } = configuration;
  if (region && !/^[a-z]{2,6}[0-9]{1,2}$/.test(String(region))) throw new ConfigMismatch('region', "must be the name of a datacenter, such as 'fra1'");
  if (!region && !endpointOf(configuration)) throw new ConfigMismatch('region', 'is needed where client_kwargs names no endpoint_url');
  return configuration;
};

const oceanRegistry = 'registry.digitalocean.com/';

function registryUri(name: string): Rule {
  return (configuration) => {
    const uri = withoutEnd(String(configuration.uri ?? ''), '/');
    if (name === 'aws' && uri.includes('/')) throw new ConfigMismatch('uri', 'may not contain a slash');
    if (name === 'digitalocean' && !(uri.startsWith(oceanRegistry) && uri.length > oceanRegistry.length))
      throw new ConfigMismatch('uri', `must be ${oceanRegistry} and the name of your registry`);
    return { ...configuration, uri };
  };
}

// --- experiment trackers

const mlflowCredentials: Rule = (configuration) => {
  const has = (name: string) => isSet(configuration[name]);
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

/** What the tracker passes to Weights & Biases by itself. */
const wandbOwn = ['config', 'entity', 'group', 'id', 'job_type', 'name', 'project', 'project_name', 'resume', 'settings', 'tags'];

const wandbRun: Rule = (configuration) => {
  const { run_id, run_id_strategy = 'wandb_generated', resume, run_config, init_kwargs } = configuration;
  if (run_id && run_id_strategy !== 'wandb_generated') throw new ConfigMismatch('run_id', 'cannot be set together with a run_id_strategy');
  if (run_id_strategy === 'reuse_on_retry' && resume === 'never') throw new ConfigMismatch('resume', "cannot be 'never' where runs are used again");
  if (resume === 'must' && !run_id && run_id_strategy === 'wandb_generated')
    throw new ConfigMismatch('resume', "can be 'must' only with a run_id or a run_id_strategy");
  const reserved = Object.keys((run_config ?? {}) as object).find((key) => key.startsWith('zenml_'));
  if (reserved) throw new ConfigMismatch(`run_config.${reserved}`, 'is reserved');
  const managed = Object.keys((init_kwargs ?? {}) as object).find((key) => wandbOwn.includes(key));
  if (managed) throw new ConfigMismatch(`init_kwargs.${managed}`, 'is set by the tracker');
  return configuration;
};

// --- where steps and pipelines run

const sagemakerTraining: Rule = (configuration) => {
  const { use_training_step: isTraining = true, output_data_s3_uri: uri, output_data_s3_mode: mode = 'EndOfJob', instance_type } = configuration;
  if (isTraining && ((typeof uri === 'object' && uri !== null) || (typeof uri === 'string' && mode !== 'EndOfJob')))
    throw new ConfigMismatch('output_data_s3_uri', "of a training step must be one location, with the output_data_s3_mode 'EndOfJob'");
  return { ...configuration, instance_type: instance_type ?? (isTraining ? 'ml.m5.xlarge' : 'ml.t3.medium') };
};

const namedCompute = unless(
  'compute_name',
  'is needed for compute instances and clusters',
  ({ mode, compute_name }) => (mode === 'compute-instance' || mode === 'compute-cluster') && (compute_name === undefined || compute_name === null),
);

const azureComputeTarget: Rule = (configuration) => {
  if (!('compute_target_name' in configuration) || 'compute_name' in configuration || 'mode' in configuration) return configuration;
  const { compute_target_name, ...rest } = configuration;
  return { ...rest, compute_name: compute_target_name, mode: 'compute-instance' };
};

const airflowOperators: Record<string, string> = {
  docker: 'airflow.providers.docker.operators.docker.DockerOperator',
  kubernetes_pod: 'airflow.providers.cncf.kubernetes.operators.kubernetes_pod.KubernetesPodOperator',
  gke_start_pod: 'airflow.providers.google.cloud.operators.kubernetes_engine.GKEStartPodOperator',
};

const principals = ['group_name', 'user_name', 'service_principal_name'];

const databricks: FlavorChecks = {
  checked: ['autoscale', 'init_scripts', 'schedule_timezone'],
  after: [
    together('client_id', 'client_secret'),
    together('docker_image_username', 'docker_image_password'),
    must<[number, number]>('autoscale', 'must be two numbers from 0, the smaller one first', ([least, most]) => least >= 0 && least <= most),
    must<string[]>('init_scripts', 'must be paths that start with dbfs:/', (paths) => paths.every((path) => path.startsWith('dbfs:/'))),
    must<Configuration[]>('access_control_list', `takes exactly one of ${principals.join(', ')} in each entry`, (list) =>
      list.every((entry) => principals.filter((name) => isSet(entry[name])).length === 1),
    ),
    must<string>('schedule_timezone', "must be a time zone such as 'Europe/Berlin'", isTimeZone),
  ],
};

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

const memory = (name: string) => must<string>(name, "must be a number and one of K, M, G, T, Ki, Mi, Gi, Ti, such as '4G'", isMemory);
const isMemory = (text: string) => /^\d+(?:\.\d+)?(K|M|G|T|Ki|Mi|Gi|Ti)$/.test(text);
const memories = ['cpu_memory_request', 'cpu_memory_limit', 'gpu_memory_request', 'gpu_memory_limit'];

/** Which setting says where a mount appears in the container, and which others are paths as well. */
const mounts: Record<string, { at: string; also?: string }> = {
  pvc_mounts: { at: 'path' },
  config_map_mounts: { at: 'mount_path' },
  secret_mounts: { at: 'mount_path' },
  nfs_mounts: { at: 'mount_path' },
  s3_mounts: { at: 'path' },
  host_path_mounts: { at: 'mount_path', also: 'path' },
};

const runaiMounts: Rule = (configuration) => {
  const seen = new Set<string>();
  for (const [name, { at, also }] of Object.entries(mounts))
    for (const mount of (configuration[name] ?? []) as Record<string, string>[]) {
      for (const path of [at, ...(also ? [also] : [])])
        if (!mount[path]?.startsWith('/')) throw new ConfigMismatch(`${name}.${path}`, 'must be an absolute path');
      if (mount.default_mode && !/^0[0-7]{3}$/.test(mount.default_mode)) throw new ConfigMismatch(`${name}.default_mode`, "must be octal, such as '0644'");
      const path = mount[at] as string;
      if (seen.has(path)) throw new ConfigMismatch(`${name}.${at}`, `${path} is mounted twice`);
      seen.add(path);
    }
  return configuration;
};

function isRunaiUrl(text: string): boolean {
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : null;
  return url !== null && url.hostname !== '' && url.search === '' && url.hash === '';
}

const probePath = (name: string) => must<string>(name, 'must start with /', (path) => path.startsWith('/'));
const wholeSeconds = written('api_request_timeout', (value) => (typeof value === 'number' ? Math.trunc(value) : value));

const oneOfPolicies = written('concurrency_policy', (value) => {
  const text = String(value).trim();
  const policy = text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
  if (!['Allow', 'Forbid', 'Replace'].includes(policy)) throw new ConfigMismatch('concurrency_policy', 'must be one of Allow, Forbid, Replace');
  return policy;
});

const skypilot: FlavorChecks = {
  after: [
    unless('infra', 'cannot be set together with a cloud, region or zone', ({ infra, region, zone, resources_settings }) => {
      const other = (resources_settings ?? {}) as Configuration;
      return (infra ?? null) !== null && ((region ?? zone ?? null) !== null || ['cloud', 'region', 'zone'].some((name) => name in other));
    }),
  ],
};

const cookieCredentials = unless(
  'client_username',
  'and client_password are needed both',
  ({ client_username, client_password }) =>
    (isSet(client_username) && (client_password ?? null) === null) || (isSet(client_password) && (client_username ?? null) === null),
);

const trimmed = (value: unknown) => (typeof value === 'string' ? value.trim() : value);

const byFlavor: Record<string, FlavorChecks> = {
  'alerter/slack': { renamed: { default_slack_channel_id: 'slack_channel_id' } },
  'annotator/argilla': { checked: ['instance_url'], renamed: { extra_headers: 'headers' }, after: [written('instance_url', withoutTrailingSlashes)] },
  'deployer/kubernetes': {
    checked: ['readiness_probe_path', 'liveness_probe_path'],
    after: [probePath('readiness_probe_path'), probePath('liveness_probe_path')],
  },
  'experiment_tracker/mlflow': {
    after: [together('tracking_username', 'tracking_password'), together('databricks_client_id', 'databricks_client_secret'), mlflowCredentials],
  },
  'experiment_tracker/vertex': {
    checked: ['experiment'],
    after: [
      must<string>(
        'experiment',
        'must be lower case letters, digits and dashes, 128 at most',
        (text) => text === '' || /^[a-z0-9][a-z0-9-]{0,127}$/.test(text),
      ),
    ],
  },
  'experiment_tracker/wandb': { checked: ['settings'], after: [wandbRun] },
  'image_builder/gcp': { checked: ['location'], before: [written('location', (value) => trimmed(value) || null)] },
  'orchestrator/airflow': {
    checked: ['operator'],
    before: [written('operator', (value) => (Object.hasOwn(airflowOperators, String(value)) ? airflowOperators[String(value)] : value))],
  },
  'orchestrator/azureml': { after: [namedCompute] },
  'orchestrator/databricks': databricks,
  'orchestrator/kubeflow': { before: [cookieCredentials] },
  'orchestrator/kubernetes': {
    checked: ['concurrency_policy', 'pod_failure_policy', 'api_request_timeout'],
    renamed: { pod_name_prefix: 'job_name_prefix' },
    before: [oneOfPolicies, wholeSeconds],
  },
  'orchestrator/sagemaker': { renamed: { processor_role: 'execution_role', processor_tags: 'tags' }, before: [sagemakerTraining] },
  'orchestrator/tekton': { before: [cookieCredentials] },
  ...Object.fromEntries(['aws', 'azure', 'gcp', 'kubernetes', 'lambda'].map((cloud) => [`orchestrator/vm_${cloud}`, skypilot])),
  'step_operator/azureml': { before: [azureComputeTarget], after: [namedCompute] },
  'step_operator/databricks': databricks,
  'step_operator/kubernetes': { checked: ['api_request_timeout'], before: [wholeSeconds] },
  'step_operator/modal': {
    after: [unless('token_id', 'and token_secret are needed both', ({ token_id, token_secret }) => isSet(trimmed(token_id)) !== isSet(trimmed(token_secret)))],
  },
  'step_operator/runai': {
    checked: [...memories, 'runai_base_url'],
    after: [
      ...memories.map(memory),
      must<string>('runai_base_url', 'must be a URL with http:// or https://, without a query', isRunaiUrl),
      written('runai_base_url', withoutTrailingSlashes),
      unless(
        'gpu_memory_request',
        'is needed for gpu_request_type memory',
        ({ gpu_request_type, gpu_memory_request }) => gpu_request_type === 'memory' && !gpu_memory_request,
      ),
      unless(
        'gpu_portion_limit',
        'cannot be less than gpu_portion_request',
        ({ gpu_portion_limit, gpu_portion_request = 1 }) => typeof gpu_portion_limit === 'number' && gpu_portion_limit < (gpu_portion_request as number),
      ),
      unless(
        'parallelism',
        'cannot be more than completions',
        ({ parallelism, completions }) => typeof parallelism === 'number' && typeof completions === 'number' && parallelism > completions,
      ),
      runaiMounts,
    ],
  },
};
