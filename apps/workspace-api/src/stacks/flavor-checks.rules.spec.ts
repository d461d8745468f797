import { readFileSync } from 'node:fs';
import { repositoryFile } from '#libs/boot/repository.js';
import { componentConfiguration } from './component-configuration.rules.js';

type Given = Record<string, unknown>;
const flavors = JSON.parse(readFileSync(repositoryFile('apps/workspace-api/data/flavors.json'), 'utf8')) as {
  name: string;
  type: string;
  config_schema: object;
}[];

/** What a flavor needs at least. */
const least: Record<string, Given> = {
  'alerter/slack': { slack_token: 't' },
  'artifact_store/digitalocean': { path: 's3://space' },
  'experiment_tracker/wandb': { api_key: 'k' },
  'orchestrator/azureml': { subscription_id: 's', resource_group: 'r', workspace: 'w' },
  'orchestrator/databricks': { host: 'h' },
  'orchestrator/sagemaker': { execution_role: 'arn' },
  'step_operator/azureml': { subscription_id: 's', resource_group: 'r', workspace_name: 'w' },
  'step_operator/runai': { client_id: 'c', client_secret: 's', runai_base_url: 'https://x.run.ai', project_name: 'p' },
};

function read(of: string, given: Given): Given {
  const [type, name] = of.split('/') as [string, string];
  const flavor = flavors.find((one) => one.type === type && one.name === name);
  if (!flavor) throw new Error(`There is no flavor ${of}.`);
  return componentConfiguration({ name, type, isCustom: false, schema: flavor.config_schema }, { ...least[of], ...given });
}

describe('settings of built-in flavors', () => {
  it.each<[string, Given, Given]>([
    ['orchestrator/airflow', { operator: 'docker' }, { operator: 'airflow.providers.docker.operators.docker.DockerOperator' }],
    ['annotator/argilla', { instance_url: 'http://x/', extra_headers: 'h' }, { instance_url: 'http://x', headers: 'h' }],
    ['orchestrator/sagemaker', {}, { instance_type: 'ml.m5.xlarge' }],
    ['orchestrator/sagemaker', { use_training_step: false }, { instance_type: 'ml.t3.medium' }],
    ['step_operator/azureml', { compute_target_name: 't' }, { compute_name: 't', mode: 'compute-instance' }],
    ['image_builder/gcp', { location: ' ' }, { location: null }],
    ['orchestrator/kubernetes', { concurrency_policy: 'forbid', api_request_timeout: 2.7 }, { concurrency_policy: 'Forbid', api_request_timeout: 2 }],
    ['step_operator/runai', { runai_base_url: 'https://x/' }, { runai_base_url: 'https://x' }],
    ['artifact_store/digitalocean', { client_kwargs: { endpoint_url: 'https://x/' } }, { client_kwargs: { endpoint_url: 'https://x' } }],
  ])('of %s are kept as its class keeps %j', (flavor, given, kept) => {
    expect(read(flavor, given)).toMatchObject(kept);
  });

  it('that got another name are kept under it, and refused where both names say different things', () => {
    expect(read('alerter/slack', { default_slack_channel_id: 'C' })).toEqual({ slack_token: 't', slack_channel_id: 'C' });
    expect(() => read('alerter/slack', { default_slack_channel_id: 'C', slack_channel_id: 'D' })).toThrow('is called slack_channel_id by now');
  });

  it.each<[string, Given, string]>([
    ['orchestrator/sagemaker', { output_data_s3_uri: { a: 's3://b' } }, 'one location'],
    ['orchestrator/azureml', { mode: 'compute-cluster' }, 'compute_name'],
    ['orchestrator/databricks', { client_id: 'c' }, 'client_secret'],
    ['orchestrator/databricks', { autoscale: [2, 1] }, 'autoscale'],
    ['orchestrator/databricks', { init_scripts: ['s3:/a'] }, 'dbfs:/'],
    ['orchestrator/databricks', { access_control_list: [{ permission_level: 'CAN_VIEW' }] }, 'exactly one'],
    ['orchestrator/databricks', { schedule_timezone: 'Europe/Nowhere' }, 'time zone'],
    ['artifact_store/digitalocean', {}, 'endpoint_url'],
    ['artifact_store/digitalocean', { region: 'FRA1' }, 'datacenter'],
    ['experiment_tracker/vertex', { experiment: 'A' }, 'lower case'],
    ['experiment_tracker/wandb', { resume: 'must' }, 'run_id'],
    ['experiment_tracker/wandb', { run_config: { zenml_x: 1 } }, 'reserved'],
    ['orchestrator/kubeflow', { client_username: 'u' }, 'needed both'],
    ['orchestrator/tekton', { client_password: 'p' }, 'needed both'],
    ['deployer/kubernetes', { liveness_probe_path: 'x' }, 'must start with /'],
    ['orchestrator/kubernetes', { concurrency_policy: 'never' }, 'Allow'],
    ['orchestrator/vm_aws', { infra: 'aws', zone: 'z' }, 'region or zone'],
    ['step_operator/modal', { token_id: 'a', token_secret: ' ' }, 'needed both'],
    ['step_operator/runai', { runai_base_url: 'https://x?y=1' }, 'without a query'],
    ['step_operator/runai', { cpu_memory_request: '4' }, 'Gi'],
    ['step_operator/runai', { gpu_portion_limit: 0.1, gpu_portion_request: 0.5 }, 'gpu_portion_request'],
    ['step_operator/runai', { nfs_mounts: [{ server: 'n', path: '/a', mount_path: '/m' }], host_path_mounts: [{ path: '/b', mount_path: '/m' }] }, 'twice'],
  ])('of %s are refused where they do not fit together: %j', (flavor, given, why) => {
    expect(() => read(flavor, given)).toThrow(why);
  });

  it('whose text is looked at cannot be references to secrets', () => {
    expect(() => read('orchestrator/airflow', { operator: '{{a.b}}' })).toThrow("'operator' cannot be a reference");
    expect(read('orchestrator/databricks', { client_id: '{{a.b}}', client_secret: '{{a.c}}' })).toMatchObject({ client_id: '{{a.b}}' });
  });
});
