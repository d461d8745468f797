import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { actionOf, shortName, unaudited } from '#apps/workspace-api/src/audit/changes.js';
import { startWorkspace, unique } from '#apps/workspace-api/test/workspace.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { operations } from '#libs/wire/operations.js';
import { type RunningInstallation, startInstallation } from '../end-to-end/installation.js';
import { sampleOf, withName } from '../isolation/sample.js';
import { tableFor } from '../isolation/table-of.js';
import { makeWorld } from '../world.js';

type Event = {
  id: string;
  action: string;
  outcome: string;
  workspace_id: string;
  project_id: string | null;
  actor: { type: string; id: string; name: string };
  credential: { type: string; id: string } | null;
  target: { type: string; id: string | null; name: string | null } | null;
  request_id: string;
  details: Record<string, unknown>;
};

let running: RunningInstallation;
let database: pg.Client;
/** As the administrator in the workspace. */
let api: ApiClient;
/** A member who may nothing but look at the organization. */
let member: { api: ApiClient; id: string };
let organizationId: string;
let projectId: string;

beforeAll(async () => {
  running = await startInstallation();
  database = new pg.Client({ connectionString: running.databaseUrl });
  await database.connect();
  api = await entering(running.cloud);
  organizationId = (await running.cloud.ok(running.cloud.get('/organizations')))[0].id;
  projectId = (await api.ok(api.get('/projects/default'))).id;
  member = await memberWith('Workspace Contributor');
}, 60_000);
afterAll(async () => {
  await database?.end();
  await running?.stop();
});

async function entering(cloud: ApiClient): Promise<ApiClient> {
  const anonymous = new ApiClient(`${running.workspace.url}/api/v1`);
  const headers = { authorization: `Bearer ${cloud.token}` };
  return anonymous.as((await anonymous.ok(anonymous.post('/login', undefined, { headers, form: { grant_type: 'zenml-external' } }))).access_token);
}

async function memberWith(role: string): Promise<{ api: ApiClient; id: string }> {
  const username = `${unique('bot')}`;
  const organization = (await running.cloud.ok(running.cloud.get('/organizations')))[0].id;
  const account = await running.cloud.ok(running.cloud.post(`/organizations/${organization}/service_accounts`, { username }));
  await running.assign(account.id, role, 'workspace', running.workspace.id);
  const { key } = await running.cloud.ok(running.cloud.post(`/organizations/${organization}/service_accounts/${username}/api_keys`, { name: 'k' }));
  return { api: api.as(key), id: account.id };
}

const events = (query: string): Promise<Event[]> => running.cloud.ok(running.cloud.get(`/organizations/${organizationId}/audit_events?${query}`));

/** Sends a request and answers what it left in the log. */
async function leaving(by: ApiClient, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const requestId = randomUUID();
  const answer = await by.send(method, path, body, { headers: { 'x-request-id': requestId, ...headers } });
  const { rows } = await database.query('SELECT * FROM cloud.audit_event WHERE request_id = $1', [requestId]);
  return { answer, rows };
}

describe('the audit log of a workspace', () => {
  it('holds every change, once, with who did it and to what', async () => {
    const name = unique('stacks');
    const made = (await leaving(api, 'POST', '/components', { name, type: 'orchestrator', flavor: 'local', configuration: {} })).answer.body;
    await api.ok(api.put(`/components/${made.id}`, { name: `${name}2` }));
    await api.ok(api.delete(`/components/${made.id}`));
    const found = await events(`target=${made.id}`);
    expect(found.map(({ action, target }) => [action, target?.type, target?.name])).toEqual([
      ['stack_component.delete', 'stack_component', `${name}2`],
      ['stack_component.update', 'stack_component', `${name}2`],
      ['stack_component.create', 'stack_component', name],
    ]);
    const { id } = await running.cloud.ok(running.cloud.get('/users/me'));
    expect(found[2]).toMatchObject({ outcome: 'success', workspace_id: running.workspace.id, actor: { type: 'user', id, name: 'admin@example.com' } });
    expect(found[1]?.details).toMatchObject({ operation: 'update_stack_component', fields: ['name'] });
  });

  it('says in which project, and who shared what with whom', async () => {
    const pipeline = await api.ok(api.post('/pipelines', { project: projectId, name: unique('pipeline') }));
    await api.ok(api.post(`/users/resource_membership?user_id=${member.id}&resource_type=pipeline&resource_id=${pipeline.id}`, ['read']));
    const [shared, created] = await events(`target=${pipeline.id}`);
    expect(created).toMatchObject({ action: 'pipeline.create', project_id: projectId });
    expect(shared).toMatchObject({
      action: 'resource.share',
      project_id: projectId,
      target: { type: 'pipeline' },
      details: { user_id: member.id, actions: ['read'] },
    });
  });

  it('is filtered by workspace, target type and action, and exported', async () => {
    const secret = await api.ok(api.post('/secrets', { name: unique('filtered'), values: { a: 'b' } }));
    const query = `workspace_id=${running.workspace.id}&target_type=secret&action=secret.create&target=${secret.id}`;
    expect((await events(query)).map(({ target }) => target?.id)).toEqual([secret.id]);
    const { text } = await running.cloud.get(`/organizations/${organizationId}/audit_events/export?${query}`);
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).target.id),
    ).toEqual([secret.id]);
  });

  it('names every secret value that was shown, and holds none', async () => {
    const [value, name] = [unique('hidden-value'), unique('secret')];
    const secret = await api.ok(api.post('/secrets', { name, values: { password: value } }));
    await api.ok(api.get(`/secrets/${secret.id}`));
    await api.ok(api.put(`/secrets/${secret.id}`, { values: { password: `${value}2` } }));
    expect((await events(`target=${secret.id}`)).map(({ action }) => action)).toEqual(['secret.update', 'secret.read_values', 'secret.create']);
    const connector = await api.ok(
      api.post('/service_connectors', {
        name: unique('connector'),
        connector_type: 'aws',
        auth_method: 'secret-key',
        resource_types: ['s3-bucket'],
        configuration: { aws_access_key_id: 'AKIAIOSFODNN7EXAMPLE', aws_secret_access_key: value, region: 'eu-central-1' },
      }),
    );
    await api.ok(api.get(`/service_connectors/${connector.id}?expand_secrets=false`));
    await api.ok(api.get(`/service_connectors/${connector.id}?expand_secrets=true`));
    expect((await events(`target=${connector.id}`)).map(({ action }) => action)).toEqual(['service_connector.read_values', 'service_connector.create']);
    const { rows } = await database.query("SELECT count(*)::int AS count FROM cloud.audit_event t WHERE t::text LIKE '%hidden-value%'");
    expect(rows[0].count).toBe(0);
  });

  it('does not name a secret whose values were not shown', async () => {
    const viewer = await memberWith('Workspace Viewer');
    const secret = await api.ok(api.post('/secrets', { name: unique('secret'), values: { a: 'b' } }));
    expect((await viewer.api.ok(viewer.api.get(`/secrets/${secret.id}`))).body.values).toEqual({ a: null });
    expect((await events(`target=${secret.id}`)).map(({ action }) => action)).toEqual(['secret.create']);
  });

  it('has nothing of a change that was rolled back', async () => {
    const name = unique('twice');
    await api.ok(api.post('/tags', { name }));
    const { answer, rows } = await leaving(api, 'POST', '/tags', { name });
    expect([answer.status, rows]).toEqual([409, []]);
  });

  it('holds a retried change once', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const name = unique('retried');
    const first = await leaving(api, 'POST', '/tags', { name }, headers);
    const second = await leaving(api, 'POST', '/tags', { name }, headers);
    expect(second.answer.text).toBe(first.answer.text);
    expect([first.rows.length, second.rows.length]).toEqual([1, 0]);
  });

  it('holds refusals, one of each principal and operation a minute', async () => {
    const secret = await api.ok(api.post('/secrets', { name: unique('refused'), values: { a: 'b' } }));
    const refused = () => member.api.delete(`/secrets/${secret.id}`);
    const answers = await Promise.all([refused(), refused(), refused()]);
    for (let i = 0; i < 20; i += 1) answers.push(await refused());
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    const denied = await events(`outcome=denied&actor=${member.id}&action=delete_secret`);
    // A minute may end in between.
    expect(denied.length).toBeLessThanOrEqual(2);
    expect(denied[0]).toMatchObject({
      workspace_id: running.workspace.id,
      actor: { type: 'service_account', id: member.id },
      credential: { type: 'api_key' },
      target: { type: 'secret', id: secret.id },
      details: { action: 'delete' },
    });
  });

  it('is left alone by what a running pipeline records, and by reading', async () => {
    const world = await makeWorld(api, projectId, 'recording');
    const { rows: before } = await database.query('SELECT count(*)::int AS count FROM cloud.audit_event');
    const [run] = await api.ok(
      api.post('/runs', { project: projectId, name: unique('run'), snapshot: world.pipeline_snapshot, status: 'running', orchestrator_run_id: unique('o') }),
    );
    const step = await api.ok(
      api.post('/steps', { project: projectId, name: 'load', start_time: '2026-01-02T03:04:05', status: 'running', pipeline_run_id: run.id }),
    );
    await api.ok(api.put(`/steps/${step.id}/heartbeat`));
    await api.ok(api.put(`/steps/${step.id}`, { status: 'completed', end_time: '2026-01-02T03:05:05' }));
    await api.ok(api.put(`/runs/${run.id}`, { status: 'completed', end_time: '2026-01-02T03:05:05' }));
    for (const path of ['/runs', '/stacks', '/secrets', `/runs/${run.id}`]) await api.ok(api.get(path));
    const { rows: after } = await database.query('SELECT count(*)::int AS count FROM cloud.audit_event');
    expect(after).toEqual(before);
    const { rows: stopped } = await leaving(api, 'DELETE', `/runs/${run.id}`);
    expect(stopped).toMatchObject([{ action: 'pipeline_run.delete', target_id: run.id, target_name: run.name, project_id: projectId }]);
  });

  it('gets one event of every change that is not exempt, whatever the operation', async () => {
    const world = await makeWorld(api, projectId, 'walk');
    // What takes others along when it is deleted comes last.
    const first = [
      'post',
      'put',
      'patch',
      'links',
      'versions',
      'steps',
      'runs',
      'visualizations',
      'triggers',
      'webhooks',
      'schedules',
      'templates',
      'snapshots',
    ];
    const rank = ({ method, path }: { method: string; path: string }) =>
      method !== 'delete'
        ? first.indexOf(method)
        : /\/(projects|workspaces)\//.test(path)
          ? 99
          : (first.findIndex((word) => path.includes(word)) + 50) % 50 || 98;
    const changing = operations.filter((one) => one.method !== 'get' && !one.public).sort((a, b) => rank(a) - rank(b));
    const wrong: string[] = [];
    let [recorded, left] = [0, 0];
    for (const operation of changing) {
      const id = (name: string) => world[tableFor(name, operation.path, world)] as string;
      const path = operation.path.replace(/^\/api\/v1/, '').replace(/\{(\w+)\}/g, (_, name: string) => id(name));
      const body = operation.body && operation.bodyKind === 'json' ? withName(sampleOf(operation.body, id), unique('name')) : undefined;
      const { answer, rows } = await leaving(api, operation.method.toUpperCase(), path, body);
      const changes = rows.filter(({ outcome }) => outcome === 'success');
      const exempt = unaudited[shortName(operation)];
      const isExempt = exempt !== undefined && !exempt.unless?.(body as Record<string, unknown>);
      const expected = answer.status < 300 && !isExempt ? [actionOf(operation)] : [];
      if (expected.length > 0) recorded += 1;
      if (isExempt && answer.status < 300) left += 1;
      if (JSON.stringify(changes.map(({ action }) => action)) !== JSON.stringify(expected))
        wrong.push(
          `${operation.method} ${operation.path} (${answer.status}) left ${JSON.stringify(changes.map(({ action }) => action))}, not ${JSON.stringify(expected)}`,
        );
    }
    expect(wrong).toEqual([]);
    expect(recorded).toBeGreaterThan(60);
    expect(left).toBeGreaterThan(10);
  }, 60_000);

  it('does not stand in the way of the answer to a body that is no object', async () => {
    const wrong: string[] = [];
    for (const { id, method, path, body } of operations)
      if (body && method !== 'get')
        for (const raw of ['"text"', '7', 'true', 'null', '["name"]']) {
          const route = path.replace(/^\/api\/v1/, '').replace(/\{\w+\}/g, randomUUID());
          const { status } = await api.send(method.toUpperCase(), route, undefined, { raw, headers: { 'content-type': 'application/json' } });
          if (status >= 500 && status !== 501) wrong.push(`${id} with ${raw}: ${status}`);
        }
    expect(wrong).toEqual([]);
  }, 60_000);

  it('exempts only operations that there are', () => {
    const names = new Set(operations.map((one) => shortName(one)));
    expect(Object.keys(unaudited).filter((name) => !names.has(name))).toEqual([]);
  });
});

it('does not exist in a stand-alone workspace', async () => {
  const workspace = await startWorkspace();
  try {
    await workspace.api.ok(workspace.api.post('/tags', { name: 'tag' }));
    const rows = await workspace.owner.read({ workspaceId: null, isPlatform: true }, {
      toQuery: () => ({ text: 'SELECT id FROM cloud.audit_event', values: [] }),
    } as never);
    expect(rows).toEqual([]);
  } finally {
    await workspace.stop();
  }
});
