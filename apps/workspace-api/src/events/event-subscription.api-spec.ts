import { createHmac } from 'node:crypto';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from '#libs/database/sql.js';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { PipelineClient } from '../../test/pipeline.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';
import { EventDeliveries, mostFailuresInARow, retryDelaysSeconds } from './event-deliveries.js';

type Logged = { id: string; body: Record<string, unknown>; metadata: Record<string, string> };
type Received = { headers: IncomingHttpHeaders; text: string; body: any }; // any: tests look into bodies of every shape

/** A receiver of webhooks: what it got, and how it answers. */
class Receiver {
  readonly received: Received[] = [];
  answer: { status: number; headers?: Record<string, string>; text?: string } = { status: 204 };
  #tell = () => {};
  readonly #server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      this.received.push({ headers: request.headers, text, body: JSON.parse(text) });
      response.writeHead(this.answer.status, this.answer.headers).end(this.answer.text);
      this.#tell();
    });
  });

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** Waits until it has got so many. */
  async got(count: number): Promise<Received[]> {
    while (this.received.length < count) await new Promise<void>((resolve) => (this.#tell = resolve));
    return this.received;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** What every receiver does with the secret it was given, written down once more here. */
function signatureOf(secret: string, { headers, text }: Received): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`).digest('base64')}`;
}

describe('a subscription to events', () => {
  let workspace: TestWorkspace;
  let client: PipelineClient;
  let receiver: Receiver;
  let aheadMs = 0;
  const receivers: Receiver[] = [];

  beforeAll(async () => {
    workspace = await startWorkspace({ outbound: OutboundPolicy.parse('127.0.0.0/8'), clock: () => Date.now() + aheadMs });
    client = new PipelineClient(workspace);
  });
  beforeEach(async () => {
    receiver = await new Receiver().listen();
    receivers.push(receiver);
  });
  afterEach(async () => {
    await workspace.db.read({ workspaceId: workspace.id }, sql`DELETE FROM workspace.event_subscription WHERE workspace_id = ${workspace.id}`);
    for (const one of receivers.splice(0)) one.stop();
  });
  afterAll(() => workspace.stop());

  const subscribe = (events: string[], extra: Record<string, unknown> = {}) =>
    workspace.api.ok(workspace.api.post('/event_subscriptions', { name: unique('hook'), url: receiver.url, events, ...extra }));
  const get = async (id: string) => (await workspace.api.ok(workspace.api.get(`/event_subscriptions/${id}`))).body;
  const deliveries = async (id: string, query = '') => workspace.api.ok(workspace.api.get(`/event_subscriptions/${id}/deliveries?hydrate=true${query}`));
  /** Something that is told once. */
  const makeSnapshot = () => client.snapshot({});
  const dispatcher = () => workspace.installation.eventDeliveries as EventDeliveries;

  /** Looks at the log until it is as wanted. */
  async function until(id: string, isThere: (items: Logged[]) => boolean): Promise<Logged[]> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const { items } = await deliveries(id);
      if (isThere(items)) return items;
      if (Date.now() > deadline) throw new Error(JSON.stringify(items));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('is told of the kinds it asks for, signed with its secret, each event once', async () => {
    const { secret, id } = await subscribe(['pipeline_run.completed', 'pipeline_snapshot.*']);
    const snapshot = await client.snapshot({}, { is_dynamic: true });
    const { id: run } = await client.announce(snapshot);
    for (const status of ['running', 'completed']) await workspace.api.ok(workspace.api.put(`/runs/${run}`, { status }));
    const [first, second] = [...(await receiver.got(2))].sort((a, b) => (a.body.timestamp < b.body.timestamp ? -1 : 1)) as [Received, Received];
    expect(first.body).toMatchObject({ type: 'pipeline_snapshot.created', resource: { type: 'pipeline_snapshot', id: snapshot } });
    expect(second.body).toEqual({
      id: expect.any(String),
      type: 'pipeline_run.completed',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      workspace_id: workspace.id,
      project_id: workspace.projectId,
      resource: { type: 'pipeline_run', id: run },
      data: expect.objectContaining({ status: 'completed', previous_status: 'running', snapshot_id: snapshot }),
    });
    for (const one of [first, second]) expect(one.headers['webhook-signature']).toBe(signatureOf(secret, one));
    const items = await until(id, (all) => all.length === 2 && all.every(({ body }) => body.status === 'delivered'));
    expect(items.map(({ id: delivery }) => delivery).sort()).toEqual([first, second].map(({ headers }) => headers['webhook-id'] as string).sort());
    expect(await get(id)).toMatchObject({ active: true, last_delivery_status: 204, last_delivery_error: null });
    expect(receiver.received).toHaveLength(2);
  });

  it('shows its secret once, and nothing that the database holds does', async () => {
    const { secret, id } = await subscribe(['*']);
    expect(secret).toMatch(/^whsec_/);
    for (const path of [`/event_subscriptions/${id}`, '/event_subscriptions']) expect((await workspace.api.get(path)).text).not.toContain(secret);
    const [row] = await workspace.db.read<{ secret: string }>(
      { workspaceId: workspace.id },
      sql`SELECT secret FROM workspace.event_subscription WHERE id = ${id}`,
    );
    expect(row?.secret).not.toContain(secret.slice(10));
  });

  it('hears of one project only where it asks for that, and of the workspace where it does not', async () => {
    const { api } = workspace;
    const name = unique('other');
    const all = await subscribe(['*']);
    const other = await api.ok(api.post('/projects', { name, display_name: name }));
    const one = await subscribe(['*'], { project: other.id });
    await makeSnapshot();
    await api.ok(api.post('/pipelines', { project: other.id, name: unique('pipeline') }));
    const told = await until(one.id, (items) => items.length > 0);
    expect(told.map(({ body }) => body.event)).toEqual(['pipeline.created']);
    const kinds = (await until(all.id, (items) => items.length >= 4)).map(({ body }) => body.event).sort();
    expect(kinds).toEqual(['pipeline.created', 'pipeline.created', 'pipeline_snapshot.created', 'project.created']);
  });

  it("is told of a model version's new stage", async () => {
    const { api, projectId: project } = workspace;
    await subscribe(['model_version.updated']);
    const model = await api.ok(api.post('/models', { project, name: unique('model') }));
    const version = await api.ok(api.post('/model_versions', { project, model: model.id, name: 'first' }));
    await api.ok(api.put(`/model_versions/${version.id}`, { stage: 'production', force: true }));
    const [told] = (await receiver.got(1)) as [Received];
    expect(told.body).toMatchObject({ type: 'model_version.updated', resource: { id: version.id }, data: { name: 'first', stage: 'production' } });
  });

  it('is tried again later and later, under the same id, and given up in the end', async () => {
    receiver.answer = { status: 503, text: 'closed for today' };
    const { id } = await subscribe(['pipeline_snapshot.created']);
    await makeSnapshot();
    for (let attempt = 1; attempt <= retryDelaysSeconds.length; attempt++) {
      await receiver.got(attempt);
      const [item] = await until(id, ([one]) => one?.body.attempts === attempt && one.body.last_status === 503);
      expect(item?.body).toMatchObject({ status: 'pending', last_error: 'The receiver answered 503.' });
      expect(item?.metadata.last_response).toBe('closed for today');
      const dueMs = Date.parse(`${item?.body.next_attempt_at}Z`) - (Date.now() + aheadMs);
      const delayMs = (retryDelaysSeconds[attempt - 1] as number) * 1_000;
      expect(dueMs).toBeGreaterThan(delayMs * 0.5);
      expect(dueMs).toBeLessThanOrEqual(delayMs * 1.1);
      await dispatcher().wake();
      expect(receiver.received).toHaveLength(attempt);
      aheadMs += delayMs * 1.1;
      // The log is reset before the next attempt, so that its own answer is waited for.
      await workspace.db.read({ workspaceId: workspace.id }, sql`UPDATE workspace.event_delivery SET last_status = NULL WHERE subscription_id = ${id}`);
      await dispatcher().wake();
    }
    await until(id, ([one]) => one?.body.status === 'failed');
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(receiver.received).toHaveLength(retryDelaysSeconds.length + 1);
    expect(await get(id)).toMatchObject({ active: true, failures_in_a_row: 1 });
  });

  it('is switched off after failing again and again, says why, and goes on when somebody switches it on', async () => {
    const { id } = await subscribe(['pipeline_snapshot.created']);
    const { db, id: workspaceId, api } = workspace;
    receiver.answer = { status: 500 };
    await db.read({ workspaceId }, sql`UPDATE workspace.event_subscription SET failures_in_a_row = ${mostFailuresInARow - 1} WHERE id = ${id}`);
    await makeSnapshot();
    await until(id, ([one]) => one?.body.last_status === 500);
    await db.read(
      { workspaceId },
      sql`UPDATE workspace.event_delivery SET attempts = ${retryDelaysSeconds.length}, next_attempt_at = created WHERE subscription_id = ${id}`,
    );
    await dispatcher().wake();
    await until(id, ([one]) => one?.body.status === 'failed');
    expect(await get(id)).toMatchObject({ active: false, disabled_reason: expect.stringContaining('The receiver answered 500.') });
    await makeSnapshot();
    expect((await deliveries(id)).total).toBe(1);

    receiver.answer = { status: 200 };
    const before = receiver.received.length;
    await api.ok(api.put(`/event_subscriptions/${id}`, { active: true }));
    expect(await get(id)).toMatchObject({ active: true, disabled_reason: null, failures_in_a_row: 0 });
    const [failed] = (await deliveries(id)).items;
    await api.ok(api.post(`/event_subscriptions/${id}/deliveries/${failed.id}/redeliver`));
    await receiver.got(before + 1);
    await until(id, ([one]) => one?.body.status === 'delivered');
    expect(receiver.received.at(-1)?.headers['webhook-id']).toBe(failed.id);
  });

  it('is switched off at once by a receiver that is gone', async () => {
    receiver.answer = { status: 410 };
    const { id } = await subscribe(['pipeline_snapshot.created']);
    await makeSnapshot();
    await until(id, ([one]) => one?.body.status === 'failed');
    expect(await get(id)).toMatchObject({ active: false, disabled_reason: expect.stringContaining('410') });
  });

  it('can be tried at any time, and the answer says what became of it', async () => {
    const { secret, id } = await subscribe(['pipeline_run.failed'], { active: false });
    receiver.answer = { status: 418, text: 'short and stout' };
    const { api } = workspace;
    const tested = await api.ok(api.post(`/event_subscriptions/${id}/test`));
    expect(tested).toMatchObject({
      body: { event: 'test', status: 'failed', attempts: 1, last_status: 418 },
      metadata: { last_response: 'short and stout' },
    });
    expect((receiver.received[0] as Received).headers['webhook-signature']).toBe(signatureOf(secret, receiver.received[0] as Received));
    expect(await get(id)).toMatchObject({ failures_in_a_row: 0, last_delivery_status: 418 });
  });

  it('signs with both secrets for a day after a change of them', async () => {
    const { secret: old, id } = await subscribe(['*']);
    const { api } = workspace;
    const { secret } = await api.ok(api.put(`/event_subscriptions/${id}/secret`));
    await makeSnapshot();
    const [first] = (await receiver.got(1)) as [Received];
    expect(first.headers['webhook-signature']).toBe(`${signatureOf(secret, first)} ${signatureOf(old, first)}`);
    aheadMs += 25 * 3_600_000;
    const before = receiver.received.length;
    await makeSnapshot();
    const later = (await receiver.got(before + 1)).at(-1) as Received;
    expect(later.headers['webhook-signature']).toBe(signatureOf(secret, later));
  });

  it('does not follow redirects', async () => {
    const elsewhere = await new Receiver().listen();
    receivers.push(elsewhere);
    receiver.answer = { status: 307, headers: { location: elsewhere.url } };
    const { id } = await subscribe(['*']);
    const tested = await workspace.api.ok(workspace.api.post(`/event_subscriptions/${id}/test`));
    expect(tested.body).toMatchObject({ status: 'failed', last_status: 307 });
    expect(elsewhere.received).toEqual([]);
  });

  it('gets each delivery from one process only, and from another one when that dies over it', async () => {
    const { id } = await subscribe(['pipeline_snapshot.created'], { active: false });
    const { db, api } = workspace;
    await dispatcher().stop();
    await api.ok(api.put(`/event_subscriptions/${id}`, { active: true }));
    for (let i = 0; i < 10; i++) await makeSnapshot();
    // One is in the hands of a process that is never heard of again.
    const present = new Date(Date.now() + aheadMs).toISOString().slice(0, -1);
    const [lost] = await db.read<{ id: string }>(
      { workspaceId: null },
      sql`SELECT id FROM workspace.claim_deliveries(${present}::timestamp, 60, 1, '{}'::uuid[])`,
    );
    const processes = [new EventDeliveries(workspace.installation), new EventDeliveries(workspace.installation), dispatcher()];
    for (const one of processes) one.start();
    await receiver.got(9);
    await until(id, (items) => items.filter(({ body }) => body.status === 'delivered').length === 9);
    const ids = () => receiver.received.map(({ headers }) => headers['webhook-id'] as string);
    expect(new Set(ids()).size).toBe(9);
    expect(ids()).not.toContain(lost?.id);
    aheadMs += 61_000;
    await Promise.all(processes.map((one) => one.wake()));
    await receiver.got(10);
    expect(ids().at(-1)).toBe(lost?.id);
    await Promise.all(processes.slice(0, 2).map((one) => one.stop()));
  });

  it('keeps a log that is read in pages and by what became of each', async () => {
    const { id } = await subscribe(['pipeline_snapshot.created']);
    for (let i = 0; i < 3; i++) await makeSnapshot();
    await until(id, (items) => items.length === 3 && items.every(({ body }) => body.status === 'delivered'));
    const page = await deliveries(id, '&size=2&page=2&sort_by=created');
    expect([page.total, page.total_pages, page.items.length]).toEqual([3, 2, 1]);
    expect((await deliveries(id, '&status=failed')).total).toBe(0);
    expect(JSON.parse(page.items[0].metadata.payload)).toMatchObject({ type: 'pipeline_snapshot.created' });
  });

  it('is one of fifty at most', async () => {
    const { id } = await subscribe(['*'], { active: false });
    await workspace.db.read(
      { workspaceId: workspace.id },
      sql`INSERT INTO workspace.event_subscription (workspace_id, name, url, events, secret, active) SELECT workspace_id, 'hook ' || i, url, events, secret, false FROM workspace.event_subscription, generate_series(2, 50) i WHERE id = ${id}`,
    );
    const answer = await workspace.api.post('/event_subscriptions', { name: unique('hook'), url: receiver.url, events: ['*'] });
    expect([answer.status, answer.body.detail[1]]).toEqual([400, expect.stringContaining('50')]);
  });

  it.each([
    ['no URL', { url: 'receiver' }, 400],
    ['a URL that is not https', { url: 'http://example.com/hook' }, 400],
    ['a password in the URL', { url: 'https://me:secret@example.com/' }, 400],
    ['kinds that are none', { events: ['run completed'] }, 422],
    ['nothing to hear of', { events: [] }, 422],
    ['a project that does not exist', { project: '00000000-0000-4000-8000-000000000000' }, 404],
  ])('is refused with %s', async (_, wrong, status) => {
    const body = { name: unique('hook'), url: 'https://example.com/hook', events: ['*'], ...wrong };
    expect((await workspace.api.post('/event_subscriptions', body)).status).toBe(status);
    expect((await workspace.api.ok(workspace.api.get('/event_subscriptions'))).total).toBe(0);
  });
});

describe('a subscription whose address is not public', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  it.each(['https://127.0.0.1/hook', 'https://[::1]/hook', 'https://169.254.169.254/latest', 'https://10.0.0.1/', 'https://[::ffff:10.0.0.1]/'])(
    'is refused at once: %s',
    async (url) => {
      const { status, body } = await workspace.api.post('/event_subscriptions', { name: unique('hook'), url, events: ['*'] });
      expect([status, body.detail[0]]).toEqual([400, 'ValueError']);
    },
  );

  it('is never reached by a name either, whatever the name resolves to by then', async () => {
    const { api } = workspace;
    const { id } = await api.ok(api.post('/event_subscriptions', { name: unique('hook'), url: 'https://localhost/hook', events: ['*'] }));
    const tested = await api.ok(api.post(`/event_subscriptions/${id}/test`));
    expect(tested.body).toMatchObject({ status: 'failed', last_status: null, last_error: expect.stringContaining('not a public address') });
  });
});
