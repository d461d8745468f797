import { startCloud, type TestCloud } from '#apps/cloudapi/test/cloud.js';
import { declaredOperations } from '#libs/http/application.js';
import type { Operation } from '#libs/wire/operation.js';
import { requestOf, urlOf } from '../cloud-request.js';
import { attachedServer, type CloudCaller, type CloudWorld, makeCloudWorld, signedIn } from '../cloud-world.js';
import { numbers } from './storm.js';

const workers = 16;
const requestsOfEach = 120;
const worldsOfMaker = 12;
const recentWorlds = 3;

describe('organizations that many people change and delete at once', () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await startCloud();
  }, 60_000);
  afterAll(() => cloud?.stop());

  it('answer every operation, and none with an unforeseen error', async () => {
    const random = numbers(20_260_103);
    const any = <T>(of: readonly T[]) => of[random(of.length)] as T;
    const operations = declaredOperations(cloud.app).flatMap(({ operation }) => (operation.public ? [] : [operation]));
    const writes = operations.filter(({ method }) => method !== 'get');
    const places: { world: CloudWorld; callers: CloudCaller[] }[] = [];
    const failures: string[] = [];
    const answered = new Set<string>();

    async function makeOne(): Promise<void> {
      const world = await makeCloudWorld(cloud);
      const callers = [await signedIn(cloud, world.ids.owner), await signedIn(cloud, world.ids.owner), await signedIn(cloud, cloud.admin.id)];
      places.push({ world, callers: [...callers, attachedServer(cloud, world)] });
    }

    async function ask(operation: Operation): Promise<void> {
      const { world, callers } = any(places.slice(-recentWorlds));
      const caller = any(callers);
      const request = requestOf(operation, world, caller);
      const { status, text } = await caller.api.send(operation.method.toUpperCase(), urlOf(operation, request), request.body);
      if (status < 300) answered.add(operation.id);
      if (status >= 500 && status !== 501) failures.push(`${operation.id}: ${status} ${text.slice(0, 300)}`);
    }

    async function worker(): Promise<void> {
      for (let i = 0; i < requestsOfEach; i++) await ask(any(random(4) > 0 ? writes : operations));
    }

    async function maker(): Promise<void> {
      for (let i = 0; i < worldsOfMaker; i++) await makeOne();
    }

    await makeOne();
    await Promise.all([maker(), ...Array.from({ length: workers }, worker)]);
    expect(failures).toEqual([]);
    expect(answered.size).toBeGreaterThan(60);
  }, 120_000);
});
