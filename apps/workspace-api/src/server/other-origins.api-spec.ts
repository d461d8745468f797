import { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { startWorkspace, type TestWorkspace } from '../../test/workspace.js';

const page = 'https://dashboard.example.com';
const asked = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization, x-csrf-token' };

describe('pages of other origins', () => {
  const workspaces: TestWorkspace[] = [];
  const start = async (...options: Parameters<typeof startWorkspace>) => {
    const workspace = await startWorkspace(...options);
    workspaces.push(workspace);
    return workspace;
  };
  afterAll(async () => {
    for (const workspace of workspaces) await workspace.stop();
  });

  const preflight = ({ api }: TestWorkspace, origin: string, path = '/stacks') =>
    api.as(null).send('OPTIONS', path, undefined, { headers: { origin, ...asked } });

  it('may call a stand-alone workspace, wherever they are', async () => {
    const workspace = await start();
    const answer = await preflight(workspace, page);
    expect([answer.status, answer.text]).toEqual([200, 'OK']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': expect.stringContaining('PUT'),
      'access-control-allow-headers': asked['access-control-request-headers'],
      vary: expect.stringContaining('Origin'),
    });
    expect((await preflight(workspace, page, '/nowhere')).status).toBe(200);
    for (const api of [workspace.api, workspace.api.as(null)]) {
      const { headers } = await api.get('/current-user', { headers: { origin: page } });
      expect(headers.get('access-control-allow-origin')).toBe(page);
      expect(headers.get('vary')).toBe('Origin');
    }
    expect((await workspace.api.get('/current-user')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('may not call a stand-alone workspace that names others', async () => {
    const named = { rootPath: '', serverUrl: '', dashboardUrl: '', deploymentType: 'other', corsOrigins: ['https://other.example.com'] };
    const workspace = await start({ local: named });
    expect((await preflight(workspace, page)).status).toBe(400);
    expect((await preflight(workspace, 'https://other.example.com')).status).toBe(200);
  });

  it('may call a workspace of a control plane from there and from its own address only', async () => {
    const workspace = await start({ cloudUrl: 'https://cloud.example.com/', urls: new WorkspaceUrls('https://{id8}.zenml.example.com') });
    const own = `https://${workspace.id.slice(0, 8)}.zenml.example.com`;
    for (const origin of ['https://cloud.example.com', own])
      expect((await preflight(workspace, origin)).headers.get('access-control-allow-origin')).toBe(origin);
    for (const origin of [page, 'null', 'https://00000000.zenml.example.com', 'https://cloud.example.com.evil.example']) {
      const answer = await preflight(workspace, origin);
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([400, null]);
      const { headers } = await workspace.api.get('/current-user', { headers: { origin } });
      expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([null, 'Origin']);
    }
  });
});
