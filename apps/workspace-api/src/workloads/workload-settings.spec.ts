import { readSettings, SettingsError } from '#libs/http/settings.js';
import { workloadOptions, workloadSettings } from './workload-settings.js';

const options = (environment: Record<string, string>) => workloadOptions(readSettings(workloadSettings, environment));

describe('the settings of runners', () => {
  it('mean no runner, processes or a cluster', () => {
    expect(options({})).toBeNull();
    expect(options({ WORKLOAD_PYTHON: '/bin/python' })).toMatchObject({ python: '/bin/python', kubernetes: null });
    expect(options({ WORKLOAD_RUNNER: 'kubernetes' })).toMatchObject({
      kubernetes: {
        namespace: 'default',
        image: null,
        serviceAccount: null,
        runAsUser: 1000,
        limits: { cpu: '2', memory: '4Gi', 'ephemeral-storage': '10Gi' },
      },
    });
  });

  it('read pairs in both forms, tolerations, and whose user it is', () => {
    expect(
      options({
        WORKLOAD_RUNNER: 'kubernetes',
        WORKLOAD_KUBERNETES_LIMITS: 'memory=8Gi, nvidia.com/gpu=1',
        WORKLOAD_KUBERNETES_ANNOTATIONS: '{"note":"a=1,b=2"}',
        WORKLOAD_KUBERNETES_TOLERATIONS: '[{"key":"gpu","operator":"Exists"}]',
        WORKLOAD_KUBERNETES_IMAGE_PULL_SECRETS: 'one, two',
        WORKLOAD_KUBERNETES_RUN_AS_USER: 'image',
        WORKLOAD_SERVER_URL: 'https://example.com/w/{id8}/',
      }),
    ).toMatchObject({
      serverUrl: 'https://example.com/w/{id8}',
      kubernetes: {
        limits: { memory: '8Gi', 'nvidia.com/gpu': '1' },
        annotations: { note: 'a=1,b=2' },
        tolerations: [{ key: 'gpu', operator: 'Exists' }],
        imagePullSecrets: ['one', 'two'],
        runAsUser: null,
      },
    });
  });

  it.each([
    ['WORKLOAD_RUNNER', 'docker'],
    ['WORKLOAD_KUBERNETES_LIMITS', 'memory'],
    ['WORKLOAD_KUBERNETES_LABELS', '{"a":1}'],
    ['WORKLOAD_KUBERNETES_TOLERATIONS', '[{"keys":"gpu"}]'],
    ['WORKLOAD_KUBERNETES_RUN_AS_USER', 'somebody'],
    ['WORKLOAD_SERVER_URL', 'example'],
  ])('name %s when it is wrong', (name, value) => {
    expect(() => options({ WORKLOAD_PYTHON: 'python', [name]: value })).toThrow(SettingsError);
    expect(() => options({ WORKLOAD_PYTHON: 'python', [name]: value })).toThrow(name);
  });

  it('name the interpreter that processes lack', () => {
    expect(() => options({ WORKLOAD_RUNNER: 'process' })).toThrow('WORKLOAD_PYTHON');
  });
});
