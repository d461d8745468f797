import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { Container } from './kubernetes-container.js';

/** Objects as JSON has them: times are text. */
export type Stored = { kind: string; metadata: any; spec?: any; status?: any; [key: string]: any };
type Kind = 'jobs' | 'pods' | 'secrets';
type Event = { version: number; kind: Kind; type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Stored };
/** Answers with the `Status` object of an error. */
type Fail = (code: number, reason: string, message: string) => void;
type Watcher = { kind: Kind; matches: (object: Stored) => boolean; reply: ServerResponse };

const kinds: Record<Kind, { apiVersion: string; kind: string }> = {
  jobs: { apiVersion: 'batch/v1', kind: 'Job' },
  pods: { apiVersion: 'v1', kind: 'Pod' },
  secrets: { apiVersion: 'v1', kind: 'Secret' },
};

const token = 'cluster-token';

/**
 * What of a Kubernetes cluster a runner meets, for tests: the API over HTTP (Jobs, Pods, logs and Secrets of one namespace; versions, watches, conflicts,
 * preconditions) and behind it what controllers and a kubelet do, on this machine: a container's command runs as a process, with what its image would
 * bring as `containers` says. Limits of resources and security contexts are kept and shown, not enforced.
 */
export class KubernetesCluster {
  readonly namespace = 'runs';
  /** Requests so far, as `GET jobs`. */
  readonly requests: string[] = [];
  /** Answers the next requests whose method and kind match with this status instead, before they are carried out or after. */
  faults: { on: string; status: number; isCarriedOut?: boolean }[] = [];
  readonly #objects: Record<Kind, Map<string, Stored>> = { jobs: new Map(), pods: new Map(), secrets: new Map() };
  readonly #containers = new Map<string, Container>();
  readonly #watchers = new Set<Watcher>();
  readonly #history: Event[] = [];
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'cluster-'));
  readonly #timers = new Set<NodeJS.Timeout>();
  #version = 1;
  #oldest = 1;
  #server!: Server;

  private constructor(private readonly containers: { images: readonly string[]; environment: Record<string, string> }) {}

  /** @param containers images that can be pulled, and the environment that they set */
  static async start(containers: { images: readonly string[]; environment: Record<string, string> }): Promise<KubernetesCluster> {
    const cluster = new KubernetesCluster(containers);
    cluster.#server = createServer((request, reply) => void cluster.#answer(request, reply));
    await new Promise<void>((resolve) => cluster.#server.listen(0, '127.0.0.1', resolve));
    const { port } = cluster.#server.address() as AddressInfo;
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [
        {
          name: 'test', // The client takes no plain HTTP otherwise.
          cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true },
        },
      ],
      users: [{ name: 'test', user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    };
    writeFileSync(cluster.kubeconfig, JSON.stringify(config));
    return cluster;
  }

  get kubeconfig(): string {
    return path.join(this.#folder, 'kubeconfig.json');
  }

  async stop(): Promise<void> {
    for (const container of this.#containers.values()) container.kill('SIGKILL');
    for (const timer of this.#timers) clearTimeout(timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get jobs(): (V1Job & Stored)[] {
    return [...this.#objects.jobs.values()] as never;
  }

  get pods(): (V1Pod & Stored)[] {
    return [...this.#objects.pods.values()] as never;
  }

  get secrets(): Stored[] {
    return [...this.#objects.secrets.values()];
  }

  /** Breaks every open watch and log; with `forget`, versions from before are gone too. */
  interrupt({ forget = false } = {}): void {
    if (forget) {
      this.#oldest = ++this.#version;
      this.#history.length = 0;
    }
    for (const { reply } of this.#watchers) reply.destroy();
    for (const container of this.#containers.values()) for (const reply of container.readers) reply.destroy();
  }

  /** Ends the container of a pod as the kernel does when it takes too much memory. */
  outOfMemory(pod: Stored): void {
    this.#container(pod).end('OOMKilled');
  }

  /** Takes a pod off its machine. */
  evict(pod: Stored): void {
    pod.status.conditions.push({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'The machine is needed for something else.',
    });
    this.#change('pods', pod, 'MODIFIED');
    this.#container(pod).end('Error');
  }

  /** As somebody with kubectl does. */
  deleteJob(name: string): void {
    const job = this.#objects.jobs.get(name);
    if (job) this.#removeJob(job, 'Background');
  }

  // ---------------------------------------------------------------- the API

  async #answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://cluster');
    let text = '';
    for await (const part of request) text += part;
    const failed = (code: number, reason: string, message: string) =>
      send(reply, code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code });
    if (request.headers.authorization !== `Bearer ${token}`) return failed(401, 'Unauthorized', 'Unauthorized');
    const [, namespace, kindName, name, part] =
      /^\/(?:api\/v1|apis\/batch\/v1)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(pathname) ?? [];
    if (!kindName || !(kindName in kinds)) return failed(404, 'NotFound', 'the server could not find the requested resource');
    if (namespace !== this.namespace) return failed(403, 'Forbidden', `${kindName} is forbidden in the namespace "${namespace}"`);
    const kind = kindName as Kind;
    const asked = `${request.method} ${kind}`;
    this.requests.push(asked);
    const fault = this.faults.find(({ on }) => on === asked);
    if (fault) {
      this.faults = this.faults.filter((one) => one !== fault);
      if (!fault.isCarriedOut) return failed(fault.status, 'InternalError', 'etcdserver: request timed out');
      await this.#carryOut(request, kind, name, part, searchParams, text, { failed: () => {}, done: () => {} }, null);
      return failed(fault.status, 'InternalError', 'etcdserver: request timed out');
    }
    const done = (code: number, body: unknown) => send(reply, code, body);
    await this.#carryOut(request, kind, name, part, searchParams, text, { failed, done }, reply);
  }

  async #carryOut(
    request: IncomingMessage,
    kind: Kind,
    name: string | undefined,
    part: string | undefined,
    query: URLSearchParams,
    text: string,
    { failed, done }: { failed: Fail; done: (code: number, body: unknown) => void },
    reply: ServerResponse | null,
  ): Promise<void> {
    const objects = this.#objects[kind];
    const body = text ? JSON.parse(text) : {};
    const { method } = request;
    if (!name) {
      if (method === 'POST') {
        const wrong = problemOf(kind, body);
        if (wrong) return failed(422, 'Invalid', wrong);
        if (objects.has(body.metadata.name)) return failed(409, 'AlreadyExists', `${kind} "${body.metadata.name}" already exists`);
        return done(201, this.#create(kind, body));
      }
      const matches = selectorOf(query);
      if (query.get('watch') === 'true') return this.#watch(kind, matches, query, reply as ServerResponse, failed);
      const items = [...objects.values()].filter(matches);
      return done(200, { kind: `${kinds[kind].kind}List`, apiVersion: kinds[kind].apiVersion, metadata: { resourceVersion: String(this.#version) }, items });
    }
    const found = objects.get(name);
    if (!found) return failed(404, 'NotFound', `${kind} "${name}" not found`);
    if (part === 'log') return this.#log(found, query, reply as ServerResponse, failed);
    if (method === 'GET') return done(200, found);
    if (method === 'PUT') {
      Object.assign(found, encoded(kind, body), {
        metadata: { ...body.metadata, uid: found.metadata.uid, creationTimestamp: found.metadata.creationTimestamp },
      });
      this.#change(kind, found, 'MODIFIED');
      return done(200, found);
    }
    if (method === 'PATCH') {
      if (request.headers['content-type'] !== 'application/merge-patch+json') return failed(415, 'UnsupportedMediaType', 'the body has another format');
      const { uid } = body.metadata ?? {};
      if (uid && uid !== found.metadata.uid) return failed(409, 'Conflict', `Precondition failed: UID in precondition: ${uid}`);
      merge(found, body);
      this.#change(kind, found, 'MODIFIED');
      if (kind === 'jobs') this.#runJob(found);
      return done(200, found);
    }
    if (method === 'DELETE') {
      const { uid, resourceVersion } = body.preconditions ?? {};
      if ((uid && uid !== found.metadata.uid) || (resourceVersion && resourceVersion !== found.metadata.resourceVersion))
        return failed(409, 'Conflict', 'Precondition failed');
      if (kind === 'jobs') this.#removeJob(found, body.propagationPolicy ?? 'Background');
      else this.#drop(kind, found);
      return done(200, found);
    }
    return failed(405, 'MethodNotAllowed', 'not allowed');
  }

  #watch(kind: Kind, matches: (object: Stored) => boolean, query: URLSearchParams, reply: ServerResponse, failed: Fail): void {
    const from = Number(query.get('resourceVersion') ?? this.#version);
    if (from < this.#oldest) return void failed(410, 'Expired', 'too old resource version');
    reply.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
    reply.flushHeaders();
    for (const event of this.#history) if (event.kind === kind && event.version > from && matches(event.object)) reply.write(eventText(event));
    const watcher = { kind, matches, reply };
    this.#watchers.add(watcher);
    reply.on('close', () => this.#watchers.delete(watcher));
  }

  #log(pod: Stored, query: URLSearchParams, reply: ServerResponse, failed: Fail): void {
    const container = this.#containers.get(pod.metadata.uid);
    if (query.get('container') !== pod.spec.containers[0].name) return void failed(400, 'BadRequest', 'container is not valid for the pod');
    if (!container) return void failed(400, 'BadRequest', 'container is waiting to start: ContainerCreating');
    reply.writeHead(200, { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' });
    reply.flushHeaders();
    for (const part of container.printed) reply.write(part);
    if (query.get('follow') !== 'true' || container.isOver) return void reply.end();
    container.readers.add(reply);
    reply.on('close', () => container.readers.delete(reply));
  }

  // ---------------------------------------------------------------- objects

  #create(kind: Kind, body: Stored): Stored {
    const object = encoded(kind, structuredClone(body));
    object.metadata = { ...object.metadata, namespace: this.namespace, uid: randomUUID(), creationTimestamp: new Date().toISOString() };
    this.#objects[kind].set(object.metadata.name, object);
    this.#change(kind, object, 'ADDED');
    if (kind === 'jobs') this.#runJob(object);
    if (kind === 'secrets') for (const pod of this.#objects.pods.values()) this.#runPod(pod);
    return object;
  }

  #change(kind: Kind, object: Stored, type: Event['type']): void {
    object.metadata.resourceVersion = String(++this.#version);
    const event: Event = { version: this.#version, kind, type, object: structuredClone(object) };
    this.#history.push(event);
    for (const watcher of this.#watchers) if (watcher.kind === kind && watcher.matches(object)) watcher.reply.write(eventText(event));
  }

  #drop(kind: Kind, object: Stored): void {
    if (this.#objects[kind].get(object.metadata.name) !== object) return;
    this.#objects[kind].delete(object.metadata.name);
    this.#change(kind, object, 'DELETED');
  }

  /** Later, unless the cluster is stopped before. */
  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  // ---------------------------------------------------------------- the Job controller

  #runJob(job: Stored): void {
    job.status ??= {};
    if (job.spec.suspend) {
      job.status.conditions = [{ type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }];
      // As the controller does on its own, so that versions change under whoever read the object.
      return void this.#after(0, () => this.#change('jobs', job, 'MODIFIED'));
    }
    if (job.status.startTime || job.metadata.deletionTimestamp) return;
    Object.assign(job.status, { conditions: [], active: 1, startTime: new Date().toISOString() });
    this.#change('jobs', job, 'MODIFIED');
    this.#after(job.spec.activeDeadlineSeconds * 1_000, () => {
      if (!isFinished(job)) this.#finishJob(job, 'Failed', 'DeadlineExceeded', 'Job was active longer than specified deadline');
      for (const pod of this.#podsOf(job)) this.#removePod(pod, () => {});
    });
    const { metadata, spec } = structuredClone(job.spec.template);
    const name = `${job.metadata.name}-${randomUUID().slice(0, 5)}`;
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: job.metadata.name, uid: job.metadata.uid, controller: true };
    const labels = { ...metadata.labels, 'batch.kubernetes.io/job-name': job.metadata.name };
    const pod = this.#create('pods', {
      kind: 'Pod',
      metadata: { ...metadata, name, labels, ownerReferences: [owner] },
      spec,
      status: { phase: 'Pending', conditions: [] },
    });
    this.#runPod(pod);
  }

  #finishJob(job: Stored, type: 'Complete' | 'Failed', reason: string, message: string): void {
    if (isFinished(job) || this.#objects.jobs.get(job.metadata.name) !== job) return;
    job.status.active = 0;
    job.status.conditions.push({ type, status: 'True', reason, message });
    this.#change('jobs', job, 'MODIFIED');
    this.#after(job.spec.ttlSecondsAfterFinished * 1_000, () => this.#removeJob(job, 'Background'));
  }

  #removeJob(job: Stored, policy: string): void {
    if (job.metadata.deletionTimestamp || this.#objects.jobs.get(job.metadata.name) !== job) return;
    job.metadata.deletionTimestamp = new Date().toISOString();
    const pods = this.#podsOf(job);
    const collect = () => {
      for (const secret of this.#objects.secrets.values()) if (owns(job, secret)) this.#drop('secrets', secret);
    };
    if (policy === 'Background') this.#drop('jobs', job);
    else this.#change('jobs', job, 'MODIFIED');
    let left = pods.length;
    const gone = () => {
      left -= 1;
      if (left > 0) return;
      collect();
      this.#drop('jobs', job);
    };
    if (pods.length === 0) gone();
    for (const pod of pods) this.#removePod(pod, gone);
  }

  #podsOf(job: Stored): Stored[] {
    return [...this.#objects.pods.values()].filter((pod) => owns(job, pod));
  }

  // ---------------------------------------------------------------- the kubelet

  #runPod(pod: Stored): void {
    if (pod.status.phase !== 'Pending' || this.#containers.has(pod.metadata.uid) || pod.metadata.deletionTimestamp) return;
    const [container] = pod.spec.containers;
    const wait = (reason: string, message: string) => {
      pod.status.containerStatuses = [{ name: container.name, state: { waiting: { reason, message } } }];
      this.#change('pods', pod, 'MODIFIED');
    };
    if (!this.containers.images.includes(container.image)) return void wait('ImagePullBackOff', `Back-off pulling image "${container.image}"`);
    const secret = this.#objects.secrets.get(container.envFrom[0].secretRef.name);
    if (!secret) return void wait('CreateContainerConfigError', `secret "${container.envFrom[0].secretRef.name}" not found`);
    const values = Object.entries((secret.data ?? {}) as Record<string, string>).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
    const folder = mkdtempSync(path.join(this.#folder, 'pod-'));
    // What the pod mounts is a folder here.
    const local = (value: string) => value.replace(/^\/scratch/, folder);
    const environment = {
      ...Object.fromEntries(container.env.map(({ name, value }: { name: string; value: string }) => [name, local(value)])),
      ...Object.fromEntries(values),
      ...this.containers.environment,
    };
    const running = new Container(container.command, folder, environment, pod.spec.terminationGracePeriodSeconds * 1_000);
    this.#containers.set(pod.metadata.uid, running);
    pod.status.phase = 'Running';
    pod.status.containerStatuses = [{ name: container.name, state: { running: { startedAt: new Date().toISOString() } } }];
    this.#change('pods', pod, 'MODIFIED');
    void running.finished.then(({ exitCode, reason }) => {
      pod.status.phase = exitCode === 0 ? 'Succeeded' : 'Failed';
      pod.status.containerStatuses = [{ name: container.name, state: { terminated: { exitCode, reason } } }];
      if (this.#objects.pods.get(pod.metadata.name) !== pod) return;
      this.#change('pods', pod, 'MODIFIED');
      const job = this.#objects.jobs.get(pod.metadata.ownerReferences[0].name);
      if (!job || !owns(job, pod) || job.metadata.deletionTimestamp) return;
      if (exitCode === 0) this.#finishJob(job, 'Complete', 'CompletionsReached', 'Reached expected number of succeeded pods');
      else this.#finishJob(job, 'Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
    });
  }

  #removePod(pod: Stored, gone: () => void): void {
    const drop = () => {
      this.#drop('pods', pod);
      gone();
    };
    if (!pod.metadata.deletionTimestamp) {
      pod.metadata.deletionTimestamp = new Date().toISOString();
      this.#change('pods', pod, 'MODIFIED');
    }
    const container = this.#containers.get(pod.metadata.uid);
    if (!container) return void drop();
    container.terminate();
    void container.finished.then(() => this.#after(0, drop));
  }

  #container(pod: Stored): Container {
    const container = this.#containers.get(pod.metadata.uid);
    if (!container) throw new Error(`The pod ${pod.metadata.name} does not run.`);
    return container;
  }
}

function send(reply: ServerResponse, code: number, body: unknown): void {
  reply.writeHead(code, { 'content-type': 'application/json' });
  reply.end(JSON.stringify(body));
}

function eventText({ type, object }: Event): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function isFinished(job: Stored): boolean {
  return job.status.conditions.some(({ type }: { type: string }) => type === 'Complete' || type === 'Failed');
}

function owns(job: Stored, { metadata }: Stored): boolean {
  return metadata.ownerReferences?.some(({ uid }: { uid: string }) => uid === job.metadata.uid) ?? false;
}

/** Secrets are given as text and kept as base64. */
function encoded(kind: Kind, body: Stored): Stored {
  const object = { ...body, ...kinds[kind] } as Stored;
  if (kind !== 'secrets') return object;
  const { stringData = {}, ...rest } = object;
  const data = Object.entries(stringData as Record<string, string>).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { ...rest, data: { ...object.data, ...Object.fromEntries(data) } } as Stored;
}

/** What the API refuses, as far as a runner can get it wrong. */
function problemOf(kind: Kind, body: Stored): string | null {
  const { name = '', labels = {} } = body.metadata ?? {};
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return `metadata.name: Invalid value: "${name}"`;
  for (const value of Object.values(labels))
    if (!/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(String(value))) return `metadata.labels: Invalid value: "${value}"`;
  if (kind !== 'jobs') return null;
  const template = body.spec?.template?.spec;
  if (!['Never', 'OnFailure'].includes(template?.restartPolicy)) return 'spec.template.spec.restartPolicy: Required value';
  for (const [at, amounts] of Object.entries(template.containers[0].resources ?? {}))
    for (const [key, value] of Object.entries(amounts as object))
      if (!/^[0-9.]+(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/.test(String(value))) return `resources.${at}[${key}]: Invalid value: "${value}"`;
  return null;
}

function selectorOf(query: URLSearchParams): (object: Stored) => boolean {
  const pairs = (text: string | null) => (text ? text.split(',').map((one) => one.split('=') as [string, string]) : []);
  const fields = pairs(query.get('fieldSelector'));
  const labels = pairs(query.get('labelSelector'));
  return ({ metadata }) => fields.every(([, value]) => metadata.name === value) && labels.every(([key, value]) => metadata.labels?.[key] === value);
}

/** A JSON merge patch. */
function merge(target: any, patch: any): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete target[key];
    else if (typeof value === 'object' && !Array.isArray(value)) merge((target[key] ??= {}), value);
    else target[key] = value;
  }
}
