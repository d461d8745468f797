import pg from 'pg';
import { declaredOperations } from '#libs/http/application.js';
import type { Declared } from '#libs/http/operation.js';
import { resources } from '#libs/resource/resource.js';
import { sampleOf } from '../isolation/sample.js';
import { tableFor } from '../isolation/table-of.js';
import { startTenants, type Tenants } from '../isolation/tenants.js';
import { makeWorld, type World } from '../world.js';
import { numbers } from './storm.js';

/** What would take away the storm's own sign-in. */
const endsOwnSignIn = /current-user|logout/;
const workers = 20;
const requestsOfEach = 150;
const worldsOfEachMaker = 4;

describe('a workspace in which many people make, change and delete the same things at once', () => {
  let tenants: Tenants;
  let owner: pg.Client;
  beforeAll(async () => {
    tenants = await startTenants();
    owner = new pg.Client({ connectionString: tenants.databaseUrl });
    await owner.connect();
  }, 60_000);
  afterAll(async () => {
    await owner?.end();
    await tenants?.stop();
  });

  /** @returns what was answered otherwise than it may be, and the operations that succeeded at least once */
  async function storm(name: string, { areConnectionsCut }: { areConnectionsCut: boolean }) {
    const { api } = tenants.mine;
    const random = numbers(20_260_102);
    const any = <T>(of: readonly T[]) => of[random(of.length)] as T;
    const operations = declaredOperations(tenants.app).filter(
      ({ operation }) => !operation.public && operation.responseKind !== 'stream' && !endsOwnSignIn.test(operation.path),
    );
    const writes = operations.filter(({ operation }) => operation.method !== 'get');
    const worlds: World[] = [];
    const failures: string[] = [];
    const answered = new Set<string>();

    async function makeOne(token: string): Promise<void> {
      const { id } = await api.ok(api.post('/projects', { name: token }));
      const world = await makeWorld(api, id, token);
      // From here on every change is an event, too.
      await api.ok(api.put(`/event_subscriptions/${world.event_subscription}`, { active: true }));
      worlds.push(world);
    }

    async function ask({ operation }: Declared): Promise<void> {
      const world = any(worlds.slice(-4));
      // Some of what a request names is another project's.
      const id = (name: string) => (random(10) === 0 ? any(worlds) : world)[tableFor(name, operation.path, world)] as string;
      const path = operation.path.replace(/^\/api\/v1/, '').replace(/\{(\w+)\}/g, (_, name: string) => id(name));
      const body = operation.body && operation.method !== 'get' && operation.bodyKind === 'json' ? sampleOf(operation.body, id) : undefined;
      const { status, text } = await api.send(operation.method.toUpperCase(), path, body);
      if (status < 300) answered.add(`${operation.method} ${operation.path}`);
      const isForeseen = status < 500 || status === 501 || (areConnectionsCut && status === 503);
      if (!isForeseen) failures.push(`${operation.method} ${path}: ${status} ${text.slice(0, 300)}`);
    }

    async function worker(): Promise<void> {
      for (let i = 0; i < requestsOfEach; i++) {
        if (areConnectionsCut && random(8) === 0) await cut();
        await ask(any(random(4) > 0 ? writes : operations));
      }
    }

    /** Worlds are torn down while they are made, which is an error of the client's, not of the server's. */
    async function maker(project: string): Promise<void> {
      for (let i = 0; i < worldsOfEachMaker; i++)
        await makeOne(`${name}-${project}-${i}`).catch((error: Error) => {
          if (!(areConnectionsCut ? /got (4\d\d|503)/ : /got 4\d\d/).test(error.message)) failures.push(error.message);
        });
    }

    await Promise.all([makeOne(`${name}-first`), makeOne(`${name}-second`)]);
    await Promise.all([maker('third'), maker('fourth'), ...Array.from({ length: workers }, worker)]);
    return { failures, answered };
  }

  /** Ends some of the connections that the server has, whatever they are doing. */
  const cut = () =>
    owner.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'workspace_api%' AND datname = current_database() ORDER BY random() LIMIT 2",
    );

  /** Rows that rights are decided for on a row of another project. */
  async function astray(): Promise<string[]> {
    const found: string[] = [];
    for (const { name, table, rule, isProjectScoped } of resources) {
      const parent = rule.through?.parent();
      if (!parent?.isProjectScoped || !isProjectScoped) continue;
      const { rows } = await owner.query(
        `SELECT count(*)::int AS count FROM workspace."${table}" t JOIN workspace."${parent.table}" p ON p.workspace_id = t.workspace_id AND p.id = t."${rule.through?.column}" WHERE p.project_id <> t.project_id`,
      );
      if (rows[0].count > 0) found.push(`${rows[0].count} × ${name}`);
    }
    return found;
  }

  it('answers every operation, and none with an unforeseen error', async () => {
    const { failures, answered } = await storm('calm', { areConnectionsCut: false });
    expect(failures).toEqual([]);
    expect(await astray()).toEqual([]);
    // Otherwise most of it met what was gone already.
    expect(answered.size).toBeGreaterThan(100);
  }, 120_000);

  it('says 503 and nothing worse while its connections to the database are cut again and again, and is well afterwards', async () => {
    const { failures, answered } = await storm('cut', { areConnectionsCut: true });
    expect(failures).toEqual([]);
    expect(answered.size).toBeGreaterThan(50);
    const { api } = tenants.mine;
    const make = async (name: string) => makeWorld(api, (await api.ok(api.post('/projects', { name }))).id, name);
    // The last cut may be under way still.
    const world = await make('afterwards').catch(() => make('afterwards-again'));
    expect(Object.keys(world).length).toBeGreaterThan(20);
  }, 120_000);
});
