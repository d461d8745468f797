import { scenario } from '../compare.js';

type Given = Record<string, unknown>;

/** What each flavor needs at least, and settings that its class looks at beyond their types: renamed, derived, or fitting only together. */
const cases: { type: string; flavor: string; base?: Given; given: Given[] }[] = [
  {
    type: 'orchestrator',
    flavor: 'airflow',
    given: [{ operator: 'docker' }, { operator: 'kubernetes_pod' }, { operator: 'gke_start_pod' }, { operator: 'my.Operator' }, { operator: '{{a.b}}' }],
  },
  {
    type: 'annotator',
    flavor: 'argilla',
    given: [
      { instance_url: 'http://x.y//' },
      { extra_headers: 'h' },
      { extra_headers: 'h', headers: 'h' },
      { extra_headers: 'h', headers: 'i' },
      { extra_headers: null },
    ],
  },
  {
    type: 'orchestrator',
    flavor: 'sagemaker',
    base: { execution_role: 'arn' },
    given: [
      {},
      { use_training_step: false },
      { use_training_step: false, instance_type: 'ml.x' },
      { output_data_s3_uri: 's3://a' },
      { output_data_s3_uri: 's3://a', output_data_s3_mode: 'Continuous' },
      { output_data_s3_uri: { a: 's3://b' } },
      { output_data_s3_uri: { a: 's3://b' }, use_training_step: false },
      { processor_role: 'arn' },
      { processor_role: 'other' },
      { processor_tags: { a: 'b' } },
      { processor_tags: { a: 'b' }, tags: { a: 'c' } },
    ],
  },
  {
    type: 'orchestrator',
    flavor: 'azureml',
    base: { subscription_id: 's', resource_group: 'r', workspace: 'w' },
    given: [{}, { mode: 'compute-instance' }, { mode: 'compute-cluster', compute_name: 'c' }, { mode: 'nope' }, { compute_name: 'c' }],
  },
  {
    type: 'step_operator',
    flavor: 'azureml',
    base: { subscription_id: 's', resource_group: 'r', workspace_name: 'w' },
    given: [
      {},
      { compute_target_name: 't' },
      { compute_target_name: 't', mode: 'serverless' },
      { compute_target_name: 't', compute_name: 'c' },
      { mode: 'compute-cluster' },
      { mode: 'compute-instance', compute_name: '' },
    ],
  },
  ...['orchestrator', 'step_operator'].map((type) => ({
    type,
    flavor: 'databricks',
    base: { host: 'https://x' },
    given: [
      {},
      { client_id: 'c' },
      { client_id: 'c', client_secret: 's' },
      { autoscale: [1, 2] },
      { autoscale: [2, 1] },
      { autoscale: [-1, 1] },
      { autoscale: [1] },
      { init_scripts: ['dbfs:/a'] },
      { init_scripts: ['s3:/a'] },
      { docker_image_username: 'u' },
      { docker_image_username: 'u', docker_image_password: 'p' },
      { access_control_list: [{ group_name: 'g', permission_level: 'CAN_VIEW' }] },
      { access_control_list: [{ permission_level: 'CAN_VIEW' }] },
      { access_control_list: [{ group_name: 'g', user_name: 'u', permission_level: 'CAN_VIEW' }] },
      { num_workers: -1 },
    ],
  })),
  {
    type: 'orchestrator',
    flavor: 'databricks',
    base: { host: 'https://x' },
    given: [{ schedule_timezone: 'Europe/Berlin' }, { schedule_timezone: 'Europe/Nowhere' }],
  },
  {
    type: 'artifact_store',
    flavor: 'digitalocean',
    base: { path: 's3://space' },
    given: [{}, { region: 'fra1' }, { region: 'FRA1' }, { region: '' }, { client_kwargs: { endpoint_url: 'https://x/' } }, { client_kwargs: {} }],
  },
  { type: 'image_builder', flavor: 'gcp', given: [{ location: ' eu ' }, { location: ' ' }, { location: null }, { build_timeout: 0 }] },
  { type: 'experiment_tracker', flavor: 'vertex', given: [{ experiment: 'a-1' }, { experiment: 'A' }, { experiment: '' }, { experiment: 'a_b' }] },
  { type: 'data_validator', flavor: 'great_expectations', given: [{ context_config: '{"a": 1}' }, { context_config: '{a' }, { context_config: 'text' }] },
  // Its class does not load in a server without the package of Kubernetes, as the reference is here.
  { type: 'orchestrator', flavor: 'kubeflow', given: [{ skip_cluster_provisioning: true }] },
  {
    type: 'orchestrator',
    flavor: 'tekton',
    given: [
      { client_username: 'u' },
      { client_username: 'u', client_password: 'p' },
      { client_password: 'p' },
      { tekton_ui_port: 1 },
      { skip_ui_daemon_provisioning: true },
    ],
  },
  {
    type: 'deployer',
    flavor: 'kubernetes',
    given: [{}, { readiness_probe_path: '/x' }, { readiness_probe_path: 'x' }, { liveness_probe_path: 'x' }, { liveness_probe_path: '{{a.b}}' }],
  },
  {
    type: 'orchestrator',
    flavor: 'kubernetes',
    given: [
      { concurrency_policy: 'forbid' },
      { concurrency_policy: ' REPLACE ' },
      { concurrency_policy: 'never' },
      { concurrency_policy: null },
      { api_request_timeout: 2.7 },
      { api_request_timeout: '2' },
      { pod_name_prefix: 'a' },
      { pod_name_prefix: 'a', job_name_prefix: 'b' },
      { timeout: 3, stream_step_logs: true },
    ],
  },
  { type: 'step_operator', flavor: 'kubernetes', given: [{ api_request_timeout: 2.7 }, { pod_startup_timeout: 4 }] },
  {
    type: 'step_operator',
    flavor: 'modal',
    given: [{}, { token_id: 'a' }, { token_id: 'a', token_secret: 'b' }, { token_id: 'a', token_secret: ' ' }, { timeout: 0 }],
  },
  {
    type: 'step_operator',
    flavor: 'runai',
    base: { client_id: 'c', client_secret: 's', runai_base_url: 'https://x.run.ai', project_name: 'p' },
    given: [
      {},
      { runai_base_url: 'https://x.run.ai//' },
      { runai_base_url: 'x.run.ai' },
      { runai_base_url: 'https://' },
      { runai_base_url: 'https://x?y=1' },
      { runai_base_url: 'https://x#y' },
      { cpu_memory_request: '4G' },
      { cpu_memory_request: '4' },
      { gpu_memory_limit: '1.5Gi' },
      { gpu_request_type: 'memory' },
      { gpu_request_type: 'memory', gpu_memory_request: '4G' },
      { gpu_portion_limit: 0.1, gpu_portion_request: 0.5 },
      { parallelism: 3, completions: 2 },
      {
        nfs_mounts: [{ server: 'n', path: '/a', mount_path: '/m' }],
        host_path_mounts: [{ path: '/b', mount_path: '/m' }],
      },
      { config_map_mounts: [{ config_map: 'n', mount_path: '/m', default_mode: '0644' }] },
      { config_map_mounts: [{ config_map: 'n', mount_path: '/m', default_mode: '644' }] },
      { config_map_mounts: [{ config_map: 'n', mount_path: 'm' }] },
      { host_path_mounts: [{ path: 'b', mount_path: '/m' }] },
      { pvc_mounts: [{ path: 'b' }] },
    ],
  },
  {
    type: 'orchestrator',
    flavor: 'vm_aws',
    given: [{}, { infra: 'aws' }, { infra: 'aws', region: 'r' }, { infra: 'aws', resources_settings: { cloud: 'x' } }, { region: 'r', zone: 'z' }],
  },
  {
    type: 'experiment_tracker',
    flavor: 'wandb',
    base: { api_key: 'k' },
    given: [
      {},
      { run_id: 'a' },
      { run_id: 'a', run_id_strategy: 'reuse_on_retry' },
      { run_id_strategy: 'reuse_on_retry', resume: 'never' },
      { resume: 'must' },
      { resume: 'must', run_id: 'a' },
      { run_config: { zenml_x: 1 } },
      { run_config: { x: 1 } },
      { init_kwargs: { project: 'x' } },
      { init_kwargs: { notes: 'x' } },
    ],
  },
  {
    type: 'alerter',
    flavor: 'slack',
    base: { slack_token: 't' },
    given: [
      { default_slack_channel_id: 'C' },
      { default_slack_channel_id: 'C', slack_channel_id: 'D' },
      { default_slack_channel_id: 'C', slack_channel_id: 'C' },
    ],
  },
  { type: 'orchestrator', flavor: 'vertex', base: { location: 'l' }, given: [{ cpu_limit: '1' }, { node_selector_constraint: ['a', 'b'] }] },
  { type: 'container_registry', flavor: 'default', given: [{ uri: '{{a.b}}' }] },
  { type: 'artifact_store', flavor: 'local', given: [{ path: '{{a.b}}' }] },
  { type: 'step_operator', flavor: 'sagemaker', base: { role: 'r' }, given: [{ instance_type: 'ml.x' }] },
];

export const flavorChecks = scenario('flavor_checks', async (s) => {
  let number = 0;
  for (const { type, flavor, base, given } of cases)
    for (const one of given)
      await s.post(`${type} ${flavor} with ${JSON.stringify(one)}`, '/components', {
        name: s.name(`flavor-${number++}`),
        type,
        flavor,
        configuration: { ...base, ...one },
      });
  const alerter = await s.post('given an alerter', '/components', {
    name: s.name('updated'),
    type: 'alerter',
    flavor: 'slack',
    configuration: { slack_token: 't', slack_channel_id: 'A' },
  });
  await s.put('a renamed setting beside its new name', `/components/${alerter.id}`, { configuration: { default_slack_channel_id: 'B' } });
});
