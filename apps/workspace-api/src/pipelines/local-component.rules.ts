/** A component of a stack, as far as these rules look at it. */
export type StackMember = { type: string; flavor: string; configuration: Record<string, unknown> };

const alwaysLocal = new Set([
  'artifact_store/local',
  'deployer/docker',
  'deployer/local',
  'model_deployer/mlflow',
  'orchestrator/local',
  'orchestrator/local_docker',
  'sandbox/docker',
  'sandbox/local',
]);

/** Names that people's tools give to Kubernetes clusters on their own machine. */
const localClusters = ['k3d-', 'kind-', 'minikube', 'docker-desktop', 'colima', 'rancher-desktop'];

const sometimesLocal: Record<string, (configuration: Record<string, unknown>) => boolean> = {
  'data_validator/great_expectations': ({ context_root_dir }) => context_root_dir != null,
  'deployer/kubernetes': ({ local, kubernetes_context }) =>
    local === true ||
    localClusters.some((name) =>
      String(kubernetes_context ?? '')
        .toLowerCase()
        .includes(name),
    ),
  'experiment_tracker/mlflow': ({ tracking_uri }) => !/^https?:\/\/|^databricks$/.test(String(tracking_uri ?? '')),
  'feature_store/feast': ({ online_host = 'localhost' }) => online_host === 'localhost' || online_host === '127.0.0.1',
  'orchestrator/airflow': ({ local = true }) => local === true,
  'orchestrator/kubernetes': ({ local }) => local === true,
};

/** Whether a component lives on the machine of whoever set it up, out of reach for a run started from the server. */
export function isLocal({ type, flavor, configuration }: StackMember): boolean {
  if (type === 'container_registry') return /^localhost:[0-9]{4,5}$/.test(String(configuration.uri ?? ''));
  const key = `${type}/${flavor}`;
  return alwaysLocal.has(key) || (sometimesLocal[key]?.(configuration) ?? false);
}
