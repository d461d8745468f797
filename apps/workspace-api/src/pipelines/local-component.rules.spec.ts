import { isLocal } from './local-component.rules.js';

describe('a component is local', () => {
  const check = (key: string, configuration: Record<string, unknown> = {}) => {
    const [type = '', flavor = ''] = key.split('/');
    return isLocal({ type, flavor, configuration });
  };

  it('for some flavors always, for most never', () => {
    expect(['orchestrator/local', 'artifact_store/local', 'deployer/docker', 'model_deployer/mlflow'].map((key) => check(key))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['orchestrator/kubeflow', 'artifact_store/s3', 'image_builder/local', 'orchestrator/hyperai'].map((key) => check(key))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('for others when their configuration says so', () => {
    expect([check('orchestrator/kubernetes'), check('orchestrator/kubernetes', { local: true })]).toEqual([false, true]);
    expect([check('orchestrator/airflow'), check('orchestrator/airflow', { local: false })]).toEqual([true, false]);
    expect([check('container_registry/aws', { uri: 'localhost:5000' }), check('container_registry/aws', { uri: 'localhost:5000/x' })]).toEqual([true, false]);
    expect(['http://x', 'https://x', 'databricks', '/tmp/x', undefined].map((tracking_uri) => check('experiment_tracker/mlflow', { tracking_uri }))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    expect([check('deployer/kubernetes', { kubernetes_context: 'Kind-mine' }), check('deployer/kubernetes', { kubernetes_context: 'eks' })]).toEqual([
      true,
      false,
    ]);
    expect([check('feature_store/feast'), check('feature_store/feast', { online_host: 'feast.example.org' })]).toEqual([true, false]);
    expect([check('data_validator/great_expectations'), check('data_validator/great_expectations', { context_root_dir: '/x' })]).toEqual([false, true]);
  });
});
