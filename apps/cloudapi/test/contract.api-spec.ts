import { startCloud, type TestCloud } from './cloud.js';

/**
 * Every method and path that the contract of the control plane names (docs and recordings of its public counterparts), kept here as data. Each must lead
 * somewhere: whatever a handler says to these made-up ids, it is not the answer of a route that does not exist.
 */
const contract = `
POST   /auth/device_authorization
POST   /auth/login
GET    /auth/login
GET    /auth/api_token
GET    /auth/connections
GET    /auth/authorize
GET    /auth/callback
POST   /auth/callback
GET    /auth/logout
POST   /auth/logout
GET    /auth/workspace_authorization
GET    /auth/tenant_authorization
GET    /users/authorize_server
GET    /users/me
GET    /users
POST   /users
GET    /users/{id}
PATCH  /users/{id}
DELETE /users/{id}
GET    /users/me/api_keys
POST   /users/me/api_keys
PATCH  /users/me/api_keys/{id}
DELETE /users/me/api_keys/{id}
POST   /users/me/api_keys/{id}/rotate
PUT    /users/me/api_keys/{id}/rotate
GET    /devices
GET    /devices/{id}
PUT    /devices/verify
PUT    /devices/{id}
DELETE /devices/{id}
GET    /organizations
POST   /organizations
GET    /organizations/{id}
PATCH  /organizations/{id}
DELETE /organizations/{id}
GET    /organizations/{id}/roles
GET    /organizations/{id}/members
DELETE /organizations/{id}/members
GET    /organizations/{id}/invitations
POST   /organizations/{id}/invitations
DELETE /organizations/{id}/invitations/{id}
GET    /organizations/{id}/teams
POST   /organizations/{id}/teams
GET    /organizations/{id}/service_accounts
POST   /organizations/{id}/service_accounts
GET    /organizations/{id}/service_accounts/{id}/api_keys
POST   /organizations/{id}/service_accounts/{id}/api_keys
GET    /organizations/{id}/service_accounts/{id}/api_keys/{id}
PATCH  /organizations/{id}/service_accounts/{id}/api_keys/{id}
DELETE /organizations/{id}/service_accounts/{id}/api_keys/{id}
POST   /organizations/{id}/service_accounts/{id}/api_keys/{id}/rotate
GET    /organizations/{id}/workspaces
GET    /organizations/{id}/tenants
GET    /organizations/{id}/entitlement/project
POST   /organizations/{id}/trial
POST   /organizations/{id}/validation/name
POST   /organizations/{id}/validation/workspace_name
POST   /organizations/{id}/validation/tenant_name
GET    /workspaces
POST   /workspaces
GET    /workspaces/{id}
PATCH  /workspaces/{id}
DELETE /workspaces/{id}
POST   /workspaces/{id}/deploy
PATCH  /workspaces/{id}/deploy
POST   /workspaces/{id}/deactivate
PATCH  /workspaces/{id}/deactivate
GET    /workspaces/{id}/members
POST   /workspaces/{id}/members
DELETE /workspaces/{id}/members
PATCH  /workspace_status
GET    /tenants
POST   /tenants
GET    /tenants/{id}
PATCH  /tenants/{id}
DELETE /tenants/{id}
PATCH  /tenant_status
GET    /releases
POST   /rbac/check_permissions
GET    /rbac/check_permissions
GET    /rbac/allowed_resource_ids
POST   /rbac/resource_members
DELETE /rbac/resources
GET    /permissions
POST   /roles
GET    /roles/{id}
PATCH  /roles/{id}
DELETE /roles/{id}
GET    /roles/{id}/assignments
POST   /roles/{id}/assignments
DELETE /roles/{id}/assignments
GET    /teams/{id}
PATCH  /teams/{id}
DELETE /teams/{id}
GET    /teams/{id}/members
POST   /teams/{id}/members
DELETE /teams/{id}/members
POST   /usage-event
POST   /usage-batch
POST   /stigg-webhook
GET    /health
GET    /server/info
GET    /openapi.json
`
  .trim()
  .split('\n')
  .map((line) => line.split(/ +/) as [string, string]);

const absent = '99999999-9999-4999-8999-999999999999';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

it('serves every operation of the contract, at the root and below /api/v1', async () => {
  // Without a credential nothing can change, and a route that exists says so.
  const missing: string[] = [];
  for (const [method, path] of contract) {
    for (const prefix of ['', '/api/v1']) {
      const { status, text } = await cloud.anonymous.send(method, prefix + path.replaceAll('{id}', absent));
      const isUnknown = status === 405 || (status === 404 && /"Cannot [A-Z]+ |^\{"detail":"Not Found"\}$/.test(text));
      if (isUnknown || (status >= 500 && status !== 501)) missing.push(`${method} ${prefix}${path} ${status}`);
    }
  }
  expect(missing).toEqual([]);
});

it('answers input that does not fit in the shape of all other errors', async () => {
  const unfit = await cloud.admin.api.post('/organizations', { name: 7 });
  expect([unfit.status, unfit.body.detail[0]]).toEqual([422, 'ValueError']);
  const other = await cloud.admin.api.post('/organizations', 'not an object');
  expect([other.status, other.body.detail[0]]).toEqual([422, 'ValueError']);
});

it('describes every way to log in', async () => {
  const { body } = await cloud.anonymous.get('/openapi.json');
  expect(body.openapi).toMatch(/^3\.1/);
  expect(Object.keys(body.components.securitySchemes).sort()).toEqual(['OAuth2ClientCredentials', 'bearer', 'session']);
});

describe('a name', () => {
  it('is checked as giving it would be', async () => {
    const { api } = cloud.admin;
    const organization = await cloud.organization(cloud.admin);
    await api.ok(api.post('/workspaces', { name: 'taken', organization_id: organization.id }));
    const check = async (path: string, body?: unknown) => (await api.post(`/organizations/${path}`, body)).status;
    for (const what of ['workspace_name', 'tenant_name']) {
      expect(await check(`${organization.id}/validation/${what}`, { name: 'free' })).toBe(200);
      expect(await check(`${organization.id}/validation/${what}?name=taken`)).toBe(409);
      expect(await check(`${organization.id}/validation/${what}`, { name: '~' })).toBe(422);
      expect(await check(`${organization.id}/validation/${what}`)).toBe(422);
      expect(await check(`${absent}/validation/${what}`, { name: 'free' })).toBe(404);
    }
    expect(await check(`validation/name?name=${organization.name}`)).toBe(409);
    expect(await check('validation/name', { name: 'another' })).toBe(200);
    // Its own name is no obstacle to an organization that is renamed.
    expect(await check(`${organization.id}/validation/name`, { name: organization.name })).toBe(200);
    expect(await check(`${organization.id}/validation/name`, { name: 'default' })).toBe(409);
  });

  it('is not checked for organizations that one does not know', async () => {
    const stranger = await cloud.user('stranger');
    expect((await stranger.api.post('/organizations/default/validation/workspace_name', { name: 'free' })).status).toBe(404);
  });
});

describe('billing', () => {
  it('has nothing to try out, and says so to those who may buy', async () => {
    const organization = await cloud.organization(cloud.admin);
    const { api } = cloud.admin;
    const reply = await api.ok(api.post(`/organizations/${organization.id}/trial`));
    expect([reply.id, reply.trial_expiry]).toEqual([organization.id, null]);
    const member = await cloud.user('member');
    expect((await member.api.post(`/organizations/${organization.id}/trial`)).status).toBe(404);
    await cloud.assign(member.id, organization.id, 'Organization Member');
    expect((await member.api.post(`/organizations/${organization.id}/trial`)).status).toBe(403);
  });

  it('has no provider', async () => {
    expect((await cloud.admin.api.post('/usage-batch', [])).status).toBe(501);
    expect((await cloud.anonymous.post('/stigg-webhook', {})).status).toBe(501);
  });
});
