import { Browser } from '#apps/cloudapi/test/cloud.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { CommandLine, waitFor } from './command-line.js';
import { adminEmail, adminPassword, type RunningInstallation, startInstallation } from './installation.js';

/** The unmodified `zenml` command, with both applications in this process. A first start of the client takes seconds. */
jest.setTimeout(600_000);

let installation: RunningInstallation;
const people: CommandLine[] = [];

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(async () => {
  for (const one of people) one.dispose();
  await installation?.stop();
});

function commandLine(env: Record<string, string> = {}): CommandLine {
  const one = new CommandLine({ ZENML_PRO_API_URL: installation.cloudUrl, ...env });
  people.push(one);
  return one;
}

/** Signs in and approves, as a person in front of a browser does. */
async function approve(link: string): Promise<string> {
  const { pathname, search } = new URL(link);
  const browser = await new Browser(installation.cloudUrl).open(pathname + search);
  await browser.open(browser.location as string);
  await browser.submit('/sign-in', { email: adminEmail, password: adminPassword });
  await browser.open(browser.location as string);
  const [, workspaceId = ''] = /name="workspace_id" value="([^"]+)" required checked/.exec(browser.text) ?? [];
  await browser.submit('/devices/verify', { workspace_id: workspaceId, decision: 'approve' });
  return browser.text;
}

/** An organization's service account with the rights of an administrator, and a key of it. */
async function serviceAccountKey(name: string): Promise<string> {
  const { cloud } = installation;
  const root = '/organizations/default/service_accounts';
  const { id } = await cloud.ok(cloud.post(root, { username: name }));
  const { key } = await cloud.ok(cloud.post(`${root}/${id}/api_keys`, { name: 'ci' }));
  await installation.assign(id, 'Workspace Admin', 'workspace', installation.workspace.id);
  return key;
}

describe('a person with a browser', () => {
  let zenml: CommandLine;

  beforeAll(() => {
    zenml = commandLine();
  });

  it('logs in, chooses the workspace there, and is connected to it', async () => {
    const login = zenml.start(['login', '--pro', '--pro-api-url', installation.cloudUrl]);
    const [link] = await waitFor(login, /http:\/\/localhost:\d+\/devices\/verify\?device_id=[0-9a-f-]{36}&user_code=[A-Z]{4}-[A-Z]{4}/);
    expect(await approve(link as string)).toContain('Connected');
    const { code, text } = await login.finished;
    expect([code, text]).toEqual([0, expect.stringContaining('Connected to ZenML Pro server: default')]);
  });

  it('sees the workspaces they are a member of, and where they are connected', async () => {
    expect(await zenml.run(['server', 'list'])).toMatch(/PRO\s.*default.*0\.98\.0/s);
    expect(await zenml.run(['server', 'list', '--all'])).toContain('default');
    const status = await zenml.run(['status']);
    expect(status).toContain('Connected to a ZenML Pro server: `default`');
    expect(status).toContain(`API: ${installation.workspace.url}`);
    expect(status).toContain(`The active user is: '${adminEmail}'`);
  });

  it('works with what is in the workspace', async () => {
    expect(await zenml.run(['project', 'list'])).toContain('default');
    expect(await zenml.run(['stack', 'list'])).toContain('default');
    await zenml.run(['stack', 'register', 'mine', '-o', 'default', '-a', 'default']);
    expect(await zenml.run(['stack', 'list'])).toContain('mine');
  });

  it.each([
    ['by name', () => installation.workspace.name],
    ['by id', () => installation.workspace.id],
    ['by URL', () => installation.workspace.url],
  ])('switches to a workspace %s without signing in again', async (_how, server) => {
    expect(await zenml.run(['login', server(), '--pro-api-url', installation.cloudUrl])).toContain('Connected to ZenML Pro server: default');
  });

  it('logs out, and is connected to nothing afterwards', async () => {
    await zenml.run(['logout', '--clear']);
    await zenml.run(['logout', '--pro', '--clear']);
    expect(await zenml.run(['server', 'list'])).not.toContain('PRO');
    expect(await zenml.run(['status'])).not.toContain('Connected to a ZenML Pro server');
  });

  it('may name the workspace on the command line, and find it chosen in the browser', async () => {
    const { cloud } = installation;
    const second = await cloud.ok(cloud.post('/workspaces', { name: 'second' }));
    expect(second.status).toBe('available');
    const login = zenml.start(['login', 'second', '--pro-api-url', installation.cloudUrl]);
    const [link] = await waitFor(login, /http:\/\/localhost:\d+\/devices\/verify\?[\w=&-]*workspace=second/);
    expect(await approve(link as string)).toContain('Connected');
    expect((await login.finished).text).toContain('Connected to ZenML Pro server: second');
  });
});

describe('a machine with a key', () => {
  let key: string;

  beforeAll(async () => {
    key = await serviceAccountKey('ci-bot');
  });

  it('logs in from its standard input', async () => {
    const zenml = commandLine();
    expect(await zenml.run(['login', 'default', '--api-key', '--pro-api-url', installation.cloudUrl], `${key}\n`)).toContain('Connected to ZenML Pro server');
    expect(await zenml.run(['status'])).toContain("The active user is: 'ci-bot'");
  });

  it('needs nothing but variables', async () => {
    const zenml = commandLine({ ZENML_STORE_URL: installation.workspace.url, ZENML_STORE_API_KEY: key });
    expect(await zenml.run(['project', 'list'])).toContain('default');
    expect(await zenml.run(['stack', 'list'])).toContain('default');
  });

  it('may send the key itself, to both applications', async () => {
    const workspace = new ApiClient(`${installation.workspace.url}/api/v1`, key);
    expect((await workspace.ok(workspace.get('/current-user'))).name).toBe('ci-bot');
    const cloud = installation.cloud.as(key);
    expect((await cloud.ok(cloud.get('/users/me'))).username).toBe('ci-bot');
  });

  it('is shut out of both at once when the account is switched off, tokens included', async () => {
    const other = await serviceAccountKey('leaked-bot');
    const anonymous = new ApiClient(`${installation.workspace.url}/api/v1`);
    const { access_token: token } = await anonymous.ok(anonymous.post('/login', undefined, { form: { password: other } }));
    for (const credential of [other, token]) expect((await anonymous.as(credential).get('/current-user')).status).toBe(200);
    await installation.cloud.ok(installation.cloud.patch('/organizations/default/service_accounts/leaked-bot', { is_active: false }));
    for (const credential of [other, token]) expect((await anonymous.as(credential).get('/current-user')).status).toBe(401);
    expect((await installation.cloud.as(other).get('/users/me')).status).toBe(401);
    const zenml = commandLine({ ZENML_STORE_URL: installation.workspace.url, ZENML_STORE_API_KEY: other });
    expect((await zenml.start(['project', 'list']).finished).code).not.toBe(0);
  });

  it('enters no workspace that it has no role in', async () => {
    const { cloud } = installation;
    const { id } = await cloud.ok(cloud.post('/workspaces', { name: 'closed' }));
    const closed = new ApiClient(`${installation.workspace.url.replace(installation.workspace.id.slice(0, 8), id.slice(0, 8))}/api/v1`, key);
    expect((await closed.get('/current-user')).status).toBe(401);
    expect((await closed.post('/login', undefined, { form: { password: key } })).status).toBe(401);
  });
});
