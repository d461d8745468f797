import { createCloudApi } from '#apps/cloudapi/src/app.js';
import { startCloud, type TestCloud } from '#apps/cloudapi/test/cloud.js';
import { createWorkspaceApi } from '#apps/workspace-api/src/app.js';
import { declaredOperations } from '#libs/http/application.js';
import type { Limits } from '#libs/http/throttle.js';
import { startRedis } from '#libs/storage/emulators.js';
import { type Answer, ApiClient } from '#libs/testing/api-client.js';
import { requestOf, urlOf } from '../cloud-request.js';
import { attachedServer, makeCloudWorld, personIn, signedIn } from '../cloud-world.js';
import { startTenants, type Tenants } from '../isolation/tenants.js';

const none: Limits = { perPrincipal: null, perTenant: null, signIn: null };
const limit = 5;

/** Asks until it is refused, which must be soon: around a full minute a few more may pass. */
async function untilRefused(ask: () => Promise<Answer>): Promise<{ allowed: Answer[]; refused: Answer }> {
  const allowed: Answer[] = [];
  for (let i = 0; i <= 3 * limit; i += 1) {
    const answer = await ask();
    if (answer.status === 429) return { allowed, refused: answer };
    if (answer.status >= 300) throw new Error(answer.text);
    allowed.push(answer);
  }
  throw new Error('It was never refused.');
}

let cloud: TestCloud;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  cloud = await startCloud();
}, 60_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await cloud?.stop();
});

/** The same control plane once more, with limits, as another process of it would be. */
async function limited(limits: Partial<Limits>, redisUrl?: string): Promise<(token: string | null) => ApiClient> {
  const { app } = await createCloudApi({ installation: cloud.installation, limits: { ...none, ...limits }, redisUrl, logger: ['error', 'fatal'] });
  await app.listen(0, '127.0.0.1');
  closing.push(() => app.close());
  const url = await app.getUrl();
  return (token) => new ApiClient(url, token);
}

async function somebody(): Promise<string> {
  const { ids } = await makeCloudWorld(cloud);
  return (await signedIn(cloud, ids.owner)).api.token as string;
}

describe('the limit of a person or machine', () => {
  it('is told with every answer, and refuses with when to come back, and with what the client may do', async () => {
    const by = await limited({ perPrincipal: limit });
    const [mine, other] = [by(await somebody()), by(await somebody())];
    const { allowed, refused } = await untilRefused(() => mine.get('/users/me'));
    expect(allowed.length).toBeGreaterThanOrEqual(limit);
    expect([allowed[0]?.headers.get('x-ratelimit-limit-principal'), allowed[0]?.headers.get('x-ratelimit-remaining-principal')]).toEqual(['5', '4']);
    expect(Number(allowed[0]?.headers.get('x-ratelimit-reset-principal'))).toBeGreaterThan(0);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds >= 1 && seconds <= 120).toBe(true);
    expect(refused.headers.get('x-ratelimit-limit-principal')).toBe('5');
    expect(refused.headers.get('x-ratelimit-remaining-principal')).toBe('0');
    expect(refused.headers.get('x-ratelimit-reset-principal')).toBe(String(seconds));
    expect(refused.body.detail[1]).toMatch(/Try again in \d+ seconds/);
    // Somebody else has a budget of their own.
    expect((await other.get('/users/me')).status).toBe(200);
  });

  it('is one for everything that somebody is signed in with', async () => {
    const by = await limited({ perPrincipal: limit });
    const { ids } = await makeCloudWorld(cloud);
    const [first, second] = [await signedIn(cloud, ids.owner), await signedIn(cloud, ids.owner)];
    await untilRefused(() => by(first.api.token).get('/users/me'));
    await untilRefused(() => by(second.api.token).get('/users/me')).then(({ allowed }) => expect(allowed.length).toBeLessThan(limit));
  });

  it('does not count what is refused for want of a credential against anybody', async () => {
    const by = await limited({ perPrincipal: limit });
    for (let i = 0; i < 3 * limit; i += 1) expect((await by(null).get('/users/me')).status).toBe(401);
  });
});

describe('the limit of a tenant', () => {
  let tenants: Tenants;
  beforeAll(async () => {
    tenants = await startTenants();
  }, 60_000);
  afterAll(() => tenants?.stop());

  it('is shared by all in it, and by nobody else', async () => {
    const { app } = await createWorkspaceApi({ installation: tenants.installation, limits: { ...none, perTenant: limit }, logger: ['error', 'fatal'] });
    await app.listen(0, '127.0.0.1');
    try {
      const url = await app.getUrl();
      const at = ({ id, api }: Tenants['mine'], token = api.token) => new ApiClient(`${url}/w/${id.slice(0, 8)}/api/v1`, token);
      const account = await tenants.mine.api.ok(tenants.mine.api.post('/service_accounts', { name: 'bot', active: true }));
      const { body } = await tenants.mine.api.ok(tenants.mine.api.post(`/service_accounts/${account.id}/api_keys`, { name: 'key' }));
      const { refused } = await untilRefused(() => at(tenants.mine).get('/current-user'));
      expect(refused.headers.get('x-ratelimit-limit-tenant')).toBe('5');
      const { allowed } = await untilRefused(() => at(tenants.mine, body.key).get('/current-user'));
      expect(allowed.length).toBeLessThan(limit);
      expect((await at(tenants.theirs).get('/current-user')).status).toBe(200);
    } finally {
      await app.close();
    }
  });
});

describe('attached servers', () => {
  it('are never limited in what they ask of their own, which they do not repeat when it is refused', async () => {
    const by = await limited({ perPrincipal: 1, perTenant: 1 });
    const world = await makeCloudWorld(cloud);
    const server = attachedServer(cloud, world);
    const person = await personIn(cloud, world, null);
    const own = declaredOperations(cloud.app).filter(
      ({ operation, permission }) => ('guarded' in permission && /attached server/.test(permission.guarded)) || operation.id === 'get_entitlement',
    );
    expect(own.length).toBeGreaterThan(6);
    for (const { operation } of own) {
      for (let i = 0; i < 4; i += 1) {
        const request = requestOf(operation, world, server);
        const answer = await by(server.api.token).send(operation.method.toUpperCase(), urlOf(operation, request), request.body);
        expect([operation.id, answer.status]).toEqual([operation.id, 200]);
      }
    }
    // Whether their people may enter is asked with the people's own tokens.
    for (let i = 0; i < 4; i += 1) expect((await by(person.api.token).get(`/users/authorize_server?server_id=${world.ids.workspace}`)).status).not.toBe(429);
  });
});

describe('limits with a Redis', () => {
  it('are counted together by all processes, and by each for itself while it is away', async () => {
    const redis = await startRedis();
    let isUp = true;
    try {
      const [first, second] = [await limited({ perPrincipal: limit }, redis.url), await limited({ perPrincipal: limit }, redis.url)];
      const token = await somebody();
      const connected = await somebody();
      // The first answers may come before the connections stand.
      for (const by of [first, second]) expect((await by(connected).get('/users/me')).status).toBe(200);
      let turn = 0;
      const { allowed, refused } = await untilRefused(() => [first, second][turn++ % 2]?.(token).get('/users/me') as Promise<Answer>);
      expect(allowed).toHaveLength(limit);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      for (const by of [first, second]) expect((await by(token).get('/users/me')).status).toBe(429);
      await redis.stop();
      isUp = false;
      const { allowed: alone } = await untilRefused(() => first(token).get('/users/me'));
      expect(alone.length).toBeGreaterThanOrEqual(limit);
    } finally {
      if (isUp) await redis.stop();
    }
  }, 120_000);
});
