import { join, literal, type Sql, sql } from '#libs/database/sql.js';

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

/** The same of the row `x` of a component. Compared with the rule above by a test. */
export function isLocalRow(x: Sql): Sql {
  const value = (name: string) => sql`${x}.configuration ->> ${literal(name)}`;
  // As JSON, so that a text that says true is none.
  const isTrue = (name: string, otherwise: string) => sql`coalesce((${x}.configuration -> ${literal(name)})::text, ${literal(otherwise)}) = 'true'`;
  const onLocalCluster = sql`lower(coalesce(${value('kubernetes_context')}, '')) ~ ${literal(localClusters.join('|'))}`;
  const sometimes: Record<string, Sql> = {
    'data_validator/great_expectations': sql`${value('context_root_dir')} IS NOT NULL`,
    'deployer/kubernetes': sql`${isTrue('local', 'false')} OR ${onLocalCluster}`,
    'experiment_tracker/mlflow': sql`coalesce(${value('tracking_uri')}, '') !~ '^https?://|^databricks$'`,
    'feature_store/feast': sql`coalesce(${value('online_host')}, CASE WHEN ${x}.configuration -> 'online_host' IS NULL THEN 'localhost' ELSE '' END) IN ('localhost', '127.0.0.1')`,
    'orchestrator/airflow': isTrue('local', 'true'),
    'orchestrator/kubernetes': isTrue('local', 'false'),
  };
  const cases = Object.entries(sometimes).map(([key, condition]) => sql`WHEN ${literal(key)} THEN ${condition}`);
  const always = join([...alwaysLocal].map(literal));
  return sql`(CASE WHEN ${x}.type = 'container_registry' THEN coalesce(${value('uri')}, '') ~ '^localhost:[0-9]{4,5}$' WHEN ${x}.type || '/' || ${x}.flavor IN (${always}) THEN true ELSE CASE ${x}.type || '/' || ${x}.flavor ${join(cases, ' ')} ELSE false END END)`;
}
