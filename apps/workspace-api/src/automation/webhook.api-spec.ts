import { createHmac } from 'node:crypto';
import { sql } from '#libs/database/sql.js';
import { attachedTrigger, queueOnly, runnableSnapshot } from '../../test/attached-snapshot.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

let w: TestWorkspace;
beforeAll(async () => {
  w = await startWorkspace({ workloads: queueOnly, areTriggersOn: false });
  await w.installation.serverSideRuns?.stop();
});
afterAll(() => w.stop());

const body = JSON.stringify({ action: 'built', number: 7 });

async function made(type = 'custom') {
  return w.api.ok(w.api.post('/webhooks', { project: w.projectId, name: unique('hook'), webhook_type: type }));
}

/** As another service would: bytes, a signature and no login. */
async function send(webhook: { id: string }, options: { type?: string; secret?: string; headers?: Record<string, string>; body?: string } = {}) {
  const { type = 'custom', secret = '', body: text = body, headers = {} } = options;
  const signature = `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;
  return fetch(`${await w.app.getUrl()}/api/v1/webhooks/${type}/${webhook.id}/events`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', 'x-zenml-signature-256': signature, 'x-hub-signature-256': signature, 'x-zenml-event': 'build', ...headers },
  });
}

async function statsOf(webhook: { id: string }) {
  return (await w.api.ok(w.api.get(`/webhooks/${webhook.id}`))).metadata.stats;
}

describe('a webhook', () => {
  it('shows a secret that was made for it once, and keeps it sealed', async () => {
    const webhook = await made();
    expect(webhook.secret.length).toBeGreaterThanOrEqual(43);
    expect(JSON.stringify((await w.api.get(`/webhooks/${webhook.id}`)).body)).not.toContain(webhook.secret);
    const [row] = await w.db.read<{ values: string }>(
      { workspaceId: w.id },
      sql`SELECT s.values FROM workspace.webhook w JOIN workspace.secret s ON s.id = w.secret_id WHERE w.id = ${webhook.id}`,
    );
    expect(row?.values).not.toContain(webhook.secret);
  });

  it('does not repeat a secret that was given', async () => {
    const given = await w.api.ok(w.api.post('/webhooks', { project: w.projectId, name: unique('hook'), webhook_type: 'custom', secret: 'known already' }));
    expect(given.secret).toBeNull();
    expect((await send(given, { secret: 'known already' })).status).toBe(202);
  });

  it('shows its secret in no list of secrets', async () => {
    await made();
    const { items } = await w.api.ok(w.api.get('/secrets?size=1000'));
    expect(items.filter(({ name }: { name: string }) => name.startsWith('webhook-'))).toEqual([]);
  });

  it('takes no events signed with the secret it had before a rotation', async () => {
    const webhook = await made();
    const { secret } = await w.api.ok(w.api.put(`/webhooks/${webhook.id}/secret`, {}));
    expect((await send(webhook, { secret: webhook.secret })).status).toBe(401);
    expect((await send(webhook, { secret })).status).toBe(202);
  });

  it('takes its secret along when it is deleted', async () => {
    const webhook = await made();
    const count = async () =>
      (await w.db.read<{ n: number }>({ workspaceId: w.id }, sql`SELECT count(*)::int AS n FROM workspace.secret WHERE name LIKE 'webhook-%'`))[0]?.n as number;
    const before = await count();
    await w.api.ok(w.api.delete(`/webhooks/${webhook.id}`));
    expect(await count()).toBe(before - 1);
  });

  it('stays while a trigger that is not archived uses it', async () => {
    const webhook = await made();
    const trigger = await w.api.ok(
      w.api.post('/triggers', { project: w.projectId, name: unique('t'), type: 'webhook', webhook_id: webhook.id, configuration: {} }),
    );
    expect((await w.api.delete(`/webhooks/${webhook.id}`)).status).toBe(403);
    await w.api.ok(w.api.delete(`/triggers/${trigger.id}`));
    await w.api.ok(w.api.delete(`/webhooks/${webhook.id}`));
    expect((await w.api.ok(w.api.get(`/triggers/${trigger.id}`))).body.webhook_id).toBeNull();
  });
});

describe('the intake of events', () => {
  it('accepts a signed event, counts it and keeps it as it came', async () => {
    const webhook = await made();
    const reply = await send(webhook, { secret: webhook.secret, headers: { 'x-zenml-delivery': 'd/1' } });
    expect([reply.status, await reply.text()]).toEqual([202, '']);
    expect(await statsOf(webhook)).toMatchObject({ received_count: 1, accepted_count: 1, auth_failed_count: 0, last_error_at: null });
    expect(await w.api.ok(w.api.get(`/webhooks/${webhook.id}/events/raw?delivery_id=d%2F1`))).toEqual({ body: JSON.parse(body) });
  });

  it('keeps the first of two deliveries with one id', async () => {
    const webhook = await made();
    for (const n of [1, 2]) await send(webhook, { secret: webhook.secret, body: JSON.stringify({ n }), headers: { 'x-zenml-delivery': 'same' } });
    expect(await w.api.ok(w.api.get(`/webhooks/${webhook.id}/events/raw?delivery_id=same`))).toEqual({ body: { n: 1 } });
    expect(await statsOf(webhook)).toMatchObject({ accepted_count: 2 });
  });

  it('refuses and counts an event with a wrong signature', async () => {
    const webhook = await made();
    expect((await send(webhook, { secret: 'guessed' })).status).toBe(401);
    expect(await statsOf(webhook)).toMatchObject({ received_count: 1, accepted_count: 0, auth_failed_count: 1, last_error_summary: expect.any(String) });
  });

  it('refuses and counts a signed event that is no JSON object', async () => {
    const webhook = await made();
    expect((await send(webhook, { secret: webhook.secret, body: '[1]' })).status).toBe(400);
    expect(await statsOf(webhook)).toMatchObject({ received_count: 1, invalid_payload_count: 1 });
  });

  it('takes no events while the webhook is inactive', async () => {
    const webhook = await made();
    await w.api.ok(w.api.put(`/webhooks/${webhook.id}`, { active: false }));
    expect((await send(webhook, { secret: webhook.secret })).status).toBe(409);
    expect(await statsOf(webhook)).toMatchObject({ received_count: 0 });
  });

  it('answers for another type and for nothing in the same way', async () => {
    const webhook = await made();
    const headers = { 'x-github-event': 'push' };
    const other = await send(webhook, { type: 'github', secret: webhook.secret, headers });
    const nothing = await send({ id: '0c0ffee0-0000-4000-8000-000000000000' }, { secret: webhook.secret });
    expect([other.status, await other.json()]).toEqual([nothing.status, await nothing.json()]);
    expect(other.status).toBe(404);
  });

  it('reads the signed bytes also when they come as a form', async () => {
    const webhook = await made('github');
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-github-event': 'push' };
    expect((await send(webhook, { type: 'github', secret: webhook.secret, headers })).status).toBe(202);
  });

  it('answers the check that Slack makes of an address', async () => {
    const webhook = await made('slack');
    const text = JSON.stringify({ type: 'url_verification', challenge: 'say this' });
    const time = String(Math.floor(Date.now() / 1000));
    const signature = `v0=${createHmac('sha256', webhook.secret).update(`v0:${time}:${text}`).digest('hex')}`;
    const reply = await send(webhook, { type: 'slack', body: text, headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': time } });
    expect([reply.status, await reply.text()]).toEqual([200, 'say this']);
  });
});

describe('triggers of a webhook', () => {
  const waiting = (webhook: { id: string }, configuration: object) =>
    attachedTrigger(w, snapshotId, { type: 'webhook', webhook_id: webhook.id, configuration });
  const runsOf = async (id: string) => (await w.api.ok(w.api.get(`/runs?trigger_id=${id}&hydrate=true`))).items;
  const dispatched = () => w.installation.triggers?.dispatcher.look();
  let snapshotId: string;
  beforeAll(async () => {
    snapshotId = await runnableSnapshot(w);
  });

  it('start what is attached when an event fits, and tell the run which it was', async () => {
    const webhook = await made();
    const every = await waiting(webhook, {});
    const some = await waiting(webhook, { target_events: [{ event_type: 'build', filters: { number: '7' } }] });
    const others = await waiting(webhook, { target_events: [{ event_type: 'build', filters: { number: '8' } }] });
    await send(webhook, { secret: webhook.secret, headers: { 'x-zenml-delivery': 'd-1' } });
    await dispatched();
    const runs = await Promise.all([every, some, others].map(runsOf));
    expect(runs.map((of) => of.length)).toEqual([1, 1, 0]);
    expect(runs[0][0].metadata.trigger_execution_info).toMatchObject({
      webhook_upstream_event: { custom: { webhook_id: webhook.id, delivery_id: 'd-1', event_type: 'build', event: null } },
    });
  });

  it('start it once, however often a delivery comes, and for each delivery of its own', async () => {
    const webhook = await made();
    const id = await waiting(webhook, {});
    const deliver = (delivery: string) => send(webhook, { secret: webhook.secret, headers: { 'x-zenml-delivery': delivery } });
    await Promise.all(Array.from({ length: 5 }, () => deliver('again')));
    await dispatched();
    await deliver('again');
    await deliver('another');
    await dispatched();
    expect(await runsOf(id)).toHaveLength(2);
  });

  it('do nothing for an event that was refused, nor while they are archived', async () => {
    const webhook = await made();
    const [refused, archived] = [await waiting(webhook, {}), await waiting(webhook, {})];
    await w.api.ok(w.api.delete(`/triggers/${archived}`));
    await send(webhook, { secret: 'guessed' });
    await dispatched();
    expect(await runsOf(refused)).toEqual([]);
    await send(webhook, { secret: webhook.secret });
    await dispatched();
    expect((await runsOf(refused)).length + (await runsOf(archived)).length).toBe(1);
  });
});
