import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { platform } from '#apps/cloudapi/src/installation.js';
import { startCloud, type TestCloud, unique } from '#apps/cloudapi/test/cloud.js';
import { builtInRoles } from '#libs/access/roles.js';
import { repositoryFile } from '#libs/boot/repository.js';
import { declaredOperations } from '#libs/http/application.js';
import type { Declared } from '#libs/http/operation.js';
import { requestOf, urlOf } from '../cloud-request.js';
import { assign, attachedServer, type CloudCaller, type CloudWorld, makeCloudWorld, personIn, signedIn } from '../cloud-world.js';
import { verdict } from './verdict.js';

const file = repositoryFile('test/rights/cloud-operation-by-role.json');
const methods = ['get', 'post', 'put', 'patch', 'delete'];

const keyOf = ({ operation }: Declared) => `${operation.method.toUpperCase()} ${operation.path}`;
const roleNamed = (name: string) => builtInRoles.find((role) => role.name === name) as (typeof builtInRoles)[number];

type Who = (cloud: TestCloud, world: CloudWorld) => Promise<CloudCaller>;

/** Everybody who may ask, by what they are. Each holds exactly what the name says. */
const askers: Record<string, Who> = {
  nobody: async (cloud, world) => ({ ...(await personIn(cloud, world, null)), api: cloud.anonymous }),
  'admin of another organization': async (cloud) => signedIn(cloud, (await makeCloudWorld(cloud)).ids.owner),
  ...Object.fromEntries(builtInRoles.map((role): [string, Who] => [role.name, (cloud, world) => personIn(cloud, world, role)])),
  'in a team without a role': async (cloud, world) => {
    const caller = await personIn(cloud, world, null);
    const { organization: organizationId, team: teamId } = world.ids;
    await cloud.installation.prisma.tx(platform, (tx) =>
      tx.cloudTeamMember.create({ data: { organizationId, teamId, userId: caller.id }, select: { id: true } }),
    );
    return caller;
  },
  'service account with Organization Admin': async (cloud, world) => {
    const organizationId = world.ids.organization;
    const id = await cloud.installation.prisma.tx(platform, async (tx) => {
      const account = await tx.cloudUser.create({ data: { organizationId, username: unique('bot'), isServiceAccount: true }, select: { id: true } });
      await assign(tx, world, account.id, roleNamed('Organization Admin'));
      return account.id;
    });
    return signedIn(cloud, id);
  },
  superuser: async (cloud, world) => {
    const caller = await personIn(cloud, world, null);
    await cloud.installation.prisma.tx(platform, (tx) => tx.cloudUser.update({ where: { id: caller.id }, data: { isSuperuser: true }, select: { id: true } }));
    return caller;
  },
  'attached server': async (cloud, world) => attachedServer(cloud, world),
  'workspace authorization of an Organization Admin': async (cloud, world) => {
    const caller = await personIn(cloud, world, roleNamed('Organization Admin'));
    const query = `workspace_id=${world.ids.workspace}`;
    const { access_token } = await caller.api.ok(caller.api.get(`/auth/workspace_authorization?${query}`));
    return { ...caller, api: caller.api.as(access_token) };
  },
};

/** What nobody is granted with made-up values, or at all, and why. */
const grantedToNobody = new Map([
  ['POST /users/me/invitations', 'needs the link that only the invited person got: invitation.api-spec.ts'],
  ['PUT /devices/verify', 'needs a code that a command line shows: login.api-spec.ts'],
  ['POST /usage-batch', 'refuses everybody'],
  ['DELETE /organizations/{organization_id}', 'the world has workspaces, so whoever may gets 409'],
]);

/**
 * Every operation of the control plane asked by everybody there is, each in a world that nobody changed before. The table is committed, so a change of rights
 * is a visible line of a diff. `UPDATE_GOLDEN=1` writes it anew.
 */
describe('the table of operations and roles of the control plane', () => {
  let cloud: TestCloud;
  let declared: Declared[];
  const table: Record<string, Record<string, string>> = {};

  beforeAll(async () => {
    cloud = await startCloud();
    declared = declaredOperations(cloud.app).sort(
      (a, b) => methods.indexOf(a.operation.method) - methods.indexOf(b.operation.method) || (keyOf(a) < keyOf(b) ? -1 : 1),
    );
    for (const one of declared) table[keyOf(one)] = one.operation.public ? { everybody: 'public' } : {};
    for (const [name, who] of Object.entries(askers)) {
      let world: CloudWorld | null = null;
      let caller: CloudCaller | null = null;
      for (const one of declared.filter(({ operation }) => !operation.public)) {
        const { operation } = one;
        world ??= await makeCloudWorld(cloud);
        caller ??= await who(cloud, world);
        const [connection] = operation.path.includes('{connection_id}') ? [await addConnection()] : [];
        const request = requestOf(operation, world, caller);
        if (connection) request.path.connection_id = connection;
        const answer = await caller.api.send(operation.method.toUpperCase(), urlOf(operation, request), request.body);
        (table[keyOf(one)] as Record<string, string>)[name] = verdict(answer);
        // Whatever was changed may change the answer to the next question.
        if (operation.method !== 'get' && answer.status < 300) [world, caller] = [null, null];
      }
    }
  }, 600_000);
  afterAll(() => cloud?.stop());

  async function addConnection(): Promise<string> {
    const data = { displayName: 'Provider', issuer: `https://${unique('issuer')}.example`, clientId: 'client', active: false };
    const { id } = await cloud.installation.prisma.tx(platform, (tx) => tx.cloudOidcConnection.create({ data, select: { id: true } }));
    return id;
  }

  it('is the committed one', () => {
    const text = `${JSON.stringify(table, null, 1)}\n`;
    if (process.env.UPDATE_GOLDEN || !existsSync(file)) writeFileSync(file, text);
    expect(table).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });

  const rows = () => Object.entries(table).filter(([, row]) => !row.everybody);

  it('asks every operation so that somebody is granted it', () => {
    const never = rows().filter(([, row]) => !Object.values(row).includes('yes'));
    expect(never.map(([key]) => key).sort()).toEqual([...grantedToNobody.keys()].sort());
  });

  it('answers 401 to whoever is not signed in', () => {
    expect(rows().filter(([, row]) => row.nobody !== '401')).toEqual([]);
  });

  it('lets a token for one workspace ask for that and nothing else', () => {
    const others = rows().filter(([, row]) => row['workspace authorization of an Organization Admin'] !== '401');
    expect(others.map(([key]) => key)).toEqual(['GET /users/authorize_server']);
  });

  it('shows nothing of an organization to the admin of another one', () => {
    const own = /^\S+ (\/users\/me|\/devices|\/auth\/api_token)/;
    const shown = rows().filter(([key, row]) => key.includes('{') && row['admin of another organization'] === 'yes' && !own.test(key));
    expect(shown).toEqual([]);
  });

  it('never answers with a 500', () => {
    expect(rows().filter(([, row]) => Object.values(row).some((one) => one.startsWith('5') && one !== '501'))).toEqual([]);
  });
});
