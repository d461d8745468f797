import { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { createTestDatabase } from '#libs/testing/database.js';
import { isLocal, isLocalRow } from './local-component.rules.js';

const cases: [type: string, flavor: string, configuration: Record<string, unknown>][] = [
  ...[
    'artifact_store/local',
    'orchestrator/local',
    'orchestrator/local_docker',
    'deployer/docker',
    'model_deployer/mlflow',
    'artifact_store/s3',
    'sandbox/local',
  ].map((key) => [...(key.split('/') as [string, string]), {}] as [string, string, Record<string, unknown>]),
  ...['localhost:5000', 'localhost:500', 'localhost:50000', 'localhost:500000', 'registry.example.com', '', null].map(
    (uri) => ['container_registry', 'default', { uri }] as [string, string, Record<string, unknown>],
  ),
  ['container_registry', 'local', {}],
  ['data_validator', 'great_expectations', {}],
  ['data_validator', 'great_expectations', { context_root_dir: null }],
  ['data_validator', 'great_expectations', { context_root_dir: '' }],
  ['deployer', 'kubernetes', {}],
  ['deployer', 'kubernetes', { local: true }],
  ['deployer', 'kubernetes', { local: 'true' }],
  ['deployer', 'kubernetes', { kubernetes_context: 'My-Kind-cluster' }],
  ['deployer', 'kubernetes', { kubernetes_context: 'production' }],
  ['deployer', 'kubernetes', { kubernetes_context: null }],
  ['experiment_tracker', 'mlflow', {}],
  ['experiment_tracker', 'mlflow', { tracking_uri: 'https://mlflow' }],
  ['experiment_tracker', 'mlflow', { tracking_uri: 'databricks' }],
  ['experiment_tracker', 'mlflow', { tracking_uri: 'databricks://x' }],
  ['experiment_tracker', 'mlflow', { tracking_uri: 'file:///x' }],
  ['feature_store', 'feast', {}],
  ['feature_store', 'feast', { online_host: null }],
  ['feature_store', 'feast', { online_host: '127.0.0.1' }],
  ['feature_store', 'feast', { online_host: 'redis' }],
  ['orchestrator', 'airflow', {}],
  ['orchestrator', 'airflow', { local: false }],
  ['orchestrator', 'airflow', { local: null }],
  ['orchestrator', 'airflow', { local: 'true' }],
  ['orchestrator', 'kubernetes', {}],
  ['orchestrator', 'kubernetes', { local: true }],
  ['orchestrator', 'vertex', { local: true }],
];

describe('whether a component is local', () => {
  it('is the same to the server and to its database', async () => {
    const database = await createTestDatabase();
    const db = new Db({ url: database.url, role: 'workspace_api', max: 1 });
    const components = cases.map(([type, flavor, configuration]) => ({ type, flavor, configuration }));
    const rows = await db.read<{ is_local: boolean }>(
      { workspaceId: null },
      sql`SELECT ${isLocalRow(sql`x`)} AS is_local FROM json_to_recordset(${JSON.stringify(components)}::json) AS x(type text, flavor text, configuration json)`,
    );
    await db.close();
    await database.drop();
    const said = (answers: boolean[]) => components.map((component, at) => ({ ...component, isLocal: answers[at] }));
    expect(said(rows.map(({ is_local }) => is_local))).toEqual(said(components.map(isLocal)));
    expect(new Set(rows.map(({ is_local }) => is_local))).toEqual(new Set([true, false]));
  });
});
