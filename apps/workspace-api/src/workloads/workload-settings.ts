import { z } from 'zod';
import { address, SettingsError } from '#libs/http/settings.js';
import { defaultLeaseSeconds } from '#libs/workloads/workload-queue.js';
import { defaultConcurrencyPerWorkspace, type WorkloadOptions } from './server-side-runs.js';

/** `a=1,b=2`, or the same as a JSON object, for values with commas. */
const pairs = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context): Record<string, string> => {
      const trimmed = text.trim();
      if (trimmed.startsWith('{')) {
        const given = z.record(z.string(), z.string()).safeParse(jsonOf(trimmed));
        if (given.success) return given.data;
        context.addIssue('must be a JSON object of texts');
        return z.NEVER;
      }
      const entries = trimmed === '' ? [] : trimmed.split(',').map((pair) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair));
      if (entries.every((entry) => entry !== null)) return Object.fromEntries(entries.map(([, key, value]) => [key, value]));
      context.addIssue('must be like a=1,b=2, or a JSON object');
      return z.NEVER;
    });

const toleration = z
  .object({ key: z.string(), operator: z.enum(['Exists', 'Equal']), value: z.string(), effect: z.string(), tolerationSeconds: z.number().int() })
  .partial()
  .strict();

const tolerations = z
  .string()
  .default('[]')
  .transform((text, context) => {
    const given = z.array(toleration).safeParse(jsonOf(text));
    if (given.success) return given.data as NonNullable<WorkloadOptions['kubernetes']>['tolerations'];
    context.addIssue('must be a JSON list of tolerations as in a pod');
    return z.NEVER;
  });

const names = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((name) => name.trim() || []));

const seconds = z.coerce.number().int().positive().max(2_000_000);

/** How the server runs pipelines by itself, as environment variables. docs/runs-from-the-server.md says more of each. */
export const workloadSettings = {
  /** Where runs run. Without it and without an interpreter the server runs none. */
  WORKLOAD_RUNNER: z.enum(['process', 'kubernetes']).optional(),
  /** The Python interpreter that runs pipelines as processes of the server. */
  WORKLOAD_PYTHON: z.string().min(1).optional(),
  WORKLOAD_SOURCE_ROOT: z.string().default(''),
  WORKLOAD_MEMORY_MEGABYTES: z.coerce.number().int().positive().optional(),
  WORKLOAD_TIMEOUT_SECONDS: seconds.default(86_400),
  WORKLOAD_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(2),
  WORKLOAD_CONCURRENCY_PER_WORKSPACE: z.coerce.number().int().min(1).max(10_000).default(defaultConcurrencyPerWorkspace),
  WORKLOAD_LEASE_SECONDS: z.coerce.number().int().min(5).max(3_600).default(defaultLeaseSeconds),
  WORKLOAD_QUEUE_LIMIT: z.coerce.number().int().positive().default(100),
  WORKLOAD_SERVER_URL: z
    .string()
    .refine((text) => address.safeParse(text.replaceAll(/\{(id8|id)\}/g, '00000000')).success, 'must be a URL')
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  WORKLOAD_KUBERNETES_KUBECONFIG: z.string().optional(),
  WORKLOAD_KUBERNETES_NAMESPACE: z.string().min(1).default('default'),
  WORKLOAD_KUBERNETES_IMAGE: z.string().min(1).optional(),
  WORKLOAD_KUBERNETES_IMAGE_PULL_SECRETS: names,
  WORKLOAD_KUBERNETES_SERVICE_ACCOUNT: z.string().min(1).optional(),
  WORKLOAD_KUBERNETES_REQUESTS: pairs('cpu=500m,memory=1Gi'),
  WORKLOAD_KUBERNETES_LIMITS: pairs('cpu=2,memory=4Gi,ephemeral-storage=10Gi'),
  WORKLOAD_KUBERNETES_NODE_SELECTOR: pairs(''),
  WORKLOAD_KUBERNETES_TOLERATIONS: tolerations,
  WORKLOAD_KUBERNETES_LABELS: pairs(''),
  WORKLOAD_KUBERNETES_ANNOTATIONS: pairs(''),
  /** A user id, or `image` for whoever the image says. */
  WORKLOAD_KUBERNETES_RUN_AS_USER: z.union([z.literal('image'), z.coerce.number().int().nonnegative()]).default(1000),
  WORKLOAD_KUBERNETES_START_TIMEOUT_SECONDS: seconds.default(900),
  WORKLOAD_KUBERNETES_TTL_SECONDS: seconds.default(3_600),
} as const;

export type WorkloadSettings = { [Name in keyof typeof workloadSettings]?: z.output<(typeof workloadSettings)[Name]> | undefined };

const shape = z.object(workloadSettings);

/** How the server runs pipelines by itself; null: not at all. @throws SettingsError when the runner that is named lacks something */
export function workloadOptions(given: WorkloadSettings): WorkloadOptions | null {
  const { WORKLOAD_RUNNER: runner, WORKLOAD_PYTHON: python } = given;
  if (!runner && !python) return null;
  if (runner === 'process' && !python)
    throw new SettingsError([{ name: 'WORKLOAD_PYTHON', problem: 'names the interpreter that WORKLOAD_RUNNER=process needs' }]);
  const settings = { ...shape.parse({}), ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) } as z.output<typeof shape>;
  const userId = settings.WORKLOAD_KUBERNETES_RUN_AS_USER;
  return {
    kubernetes:
      runner === 'kubernetes'
        ? {
            kubeconfig: settings.WORKLOAD_KUBERNETES_KUBECONFIG ?? null,
            namespace: settings.WORKLOAD_KUBERNETES_NAMESPACE,
            image: settings.WORKLOAD_KUBERNETES_IMAGE ?? null,
            imagePullSecrets: settings.WORKLOAD_KUBERNETES_IMAGE_PULL_SECRETS,
            serviceAccount: settings.WORKLOAD_KUBERNETES_SERVICE_ACCOUNT ?? null,
            requests: settings.WORKLOAD_KUBERNETES_REQUESTS,
            limits: settings.WORKLOAD_KUBERNETES_LIMITS,
            nodeSelector: settings.WORKLOAD_KUBERNETES_NODE_SELECTOR,
            tolerations: settings.WORKLOAD_KUBERNETES_TOLERATIONS,
            labels: settings.WORKLOAD_KUBERNETES_LABELS,
            annotations: settings.WORKLOAD_KUBERNETES_ANNOTATIONS,
            runAsUser: userId === 'image' ? null : userId,
            startTimeoutSeconds: settings.WORKLOAD_KUBERNETES_START_TIMEOUT_SECONDS,
            ttlSeconds: settings.WORKLOAD_KUBERNETES_TTL_SECONDS,
          }
        : null,
    python: python ?? '',
    sourceRoot: settings.WORKLOAD_SOURCE_ROOT,
    timeoutSeconds: settings.WORKLOAD_TIMEOUT_SECONDS,
    memoryMegabytes: settings.WORKLOAD_MEMORY_MEGABYTES ?? null,
    concurrency: settings.WORKLOAD_CONCURRENCY,
    concurrencyPerWorkspace: settings.WORKLOAD_CONCURRENCY_PER_WORKSPACE,
    leaseSeconds: settings.WORKLOAD_LEASE_SECONDS,
    queueLimit: settings.WORKLOAD_QUEUE_LIMIT,
    serverUrl: settings.WORKLOAD_SERVER_URL ?? null,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
