import { PassThrough } from 'node:stream';
import type { BatchV1Api, ConfigurationOptions, CoreV1Api, KubeConfig, ObservableMiddleware, V1Job, V1Pod, V1Secret } from '@kubernetes/client-node';
import { containerName, runLabel } from './kubernetes-job.js';

type Client = typeof import('@kubernetes/client-node');

/** What Kubernetes answered instead of what was asked for. `code` is null when nobody knows whether the request was carried out. */
export class KubernetesError extends Error {
  constructor(
    readonly code: number | null,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const requestTimeoutMs = 15_000;

/** The server ends a watch after that; somewhat later it counts as broken. */
const watchSeconds = 240;
const watchMarginMs = 30_000;

/** Pauses after a failed watch, doubled each time. */
const minPauseMs = 200;
const maxPauseMs = 10_000;

/** The few requests to one namespace that runs need. */
export class KubernetesApi {
  readonly #batch: BatchV1Api;
  readonly #core: CoreV1Api;

  private constructor(
    private readonly client: Client,
    private readonly config: KubeConfig,
    private readonly namespace: string,
  ) {
    this.#batch = config.makeApiClient(client.BatchV1Api);
    this.#core = config.makeApiClient(client.CoreV1Api);
  }

  /** @param kubeconfig a file; null: the one that KUBECONFIG names, the user's own, or what a pod is given by its cluster */
  static async open(namespace: string, kubeconfig: string | null): Promise<KubernetesApi> {
    // Half a second and many megabytes, for those who use it.
    const client = await import('@kubernetes/client-node');
    const config = new client.KubeConfig();
    if (kubeconfig) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
    return new KubernetesApi(client, config, namespace);
  }

  /** @returns null when there is one of that name */
  async createJob(body: V1Job): Promise<V1Job | null> {
    return this.#ask((options) => this.#batch.createNamespacedJob({ namespace: this.namespace, body }, options)).catch(unless(409));
  }

  /** @returns null when there is none */
  async readJob(name: string): Promise<V1Job | null> {
    return this.#ask((options) => this.#batch.readNamespacedJob({ namespace: this.namespace, name }, options)).catch(unless(404));
  }

  /** Lets a suspended Job go. @throws KubernetesError 404 or 409 when it is not the same Job any more */
  async resumeJob(job: V1Job): Promise<V1Job> {
    const body = { metadata: { uid: job.metadata?.uid }, spec: { suspend: false } };
    const name = job.metadata?.name ?? '';
    return this.#ask((options) => this.#batch.patchNamespacedJob({ namespace: this.namespace, name, body }, options), 'application/merge-patch+json');
  }

  /**
   * Removes a Job; its pod and Secret go with it.
   * @param options.isForeground it stays until they are gone
   * @param options.unchanged only in the state in which it was read
   * @returns false when it is gone already, or was changed
   */
  async deleteJob(job: V1Job, options: { isForeground: boolean; unchanged?: boolean }): Promise<boolean> {
    const { name = '', uid, resourceVersion } = job.metadata ?? {};
    const preconditions = { ...(uid ? { uid } : {}), ...(options.unchanged && resourceVersion ? { resourceVersion } : {}) };
    const body = { preconditions, propagationPolicy: options.isForeground ? 'Foreground' : 'Background' };
    const answer = await this.#ask((more) => this.#batch.deleteNamespacedJob({ namespace: this.namespace, name, body }, more)).catch(unless(404, 409));
    return answer !== null;
  }

  async putSecret(body: V1Secret): Promise<void> {
    const { namespace } = this;
    const made = await this.#ask((options) => this.#core.createNamespacedSecret({ namespace, body }, options)).catch(unless(409));
    if (!made) await this.#ask((options) => this.#core.replaceNamespacedSecret({ namespace, name: body.metadata?.name ?? '', body }, options));
  }

  async readPod(name: string): Promise<V1Pod | null> {
    return this.#ask((options) => this.#core.readNamespacedPod({ namespace: this.namespace, name }, options)).catch(unless(404));
  }

  /** The pod of a run, the newest if there are several. */
  async podOf(runId: string): Promise<V1Pod | null> {
    return newestOf((await this.#listPods(`${runLabel}=${runId}`)).items);
  }

  /** Tells the Job's state, and each that comes after it, until the signal; null when there is none. */
  observeJob(name: string, signal: AbortSignal, tell: (job: V1Job | null) => void): Promise<void> {
    const fieldSelector = `metadata.name=${name}`;
    const list = () => this.#ask((options) => this.#batch.listNamespacedJob({ namespace: this.namespace, fieldSelector }, options));
    return this.#observe(`/apis/batch/v1/namespaces/${this.namespace}/jobs`, { fieldSelector }, list, signal, tell);
  }

  /** The same for the pod of a run. */
  observePod(runId: string, signal: AbortSignal, tell: (pod: V1Pod | null) => void): Promise<void> {
    const labelSelector = `${runLabel}=${runId}`;
    return this.#observe(`/api/v1/namespaces/${this.namespace}/pods`, { labelSelector }, () => this.#listPods(labelSelector), signal, tell);
  }

  #listPods(labelSelector: string) {
    return this.#ask((options) => this.#core.listNamespacedPod({ namespace: this.namespace, labelSelector }, options));
  }

  /** A pod's log from its start, line by line without the ends of lines; with `follow` until it is over or the connection breaks. */
  async *log(pod: string, follow: boolean, signal: AbortSignal): AsyncGenerator<Buffer> {
    const stream = new PassThrough();
    // The client passes on what comes, but not how it ends.
    stream.on('pipe', (source) => source.on('error', (error) => stream.destroy(error)).once('close', () => stream.end()));
    // Whoever reads it is told. When it is answered too late nobody reads it any more, and an error that nobody hears of would end the process.
    stream.on('error', () => {});
    const request = await this.#connectLog(pod, stream, follow, signal);
    if (!request) return;
    const abort = () => {
      request.abort();
      stream.end();
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      for await (const part of stream) yield part as Buffer;
    } finally {
      signal.removeEventListener('abort', abort);
      request.abort();
    }
  }

  /** @returns null when the signal came first */
  async #connectLog(pod: string, stream: PassThrough, follow: boolean, signal: AbortSignal): Promise<AbortController | null> {
    const connecting = new this.client.Log(this.config).log(this.namespace, pod, containerName, stream, { follow });
    const connected = new AbortController();
    try {
      const request = await Promise.race([connecting, pause(requestTimeoutMs, AbortSignal.any([signal, connected.signal])).then(() => null)]);
      if (request) return request;
      connecting.then(
        (late) => late.abort(),
        () => {},
      );
      if (signal.aborted) return null;
    } catch (cause) {
      throw asError(cause);
    } finally {
      connected.abort();
    }
    throw new KubernetesError(null, 'Kubernetes did not answer in time.');
  }

  async #observe<T extends Dated>(
    path: string,
    selector: Record<string, string>,
    list: () => Promise<{ items: T[]; metadata?: { resourceVersion?: string } }>,
    signal: AbortSignal,
    tell: (one: T | null) => void,
  ): Promise<void> {
    let pauseMs = minPauseMs;
    while (!signal.aborted) {
      try {
        const { items, metadata } = await list();
        if (signal.aborted) return;
        tell(newestOf(items));
        // Also when it ends in good order the list is read anew: whatever was missed is in it.
        const events = await this.#watch<T>(path, { ...selector, resourceVersion: metadata?.resourceVersion }, signal, (type, one) =>
          tell(type === 'DELETED' ? null : one),
        );
        if (events > 0) pauseMs = minPauseMs;
      } catch {
        // The next list says whether there is anything to worry about.
      }
      if (signal.aborted) return;
      await pause(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, maxPauseMs);
    }
  }

  /** @returns how many events came before the watch ended */
  async #watch<T>(path: string, query: Record<string, string | undefined>, signal: AbortSignal, tell: (type: string, object: T) => void): Promise<number> {
    let events = 0;
    let timer: NodeJS.Timeout | undefined;
    let request: AbortController | undefined;
    const abort = () => request?.abort();
    let stop: () => void = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        const end = (error?: unknown) => (error ? reject(asError(error)) : resolve());
        const heard = (type: string, object: T) => {
          // Most often 410: what came after the version is not known any more.
          if (type === 'ERROR') return end(new KubernetesError((object as { code?: number }).code ?? null, 'The watch was ended.'));
          events += 1;
          if (type !== 'BOOKMARK') tell(type, object);
        };
        timer = setTimeout(end, watchSeconds * 1_000 + watchMarginMs);
        stop = () => end();
        signal.addEventListener('abort', stop, { once: true });
        new this.client.Watch(this.config).watch(path, { ...query, timeoutSeconds: watchSeconds }, heard, end).then((made) => {
          request = made;
          if (signal.aborted) abort();
        }, end);
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      abort();
    }
    return events;
  }

  async #ask<T>(request: (options: ConfigurationOptions<ObservableMiddleware>) => Promise<T>, contentType?: string): Promise<T> {
    const header = contentType ? this.client.setHeaderMiddleware('Content-Type', contentType) : this.client.setHeaderMiddleware('Accept', 'application/json');
    const pre: ObservableMiddleware['pre'] = (context) => {
      context.setSignal(AbortSignal.timeout(requestTimeoutMs));
      return header.pre(context);
    };
    try {
      return await request({ middleware: [{ ...header, pre }], middlewareMergeStrategy: 'append' });
    } catch (cause) {
      throw asError(cause);
    }
  }
}

type Dated = { metadata?: { creationTimestamp?: Date } };

function newestOf<T extends Dated>(items: T[]): T | null {
  const created = (one: T) => Number(one.metadata?.creationTimestamp ?? 0);
  return items.sort((a, b) => created(b) - created(a))[0] ?? null;
}

function unless(...codes: number[]): (error: KubernetesError) => null {
  return (error) => {
    if (error.code !== null && codes.includes(error.code)) return null;
    throw error;
  };
}

function asError(cause: unknown): KubernetesError {
  if (cause instanceof KubernetesError) return cause;
  const { code, statusCode, body, message } = cause as { code?: unknown; statusCode?: number; body?: unknown; message?: string };
  const status = typeof code === 'number' ? code : (statusCode ?? null);
  return new KubernetesError(status, textOf(body) ?? message ?? String(cause), { cause });
}

/** The message of a `Status` object, which some answers have as text. */
function textOf(body: unknown): string | null {
  try {
    const { message } = (typeof body === 'string' ? JSON.parse(body) : body) as { message?: string };
    return message ?? null;
  } catch {
    return null;
  }
}

/** Waits, or less when the signal comes. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
