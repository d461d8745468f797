import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ApiClient } from '#libs/testing/api-client.js';
import { freePort } from '../../tools/reference/process.mjs';
import { startReferenceServer } from '../../tools/reference/server.mjs';
import { Component, Info, ProviderClient, page, Stack, User } from '../conformance/terraform-provider.js';
import { CommandLine, waitFor } from './command-line.js';
import { type RunningInstallation, startInstallation } from './installation.js';

/**
 * One walk from an empty installation to a control plane that goes away: the real command line, and a real ZenML server in Pro mode that is attached to it
 * and takes people, rights and limits from here. Every step builds on the ones before.
 */
jest.setTimeout(1_500_000);

type Call = { method: string; path: string; query: URLSearchParams; userAgent: string };

let running: RunningInstallation;
let server: Awaited<ReturnType<typeof startReferenceServer>> | null = null;
const people: CommandLine[] = [];
const calls: Call[] = [];

beforeAll(async () => {
  running = await startInstallation();
  running.onCloudRequest(({ method = '', url = '/', headers }) => {
    const { pathname, searchParams } = new URL(url, 'http://cloud');
    calls.push({ method, path: pathname, query: searchParams, userAgent: headers['user-agent'] ?? '' });
  });
});
afterAll(async () => {
  for (const one of people) one.dispose();
  await server?.stop();
  await running?.stop();
});

function commandLine(env: Record<string, string> = {}): CommandLine {
  const one = new CommandLine({ ZENML_PRO_API_URL: running.cloudUrl, ...env });
  people.push(one);
  return one;
}

/** A failure says in which step it was. */
async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    (error as Error).message = `In step '${name}': ${(error as Error).message}`;
    throw error;
  }
}

/** What a server asked its control plane, without the ids that differ from run to run. */
function question({ method, path: at, query }: Pick<Call, 'method' | 'path' | 'query'>): string {
  const resource = (query.get('resource') ?? '').replace(/^[0-9a-f-]{36}:/, '');
  return [method, at.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}'), query.get('action') ?? '', resource].join(' ').trimEnd();
}

function recorded(file: string): string[] {
  const lines = readFileSync(path.join(__dirname, '../../apps/cloudapi/test/recordings', file), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => {
    const { m, p, q } = JSON.parse(line) as { m: string; p: string; q: string };
    return question({ method: m, path: p, query: new URLSearchParams(q) });
  });
}

it('serves the real command line and a real server in Pro mode, from its enrollment to an outage', async () => {
  const { cloud, cloudUrl } = running;
  const login = (zenml: CommandLine, name: string, input = '') => zenml.run(['login', name, ...(input ? ['--api-key'] : []), '--pro-api-url', cloudUrl], input);

  const { organization, workspace } = await step('an organization and an attached workspace', async () => {
    const made = await cloud.ok(cloud.post('/organizations', { name: 'acme' }));
    const attached = await cloud.ok(cloud.post('/workspaces?name=dev&enroll=true', { organization_id: made.id }));
    expect(attached).toMatchObject({ status: 'not_initialized', is_managed: false, enrollment_key: expect.stringMatching(/^ZENWSKEY_/) });
    return { organization: made, workspace: attached };
  });
  const root = `/organizations/${organization.id}`;
  const roleId = async (name: string) => (await cloud.ok(cloud.get(`${root}/roles?name=${encodeURIComponent(name)}`)))[0].id;
  const assign = async (userId: string, role: string, more = '') =>
    cloud.ok(cloud.post(`/roles/${await roleId(role)}/assignments?user_id=${userId}&workspace_id=${workspace.id}${more}`));
  const account = async (username: string, ...roles: string[]): Promise<{ id: string; key: string; keyId: string }> => {
    const { id } = await cloud.ok(cloud.post(`${root}/service_accounts`, { username }));
    for (const role of roles) await assign(id, role);
    const made = await cloud.ok(cloud.post(`${root}/service_accounts/${username}/api_keys`, { name: 'key' }));
    return { id, key: made.key, keyId: made.id };
  };

  await step('the server starts: it logs in, then reports, and the workspace is available', async () => {
    calls.length = 0;
    server = await startReferenceServer({
      port: await freePort(),
      mode: 'pro',
      pro: {
        apiUrl: cloudUrl,
        dashboardUrl: cloudUrl,
        clientSecret: workspace.enrollment_key,
        organizationId: organization.id,
        organizationName: organization.name,
        workspaceId: workspace.id,
        workspaceName: workspace.name,
      },
    });
    expect(calls.map(question)).toEqual(recorded('01-workspace-server-startup.jsonl'));
    const events = (await cloud.ok(cloud.get(`${root}/audit_events?workspace_id=${workspace.id}`))) as { action: string }[];
    expect(events.map(({ action }) => action)).toEqual(expect.arrayContaining(['sign_in', 'workspace.report']));
    const now = await cloud.ok(cloud.get(`/workspaces/${workspace.id}`));
    expect(now).toMatchObject({ status: 'available', zenml_service: { status: { server_url: server.url, version: '0.98.0' } } });
  });
  const serverUrl = (server as unknown as { url: string }).url;
  const api = (token: string | null) => new ApiClient(`${serverUrl}/api/v1`, token);

  /** With a token of the server: one of 0.98.0 asks nothing about a service account whose key is sent to it directly. */
  const inside = async (key: string) => api((await api(null).ok(api(null).post('/login', undefined, { form: { password: key } }))).access_token);

  const zenml = commandLine();
  await step('a person logs in, and approves the device by the API', async () => {
    const started = zenml.start(['login', '--pro', '--pro-api-url', cloudUrl]);
    const [, userCode] = await waitFor(started, /\/devices\/verify\?device_id=[0-9a-f-]{36}&user_code=([A-Z]{4}-[A-Z]{4})/);
    const verified = await cloud.ok(cloud.put('/devices/verify', { user_code: userCode, trusted_device: true, device_metadata: { tenant_id: workspace.id } }));
    expect(verified.status).toBe('verified');
    expect(await started.finished).toMatchObject({ code: 0, text: expect.stringContaining('Connected to ZenML Pro server: dev') });
  });

  await step('the person lists workspaces and logs in by name, id and URL', async () => {
    expect(await zenml.run(['server', 'list'])).toMatch(/dev\s.*0\.98\.0/s);
    expect(await zenml.run(['server', 'list', '--all'])).toContain('dev');
    for (const name of ['dev', workspace.id, serverUrl]) expect(await login(zenml, name)).toContain('Connected to ZenML Pro server: dev');
  });

  const bot = await step('a machine comes in by its key, in every way there is, and with nothing else', async () => {
    const stranger = await account('stranger');
    expect((await api(stranger.key).get('/current-user')).status).toBe(401);
    const made = await account('ci-bot', 'Workspace Admin');
    const machine = commandLine();
    expect(await login(machine, 'dev', `${made.key}\n`)).toContain('Connected to ZenML Pro server: dev');
    expect(await commandLine({ ZENML_STORE_URL: serverUrl, ZENML_STORE_API_KEY: made.key }).run(['stack', 'list'])).toContain('default');
    expect((await api(made.key).get('/current-user')).body.name).toBe('ci-bot');
    return { ...made, zenml: machine };
  });

  await step('a revoked key opens nothing at once, and what was made from it ends within the hour', async () => {
    const leaked = await account('leaked', 'Workspace Viewer');
    const exchanged = await cloud.ok(cloud.as(null).post('/auth/login', undefined, { form: { password: leaked.key } }));
    const enter = () => api(exchanged.access_token).post('/login', undefined, { form: { grant_type: 'zenml-external' } });
    const { access_token: entered } = await api(null).ok(enter());
    await cloud.ok(cloud.delete(`${root}/service_accounts/leaked/api_keys/${leaked.keyId}`));
    expect((await cloud.as(null).post('/auth/login', undefined, { form: { password: leaked.key } })).status).toBe(401);
    expect((await api(leaked.key).get('/current-user')).status).toBe(401);
    expect((await enter()).status).toBe(401);
    const { iat, exp } = JSON.parse(Buffer.from(entered.split('.')[1], 'base64url').toString()) as { iat: number; exp: number };
    expect(exp - iat).toBeLessThanOrEqual(3_600);
    const shell = commandLine({ ZENML_STORE_URL: serverUrl, ZENML_STORE_API_KEY: leaked.key });
    expect((await shell.start(['stack', 'list']).finished).code).not.toBe(0);
  });

  await step('a pipeline runs, and its server asks what was recorded of one, question by question', async () => {
    await bot.zenml.run(['project', 'register', 'first', '--set']);
    calls.length = 0;
    expect(await bot.zenml.script(path.join(__dirname, 'smoke/two_steps.py'))).toContain('completed');
    // The client's own questions, such as who it is, depend on how it logged in.
    const asked = calls.filter((call) => !/^\/(auth|users)\//.test(call.path)).map(question);
    expect(counted(asked)).toEqual(counted(recorded('10-pipeline-run.jsonl')));
    const used = Object.fromEntries(
      (await cloud.ok(cloud.get(`${root}/entitlements`))).map(({ feature, used: count }: { feature: string; used: number }) => [feature, count]),
    );
    // Servers report a run twice.
    expect(used).toMatchObject({ project: 1, pipeline: 1, pipeline_run: 1, model: 1 });
  });

  await step('a viewer creates nothing, and others see only the projects that they were given', async () => {
    await bot.zenml.run(['project', 'register', 'second']);
    const viewer = await account('viewer', 'Workspace Viewer');
    const shell = commandLine();
    await login(shell, 'dev', `${viewer.key}\n`);
    const refused = await shell.start(['secret', 'create', 'mine', '--key=value']).finished;
    expect([refused.code, refused.text.replace(/\s+/g, ' ')]).toEqual([1, expect.stringContaining("Insufficient permissions to CREATE resource 'secret'")]);
    const guest = await account('guest', 'Workspace Contributor');
    const { id: projectId } = await api(bot.key).ok(api(bot.key).get('/projects/first'));
    await assign(guest.id, 'Project Viewer', `&project_id=${projectId}`);
    const guestInside = await inside(guest.key);
    const seen = (await guestInside.ok(guestInside.get('/projects'))).items.map(({ name }: { name: string }) => name);
    expect(seen).toEqual(['first']);
    const listed = await commandLine({ ZENML_STORE_URL: serverUrl, ZENML_STORE_API_KEY: guest.key }).run(['project', 'list']);
    expect([listed.includes('first'), listed.includes('second')]).toEqual([true, false]);
  });

  await step('a quota of nothing is answered with 402', async () => {
    await cloud.ok(cloud.put(`${root}/entitlements/project`, { quota: 0 }));
    const { text, code } = await bot.zenml.start(['project', 'register', 'third']).finished;
    expect([code, text.replace(/\s+/g, ' ')]).toEqual([1, expect.stringContaining('Your subscription reached its `project` limit')]);
    await cloud.ok(cloud.put(`${root}/entitlements/project`, { quota: null }));
  });

  await step('a shared secret opens for the team alone, and its deletion takes the grant along', async () => {
    const [insider, outsider] = [await account('insider', 'Workspace Contributor'), await account('outsider', 'Workspace Contributor')];
    const team = await cloud.ok(cloud.post(`${root}/teams`, { name: 'ops' }));
    await cloud.ok(cloud.post(`/teams/${team.id}/members?user_id=${insider.id}`));
    const [owner, member, other] = [await inside(bot.key), await inside(insider.key), await inside(outsider.key)];
    const secret = await owner.ok(owner.post('/secrets', { name: 'shared', values: { key: 'value' } }));
    const at = `/users/resource_membership?resource_type=secret&resource_id=${secret.id}&team_id=${team.id}`;
    expect((await member.get(`/secrets/${secret.id}`)).status).toBe(403);
    await owner.ok(owner.post(at, ['read']));
    expect((await member.ok(member.get(`/secrets/${secret.id}`))).body.values).toEqual({ key: 'value' });
    expect((await other.get(`/secrets/${secret.id}`)).status).toBe(403);
    const grants = () =>
      running.installation.prisma.tx({ workspaceId: null, isPlatform: true }, (tx) => tx.cloudResourceMember.count({ where: { resourceId: secret.id } }));
    expect(await grants()).toBe(1);
    await owner.ok(owner.delete(`/secrets/${secret.id}`));
    expect(await grants()).toBe(0);
  });

  await step('Terraform applies, refreshes and destroys a stack with the key', async () => {
    const provider = new ProviderClient(serverUrl, { apiKey: bot.key });
    expect((await provider.decode(Info, 'GET', '/api/v1/info')).pro_workspace_id).toBe(workspace.id);
    const { id: user } = await provider.decode(User, 'GET', '/api/v1/current-user');
    const component = (type: string, flavor: string, configuration: object) =>
      provider.decode(Component, 'POST', '/api/v1/components', { user, name: `${flavor}-${randomUUID()}`, type, flavor, configuration });
    const store = await component('artifact_store', 'local', {});
    const orchestrator = await component('orchestrator', 'local', {});
    const components = { artifact_store: [store.id], orchestrator: [orchestrator.id] };
    const stack = await provider.decode(Stack, 'POST', '/api/v1/stacks', { name: 'planned', components, labels: {} });
    expect((await provider.decode(page(Stack), 'GET', '/api/v1/stacks?name=planned&page=1&size=100')).items.map(({ id }) => id)).toEqual([stack.id]);
    for (const at of [`stacks/${stack.id}`, `components/${store.id}`, `components/${orchestrator.id}`]) {
      expect((await provider.send('DELETE', `/api/v1/${at}`)).status).toBe(200);
      expect(await provider.isGone(`/api/v1/${at}`)).toBe(true);
    }
  });

  await step('without its control plane the server answers what needs no rights, and goes on when it is back', async () => {
    const client = await inside(bot.key);
    const status = async (by: ApiClient, at: string) => (await by.get(at)).status;
    await running.stopCloud();
    for (const at of ['/current-user', '/info']) expect([at, await status(client, at)]).toEqual([at, 200]);
    expect(await status(new ApiClient(serverUrl), '/health')).toBe(200);
    const refused = await client.get('/projects');
    expect([refused.status, refused.body.detail[0]]).toEqual([500, 'RuntimeError']);
    expect((await api(null).post('/login', undefined, { form: { password: bot.key } })).status).toBe(401);
    expect(await status(api(bot.key), '/current-user')).toBe(401);
    await running.startCloud();
    expect(await status(client, '/projects')).toBe(200);
    expect(await status(api(bot.key), '/current-user')).toBe(200);
  });
});

function counted(questions: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of [...questions].sort()) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}
