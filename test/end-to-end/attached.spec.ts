import { ApiClient } from '#libs/testing/api-client.js';
import { freePort } from '../../tools/reference/process.mjs';
import { startReferenceServer } from '../../tools/reference/server.mjs';
import { CommandLine } from './command-line.js';
import { type RunningInstallation, startInstallation } from './installation.js';

/** An unmodified ZenML server in Pro mode that takes people, rights and limits from this control plane. */
jest.setTimeout(600_000);

let installation: RunningInstallation;
let server: Awaited<ReturnType<typeof startReferenceServer>>;
let workspace: { id: string; name: string; organization_id: string };
let zenml: CommandLine;
let key: string;
let bot: { id: string };

beforeAll(async () => {
  installation = await startInstallation();
  const { cloud } = installation;
  const made = await cloud.ok(cloud.post('/workspaces?name=attached&enroll=true'));
  workspace = made;
  const port = await freePort();
  server = await startReferenceServer({
    port,
    mode: 'pro',
    pro: {
      apiUrl: installation.cloudUrl,
      dashboardUrl: installation.cloudUrl,
      clientSecret: made.enrollment_key,
      organizationId: made.organization_id,
      organizationName: made.organization.name,
      workspaceId: made.id,
      workspaceName: made.name,
    },
  });
  const root = '/organizations/default/service_accounts';
  bot = await cloud.ok(cloud.post(root, { username: 'ci-bot' }));
  ({ key } = await cloud.ok(cloud.post(`${root}/ci-bot/api_keys`, { name: 'ci' })));
  zenml = new CommandLine({ ZENML_PRO_API_URL: installation.cloudUrl });
});
afterAll(async () => {
  zenml?.dispose();
  await server?.stop();
  await installation?.stop();
});

describe('an attached server', () => {
  it('comes up with its enrollment key and is available', async () => {
    const { cloud } = installation;
    const now = await cloud.ok(cloud.get(`/workspaces/${workspace.id}`));
    expect(now).toMatchObject({ status: 'available', is_managed: false, zenml_service: { status: { server_url: server.url, version: '0.98.0' } } });
  });

  it('lets nobody in who has no role in it', async () => {
    const api = new ApiClient(`${server.url}/api/v1`, key);
    expect((await api.get('/current-user')).status).toBe(401);
  });

  it('lets the command line log in through us', async () => {
    await installation.assign(bot.id, 'Workspace Viewer', 'workspace', workspace.id);
    expect(await zenml.run(['login', 'attached', '--api-key', '--pro-api-url', installation.cloudUrl], `${key}\n`)).toContain(
      'Connected to ZenML Pro server: attached',
    );
  });

  it('asks us for the rights of its users', async () => {
    const { text, code } = await zenml.start(['secret', 'create', 'mine', '--key=value']).finished;
    expect(text).toMatch(/Insufficient permissions to CREATE\s+resource\s+'secret'/);
    expect(code).not.toBe(0);
    await installation.assign(bot.id, 'Workspace Admin', 'workspace', workspace.id);
    await zenml.run(['secret', 'create', 'mine', '--key=value']);
  });

  it('counts what it makes, and keeps to the limits of the plan', async () => {
    await zenml.run(['project', 'register', 'first']);
    await installation.limit('project', 1);
    const { text, code } = await zenml.start(['project', 'register', 'second']).finished;
    expect(code).not.toBe(0);
    expect(text).toMatch(/limit/i);
    expect(await zenml.run(['project', 'list'])).toContain('first');
  });
});
