import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { declaredOperations } from '#libs/http/application.js';
import type { Declared } from '#libs/http/operation.js';
import type { Answer } from '#libs/testing/api-client.js';
import { makeWorld, type World } from '../world.js';
import { sampleOf } from './sample.js';
import { tableFor } from './table-of.js';
import { startTenants, type Tenants } from './tenants.js';

/** What must not differ between a foreign id and one that exists nowhere: everything but the id itself and the request's own id. */
function shape(answer: Answer, id: string): string {
  const text = answer.text.replaceAll(id, '<id>').replaceAll(id.replaceAll('-', ''), '<id>');
  return `${answer.status} ${text.replace(/request id \S+/g, 'request id').replace(/"task_id":"[^"]*"/, '"task_id"')}`;
}

/** 501 is a documented answer: the server says what it does not do. */
function isFailure(answer: Answer): boolean {
  return answer.status >= 500 && answer.status !== 501;
}

/** `fetch` sends no body with GET, though one operation of the original takes it. */
function takesBody(operation: Declared['operation']): boolean {
  return operation.body !== undefined && operation.method !== 'get';
}

describe('the tenant matrix', () => {
  let tenants: Tenants;
  let theirs: World;
  let owner: pg.Client;
  let operations: Declared[];

  beforeAll(async () => {
    tenants = await startTenants();
    theirs = await makeWorld(tenants.theirs.api, tenants.theirs.projectId);
    await makeWorld(tenants.mine.api, tenants.mine.projectId);
    owner = new pg.Client({ connectionString: tenants.databaseUrl });
    await owner.connect();
    operations = declaredOperations(tenants.app).filter(({ operation }) => !operation.public && operation.responseKind !== 'stream');
  }, 120_000);
  afterAll(async () => {
    await owner?.end();
    await tenants?.stop();
  });

  /** A fingerprint of every row of the other workspace. Counts are added up first, as housekeeping may do it at any time. */
  async function fingerprint(): Promise<string> {
    await owner.query('SELECT workspace.fold_row_counts(1000000)');
    const { rows } = await owner.query(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'workspace' AND table_name NOT IN ('api_transaction') ORDER BY 1",
    );
    const hash = createHash('sha256');
    for (const { name } of rows) {
      const { rows: all } = await owner.query(
        `SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS sum FROM workspace."${name}" t WHERE workspace_id = $1`,
        [tenants.theirs.id],
      );
      hash.update(`${name} ${all[0].sum}`);
    }
    return hash.digest('hex');
  }

  async function ask({ operation }: Declared, id: (name: string) => string): Promise<Answer> {
    const path = operation.path.replace(/^\/api\/v1/, '').replace(/\{(\w+)\}/g, (_, name: string) => id(name));
    const body = operation.body && takesBody(operation) && operation.bodyKind === 'json' ? sampleOf(operation.body, id) : undefined;
    // Pruning goes on in the background, and while it does another one is refused.
    for (;;) {
      const answer = await tenants.mine.api.send(operation.method.toUpperCase(), path, body);
      if (answer.status !== 429) return answer;
    }
  }

  it("answers another workspace's ids exactly as ids that exist nowhere, changes nothing there and leaves no trace, for every operation with an id", async () => {
    const before = await fingerprint();
    const differing: string[] = [];
    let asked = 0;
    for (const declared of operations) {
      const { operation } = declared;
      const random = randomUUID();
      let foreign = '';
      const foreignId = (name: string) => {
        foreign = theirs[tableFor(name, operation.path, theirs)] as string;
        return foreign;
      };
      const withForeign = await ask(declared, foreignId);
      if (!foreign) continue;
      asked += 1;
      const withRandom = await ask(declared, () => random);
      // Several different ids may stand in one request; all of them become the same mark.
      const a = Object.values(theirs).reduce((text, id) => text.replaceAll(id, '<id>'), shape(withForeign, foreign));
      const b = shape(withRandom, random);
      if (a !== b) differing.push(`${operation.method} ${operation.path}\n  foreign: ${a.slice(0, 300)}\n  random:  ${b.slice(0, 300)}`);
      if (isFailure(withForeign)) differing.push(`${operation.method} ${operation.path} answers ${withForeign.text.slice(0, 300)}`);
      if (withForeign.status < 300 && /\{/.test(operation.path) && !operation.path.includes('name_or_id') && withForeign.body !== null)
        differing.push(`${operation.method} ${operation.path} succeeds: ${withForeign.text.slice(0, 200)}`);
    }
    expect(differing).toEqual([]);
    expect(asked).toBeGreaterThan(20);
    expect(await fingerprint()).toBe(before);
  }, 300_000);

  it('shows nothing of another workspace in any list, even when a filter names its ids', async () => {
    const leaks: string[] = [];
    for (const { operation } of operations.filter((one) => one.operation.filter)) {
      const filters = Object.entries({ ...operation.filter?.columns, ...operation.filter?.special }).filter(([, kind]) => kind === 'uuid');
      const path = operation.path
        .replace(/^\/api\/v1/, '')
        .replace(/\{(\w+)\}/g, (_, name: string) => theirs[tableFor(name, operation.path, theirs)] as string);
      const queries = ['size=1000', ...filters.map(([name]) => `${name}=${theirs[tableFor(name, operation.path, theirs)]}`)];
      for (const query of queries) {
        const answer = await tenants.mine.api.get(`${path}?${query}`);
        if (isFailure(answer)) leaks.push(`${operation.path}?${query} answers ${answer.status}: ${answer.text.slice(0, 200)}`);
        const leaked = Object.entries(theirs).find(([, id]) => answer.status === 200 && answer.text.includes(id));
        if (leaked) leaks.push(`${operation.path}?${query} shows their ${leaked[0]}`);
      }
    }
    expect(leaks).toEqual([]);
  }, 300_000);

  it('refuses a token of another workspace with 401 on every operation', async () => {
    const stranger = tenants.mine.api.as(tenants.theirs.api.token);
    const accepted: string[] = [];
    for (const { operation } of operations) {
      const path = operation.path.replace(/^\/api\/v1/, '').replace(/\{\w+\}/g, randomUUID());
      const answer = await stranger.send(operation.method.toUpperCase(), path, takesBody(operation) ? {} : undefined);
      if (answer.status !== 401) accepted.push(`${operation.method} ${operation.path}: ${answer.status}`);
    }
    expect(accepted).toEqual([]);
  }, 300_000);

  it('answers 401 with WWW-Authenticate on every operation without a token', async () => {
    const nobody = tenants.mine.api.as(null);
    const accepted: string[] = [];
    for (const { operation } of operations) {
      const path = operation.path.replace(/^\/api\/v1/, '').replace(/\{\w+\}/g, randomUUID());
      const answer = await nobody.send(operation.method.toUpperCase(), path, takesBody(operation) ? {} : undefined);
      if (answer.status !== 401 || answer.headers.get('www-authenticate') !== 'Bearer')
        accepted.push(`${operation.method} ${operation.path}: ${answer.status}`);
    }
    expect(accepted).toEqual([]);
  }, 300_000);

  it('answers broken bodies and ids with a 4xx of a documented shape, never with a 500', async () => {
    const wrong: string[] = [];
    const bodies = ['{', '[]', '"text"', '{"name": "\\u0000"}', '{"name": 5, "project": "x"}', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])];
    for (const { operation } of operations) {
      const route = operation.path.replace(/^\/api\/v1/, '');
      const paths = route.includes('{')
        ? [route.replace(/\{\w+\}/g, 'not-a-uuid'), route.replace(/\{\w+\}/g, '%00'), route.replace(/\{\w+\}/g, randomUUID())]
        : [route];
      for (const path of paths) {
        for (const raw of takesBody(operation) ? bodies : [undefined]) {
          const answer = await tenants.mine.api.send(
            operation.method.toUpperCase(),
            path,
            undefined,
            raw === undefined ? {} : { raw, headers: { 'content-type': 'application/json' } },
          );
          if (isFailure(answer) || (operation.body && answer.status < 300 && raw !== undefined && raw !== '[]' && operation.method === 'post')) {
            wrong.push(`${operation.method} ${path} with ${String(raw).slice(0, 30)}: ${answer.status} ${answer.text.slice(0, 150)}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  }, 300_000);
});
