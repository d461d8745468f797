import { randomBytes } from 'node:crypto';
import type { V1Job, V1Secret } from '@kubernetes/client-node';
import { entrypointOf, type WorkloadOrder } from './runner.js';

/** How pods of runs look. Amounts are quantities as Kubernetes writes them (`500m`, `2Gi`). */
export type KubernetesJobOptions = {
  namespace: string;
  /** The image of runs whose snapshot has none; null: those cannot run. */
  image: string | null;
  imagePullSecrets: readonly string[];
  /** The service account of pods; null: the namespace's default one, and no token of it in the pod. */
  serviceAccount: string | null;
  requests: Readonly<Record<string, string>>;
  limits: Readonly<Record<string, string>>;
  nodeSelector: Readonly<Record<string, string>>;
  tolerations: readonly Toleration[];
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /** The user that containers run as; null: whoever the image says, root included. */
  runAsUser: number | null;
  timeoutSeconds: number;
  /** How long a Job that is over stays when nobody removes it. */
  ttlSeconds: number;
};

export type Toleration = { key?: string; operator?: string; value?: string; effect?: string; tolerationSeconds?: number };

export const containerName = 'run';
export const runLabel = 'zenml.io/run-id';

/** Seconds between asking a container to end and ending it. */
export const podGraceSeconds = 10;

/** Where images of pipelines have their code. */
const codeFolder = '/app';
const scratchFolder = '/scratch';

/** One name for all attempts at a run, so that the cluster itself refuses a second Job of it. */
export function jobNameOf(runId: string): string {
  return `zenml-run-${runId}`;
}

/** The Secret that holds what only the run may see. Another one for each Job, so that one that is being removed is in nobody's way. */
export function secretNameOf(job: V1Job): string {
  const name = job.spec?.template.spec?.containers[0]?.envFrom?.[0]?.secretRef?.name;
  if (!name) throw new Error(`The Job ${job.metadata?.name} was not made for a run.`);
  return name;
}

/**
 * The Job of a run. It is made suspended, gets its Secret, and is then let go: the Secret can name its Job as its owner, and a Job that is still
 * suspended has certainly run nothing.
 */
export function jobOf(order: WorkloadOrder, image: string, options: KubernetesJobOptions): V1Job {
  const name = jobNameOf(order.runId);
  const labels = {
    ...options.labels,
    'app.kubernetes.io/name': 'zenml-run',
    'app.kubernetes.io/managed-by': 'zenml-open-control-plane',
    'zenml.io/workspace-id': order.workspaceId,
    [runLabel]: order.runId,
  };
  const { module, arguments: told } = entrypointOf(order);
  const environment = {
    // Images of pipelines belong to root; what runs in them does not, so it gets a place to write.
    HOME: scratchFolder,
    TMPDIR: scratchFolder,
    ZENML_CONFIG_PATH: `${scratchFolder}/.zenml`,
    ZENML_LOCAL_STORES_PATH: `${scratchFolder}/local_stores`,
    PYTHONPATH: codeFolder,
    PYTHONUNBUFFERED: '1',
    ZENML_ANALYTICS_OPT_IN: 'false',
    ZENML_LOGGING_COLORS_DISABLED: 'true',
    ZENML_ENABLE_RICH_TRACEBACK: 'false',
    ...order.environment,
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: options.namespace, labels, annotations: { ...options.annotations } },
    spec: {
      suspend: true,
      parallelism: 1,
      completions: 1,
      // A run that was under way is never begun again: not after a failure, and not beside a pod that is still ending.
      backoffLimit: 0,
      podReplacementPolicy: 'Failed',
      activeDeadlineSeconds: options.timeoutSeconds,
      ttlSecondsAfterFinished: options.ttlSeconds,
      template: {
        metadata: { labels, annotations: { ...options.annotations } },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: podGraceSeconds,
          enableServiceLinks: false,
          automountServiceAccountToken: options.serviceAccount !== null,
          ...(options.serviceAccount ? { serviceAccountName: options.serviceAccount } : {}),
          ...(options.imagePullSecrets.length > 0 ? { imagePullSecrets: options.imagePullSecrets.map((secret) => ({ name: secret })) } : {}),
          ...(Object.keys(options.nodeSelector).length > 0 ? { nodeSelector: { ...options.nodeSelector } } : {}),
          ...(options.tolerations.length > 0 ? { tolerations: [...options.tolerations] } : {}),
          securityContext: {
            ...(options.runAsUser === null
              ? {}
              : { runAsNonRoot: options.runAsUser !== 0, runAsUser: options.runAsUser, runAsGroup: options.runAsUser, fsGroup: options.runAsUser }),
            seccompProfile: { type: 'RuntimeDefault' },
          },
          volumes: [{ name: 'scratch', emptyDir: {} }],
          containers: [
            {
              name: containerName,
              image,
              command: ['python', '-m', module, ...told],
              workingDir: scratchFolder,
              env: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
              envFrom: [{ secretRef: { name: `${name}-${randomBytes(4).toString('hex')}` } }],
              resources: { requests: { ...options.requests }, limits: { ...options.limits } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'scratch', mountPath: scratchFolder }],
            },
          ],
        },
      },
    },
  };
}

/** What only the run may see. It goes with its Job, whoever removes that. */
export function secretOf(order: WorkloadOrder, job: V1Job): V1Secret {
  const { name = '', uid = '', labels = {} } = job.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: secretNameOf(job), labels, ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, blockOwnerDeletion: true }] },
    stringData: order.secrets,
  };
}
