import { setTimeout as wait } from 'node:timers/promises';
import type { V1Job } from '@kubernetes/client-node';
import { KubernetesApi, KubernetesError } from './kubernetes-api.js';
import { jobNameOf, jobOf, type KubernetesJobOptions, secretOf } from './kubernetes-job.js';
import { RunningJob } from './kubernetes-running-job.js';
import { NotStarted, type Runner, type RunningWorkload, type WorkloadListener, type WorkloadOrder } from './runner.js';

export type KubernetesRunnerOptions = KubernetesJobOptions & {
  /** A file that says where the cluster is; null: what KUBECONFIG names, or the cluster this process runs in. */
  kubeconfig: string | null;
  /** How long a pod may take until it runs: finding a machine, pulling its image. */
  startTimeoutSeconds: number;
};

/** How often it is asked whether a Job was let go, when the answer to that was lost, and the pause before the first time. */
const settleTries = 6;
const settlePauseMs = 500;

/**
 * Runs workloads as Jobs of a Kubernetes cluster, one each. A Job has one name for all attempts at a run, and nothing runs before it is let go; so whatever
 * crashes in between, there is at most one, and whoever comes next finds it.
 */
export class KubernetesRunner implements Runner {
  readonly name = 'kubernetes';
  #opened: Promise<KubernetesApi> | null = null;

  constructor(private readonly options: KubernetesRunnerOptions) {}

  async start(order: WorkloadOrder, listener: WorkloadListener): Promise<RunningWorkload> {
    const image = order.image ?? this.options.image;
    if (!image) throw new NotStarted('There is no image to run it in.');
    let api: KubernetesApi;
    let job: V1Job | null;
    try {
      api = await this.#open();
      // What an earlier attempt has made is as good: no more than the Secret may be missing.
      job = (await api.createJob(jobOf(order, image, this.options))) ?? (await api.readJob(jobNameOf(order.runId)));
      if (!job || job.metadata?.deletionTimestamp) throw new NotStarted('The Job of an earlier attempt is still being removed.');
      if (job.spec?.suspend) await api.putSecret(secretOf(order, job));
    } catch (cause) {
      // A Job that is suspended runs nothing, so it does not matter whether it was made.
      throw cause instanceof NotStarted ? cause : new NotStarted(`Kubernetes did not take the Job: ${(cause as Error).message}`, { cause });
    }
    if (job.spec?.suspend) job = await this.#resume(api, job);
    return this.#follow(api, job, order.runId, listener);
  }

  async find({ runId }: Pick<WorkloadOrder, 'workspaceId' | 'runId'>, listener: WorkloadListener): Promise<RunningWorkload | 'not_started' | null> {
    const api = await this.#open();
    const job = await api.readJob(jobNameOf(runId));
    if (!job) return null;
    if (!job.spec?.suspend) return this.#follow(api, job, runId, listener);
    // Unless its first worker is just letting it go: then it is not as it was read, and is looked at again.
    if (await api.deleteJob(job, { isForeground: false, unchanged: true })) return 'not_started';
    throw new Error(`The Job ${jobNameOf(runId)} changed while it was looked at.`);
  }

  /** @throws NotStarted when it is still suspended, or another's by now */
  async #resume(api: KubernetesApi, job: V1Job): Promise<V1Job> {
    try {
      return await api.resumeJob(job);
    } catch (cause) {
      const { code } = cause as KubernetesError;
      if (code !== null && code < 500) throw new NotStarted(`Kubernetes did not let the Job go: ${(cause as Error).message}`, { cause });
      for (let tried = 0; ; tried += 1) {
        await wait(settlePauseMs * 2 ** tried);
        const found = await api.readJob(job.metadata?.name ?? '').catch((error: KubernetesError) => error);
        if (found instanceof KubernetesError) {
          if (tried + 1 === settleTries) throw found;
        } else if (found?.metadata?.uid === job.metadata?.uid && found?.spec?.suspend === false) return found;
        else throw new NotStarted('Kubernetes did not let the Job go.', { cause });
      }
    }
  }

  #follow(api: KubernetesApi, job: V1Job, runId: string, listener: WorkloadListener): RunningWorkload {
    return new RunningJob(api, job, runId, listener, this.options.startTimeoutSeconds);
  }

  /** @throws when no cluster is configured; the next try reads the configuration anew */
  #open(): Promise<KubernetesApi> {
    this.#opened ??= KubernetesApi.open(this.options.namespace, this.options.kubeconfig).catch((error) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }
}
