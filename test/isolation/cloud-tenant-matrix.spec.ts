import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { platform } from '#apps/cloudapi/src/installation.js';
import { startCloud, type TestCloud, unique } from '#apps/cloudapi/test/cloud.js';
import { MasterKeys } from '#libs/crypto/master-key.js';
import { declaredOperations } from '#libs/http/application.js';
import { CloudTokens } from '#libs/identity/cloud-token.js';
import type { Answer, ApiClient } from '#libs/testing/api-client.js';
import type { Operation } from '#libs/wire/operation.js';
import { type CloudRequest, requestOf, urlOf } from '../cloud-request.js';
import { attachedServer, type CloudCaller, type CloudThing, type CloudWorld, makeCloudWorld, signedIn } from '../cloud-world.js';
import { looksLikeUuid } from './sample.js';

/** Requests that are larger than the control plane takes. */
const tooLarge = `{"name":"${'x'.repeat(5 * 1024 * 1024)}"}`;
const malformed = ['{', '[]', '"text"', '{"name": "\\u0000"}', '{"name": 5, "organization_id": "x"}', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), tooLarge];

/** Where an id stands in a request. */
type Place = { part: 'path' | 'query' | 'body'; name: string; put(request: CloudRequest, id: string): CloudRequest };

const uuidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Every place of the request where an id stands or may stand: path parameters, query parameters, and fields of the body at any depth. */
function placesOf(operation: Operation, request: CloudRequest): Place[] {
  const path = Object.keys(request.path).filter((name) => name !== 'feature');
  const query = Object.entries(operation.query.shape).filter(
    ([name, schema]) => looksLikeUuid(schema) || /organization/.test(name) || request.query[name]?.match(uuidPattern),
  );
  const inBody = bodyPlaces(request.body);
  const optional = Object.entries((operation.body as { shape?: Record<string, never> } | undefined)?.shape ?? {}).filter(
    ([name, schema]) => looksLikeUuid(schema) && !inBody.some((place) => place.startsWith(`${name}`)),
  );
  return [
    ...path.map((name): Place => ({ part: 'path', name, put: (sent, id) => ({ ...sent, path: { ...sent.path, [name]: id } }) })),
    ...query.map(
      ([name]): Place => ({
        part: 'query',
        name,
        put: (sent, id) => ({ ...sent, query: { ...sent.query, [name]: sent.query[name]?.replace(uuidPattern, id) ?? id } }),
      }),
    ),
    ...inBody.map((name): Place => ({ part: 'body', name, put: (sent, id) => ({ ...sent, body: withId(sent.body, name.split('.'), id) }) })),
    ...optional.map(([name]): Place => ({ part: 'body', name, put: (sent, id) => ({ ...sent, body: { ...(sent.body as object), [name]: id } }) })),
  ];
}

function bodyPlaces(value: unknown, at = ''): string[] {
  if (typeof value === 'string') return value.match(uuidPattern) ? [at.slice(1)] : [];
  return value !== null && typeof value === 'object' ? Object.entries(value).flatMap(([name, inner]) => bodyPlaces(inner, `${at}.${name}`)) : [];
}

function withId(value: unknown, [first, ...rest]: string[], id: string): unknown {
  if (first === undefined) return (value as string).replace(uuidPattern, id);
  const copy: any = Array.isArray(value) ? [...value] : { ...(value as object) }; // any: bodies of every shape
  copy[first] = withId(copy[first], rest, id);
  return copy;
}

/** The thing of a world that a place of a request speaks of. */
function thingOf(operation: Operation, name: string): CloudThing | 'device' {
  const last =
    name
      .split('.')
      .filter((part) => !/^\d+$/.test(part))
      .at(-1) ?? 'project';
  const stem = last.replace(/_ids?$/, '').replace(/^(tenant|server)$/, 'workspace');
  if (/^device/.test(stem)) return 'device';
  if (stem === 'sharing_user') return 'user';
  if (stem === 'resources') return 'resource';
  if (stem === 'resource' && operation.id === 'get_permission') return 'workspace';
  return stem as CloudThing;
}

/** Everything of an answer but the ids that were sent, made-up names and the request's own id. */
function shape(answer: Answer, sent: string[]): string {
  const text = sent.reduce((all, one) => all.replaceAll(one, '<id>'), answer.text);
  return `${answer.status} ${text.replace(/request id \S+/g, 'request id')}`;
}

function isFine(operation: Operation, raw: string): boolean {
  try {
    return operation.bodyKind === 'form' || operation.body?.safeParse(JSON.parse(raw)).success === true;
  } catch {
    return false;
  }
}

function isFailure(answer: Answer): boolean {
  return answer.status >= 500 && answer.status !== 501;
}

describe('the tenant matrix of the control plane', () => {
  let cloud: TestCloud;
  let theirs: CloudWorld;
  let theirThings: Record<string, string>;
  let mine: CloudWorld;
  let operations: Operation[];
  let owner: pg.Client;

  beforeAll(async () => {
    cloud = await startCloud();
    theirs = await makeCloudWorld(cloud);
    const { ownDevice } = await signedIn(cloud, theirs.ids.owner);
    // Of the installation, not of an organization; whether there are any is nobody's business but its administrators'.
    const provider = { displayName: 'Provider', issuer: 'https://issuer.example', clientId: 'client', active: false };
    const connection = await cloud.installation.prisma.tx(platform, (tx) => tx.cloudOidcConnection.create({ data: provider, select: { id: true } }));
    theirThings = { ...theirs.ids, device: ownDevice, connection: connection.id };
    mine = await makeCloudWorld(cloud);
    operations = declaredOperations(cloud.app).flatMap(({ operation }) => (operation.public ? [] : [operation]));
    owner = new pg.Client({ connectionString: cloud.databaseUrl });
    await owner.connect();
  }, 60_000);
  afterAll(async () => {
    await owner?.end();
    await cloud?.stop();
  });

  /** A fingerprint of every row that belongs to the other organization or its people, the audit log included. */
  async function fingerprint(): Promise<string> {
    const { rows } = await owner.query<{ table: string; columns: string[] }>(
      `SELECT table_name AS table, array_agg(column_name::text) AS columns FROM information_schema.columns WHERE table_schema = 'cloud'
       AND column_name IN ('id', 'organization_id', 'user_id') GROUP BY 1 ORDER BY 1`,
    );
    const { organization, user, candidate, owner: head, service_account: bot } = theirs.ids;
    const hash = createHash('sha256');
    for (const { table, columns } of rows) {
      const column = columns.includes('organization_id') ? 'organization_id' : columns.includes('user_id') ? 'user_id' : 'id';
      const also = table === 'user' ? 'id' : columns.includes('user_id') ? 'user_id' : column;
      const { rows: all } = await owner.query(
        `SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS sum FROM cloud."${table}" t WHERE ${column} = ANY($1) OR ${also} = ANY($1)`,
        [[organization, user, candidate, head, bot]],
      );
      hash.update(`${table} ${all[0].sum}`);
    }
    return hash.digest('hex');
  }

  async function askMine(operation: Operation, asMachine: boolean, place: Place, id: string): Promise<Answer> {
    const caller: CloudCaller = asMachine ? attachedServer(cloud, mine) : await signedIn(cloud, mine.ids.owner);
    const request = place.put(requestOf(operation, mine, caller), id);
    const answer = await caller.api.send(operation.method.toUpperCase(), urlOf(operation, request), request.body);
    if (operation.method !== 'get' && answer.status < 300) mine = await makeCloudWorld(cloud);
    return answer;
  }

  it("answers another organization's ids and names exactly as ones that exist nowhere, changes nothing there and leaves no trace, in every place of every operation", async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const operation of operations) {
      const before = await fingerprint();
      for (const asMachine of [false, true]) {
        const sample = requestOf(operation, mine, asMachine ? attachedServer(cloud, mine) : await signedIn(cloud, mine.ids.owner));
        for (const place of placesOf(operation, sample)) {
          const thing = thingOf(operation, place.name);
          const foreign = theirThings[thing];
          if (!foreign) throw new Error(`${operation.id}: what is ${place.part} ${place.name} of?`);
          const name = place.part === 'path' ? theirs.names[thing as CloudThing] : undefined;
          for (const [known, unknown] of [[foreign, randomUUID()], ...(name ? [[name, unique(name.split('-')[0] as string)]] : [])] as [string, string][]) {
            asked += 1;
            const withForeign = await askMine(operation, asMachine, place, known);
            const withRandom = await askMine(operation, asMachine, place, unknown);
            const [a, b] = [shape(withForeign, [known]), shape(withRandom, [unknown])].map(withoutOwn) as [string, string];
            const where = `${operation.id}${asMachine ? ' by a server' : ''}, ${place.part} ${place.name}`;
            if (a !== b) wrong.push(`${where}\n  foreign: ${a.slice(0, 300)}\n  random:  ${b.slice(0, 300)}`);
            if (isFailure(withForeign)) wrong.push(`${where} answers ${withForeign.text.slice(0, 300)}`);
          }
        }
      }
      if ((await fingerprint()) !== before) wrong.push(`${operation.id} changed something there`);
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(300);
  }, 300_000);

  /** What differs between two answers about new worlds of mine: ids, made-up names and times. */
  function withoutOwn(text: string): string {
    return text
      .replace(uuidPattern, '<uuid>')
      .replace(/\b[\w.]+-[0-9a-f]{8}\b/g, '<name>')
      .replace(/\/w\/[0-9a-f]{8}/g, '/w/<slug>')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+/g, '<time>')
      .replace(/"(key|access_token|csrf_token|enrollment_key|url|ZENML_[A-Z_]+)":"[^"]*"/g, '"$1":"<secret>"');
  }

  it('shows nothing of another organization in any list', async () => {
    const { api } = await signedIn(cloud, mine.ids.owner);
    const told = [...Object.values(theirs.ids), ...Object.values(theirs.names)];
    const leaks: string[] = [];
    for (const operation of operations.filter(({ method, path }) => method === 'get' && !path.includes('{'))) {
      const { text, status } = await api.get(operation.path);
      const leaked = told.find((one) => text.includes(one));
      if (leaked) leaks.push(`${operation.id} (${status}) shows ${leaked}`);
    }
    expect(leaks).toEqual([]);
  });

  it('answers 401 to no credential, and to tokens that are expired, signed by others, of another kind or plain nonsense', async () => {
    const { tokens } = cloud.installation;
    const session = { typ: 'session', sub: mine.ids.owner, session_id: randomUUID() } as const;
    const others = new CloudTokens(new MasterKeys([randomBytes(32)]), cloud.installation.cloudUrl, Date.now);
    const credentials: Record<string, string | null> = {
      none: null,
      expired: tokens.sign(session, { lifetimeSeconds: -1 }).token,
      'of a session that never was': tokens.sign(session).token,
      'signed with another key': others.sign(session).token,
      unsigned: `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${tokens.sign(session).token.split('.')[1]}.`,
      'a mistyped key': 'ZENPROKEY_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      nonsense: 'nonsense',
    };
    const accepted: string[] = [];
    const caller = await signedIn(cloud, mine.ids.owner);
    for (const operation of operations) {
      const request = requestOf(operation, mine, caller);
      for (const [name, token] of Object.entries(credentials)) {
        const answer = await cloud.anonymous.as(token).send(operation.method.toUpperCase(), urlOf(operation, request), request.body);
        if (answer.status !== 401) accepted.push(`${operation.id} with a credential that is ${name}: ${answer.status} ${answer.text.slice(0, 100)}`);
      }
    }
    expect(accepted).toEqual([]);
  }, 300_000);

  it('answers broken ids and bodies, wrong types and bodies that are too large with a 4xx, and changes nothing', async () => {
    const wrong: string[] = [];
    const check = async (api: ApiClient, operation: Operation, url: string, raw: string | Uint8Array | undefined) => {
      const type = operation.bodyKind === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
      const answer = await api.send(operation.method.toUpperCase(), url, undefined, raw === undefined ? {} : { raw, headers: { 'content-type': type } });
      // What a model does not name it does not read.
      const isTaken = answer.status < 300 && typeof raw === 'string' && !isFine(operation, raw);
      if (isFailure(answer) || isTaken) wrong.push(`${operation.id} ${url} with ${String(raw).slice(0, 40)}: ${answer.status} ${answer.text.slice(0, 150)}`);
    };
    const caller = await signedIn(cloud, cloud.admin.id);
    const isRead = ({ method }: Operation) => method === 'get';
    for (const operation of declaredOperations(cloud.app).map(({ operation: one }) => one)) {
      const request = requestOf(operation, mine, caller);
      for (const id of ['not-a-uuid', '%00', '\u0000', '\ud83d\ude00', 'x'.repeat(1_000), '../..'])
        if (operation.path.includes('{'))
          await check(
            caller.api,
            operation,
            urlOf(operation, { ...request, path: Object.fromEntries(Object.keys(request.path).map((name) => [name, id])) }),
            undefined,
          );
      const query = Object.fromEntries(Object.keys(operation.query.shape).map((name) => [name, '\u0000x']));
      if (isRead(operation)) await check(caller.api, operation, urlOf(operation, { ...request, query }), undefined);
      if (operation.body && !isRead(operation)) for (const raw of malformed) await check(caller.api, operation, urlOf(operation, request), raw);
    }
    expect(wrong).toEqual([]);
  }, 300_000);
});
