import { randomUUID } from 'node:crypto';
import { platform } from '#apps/cloudapi/src/installation.js';
import { assignBuiltIn, createOrganization } from '#apps/cloudapi/src/organizations/organization.service.js';
import { type TestCloud, unique } from '#apps/cloudapi/test/cloud.js';
import type { builtInRoles } from '#libs/access/roles.js';
import type { PrismaTx } from '#libs/database/prisma.js';
import type { ApiClient } from '#libs/testing/api-client.js';

type BuiltInRole = (typeof builtInRoles)[number];

/** Ids in the control plane by what they are of, and the names of what can be asked for by name. */
export type CloudWorld = { ids: Record<CloudThing, string>; names: Partial<Record<CloudThing, string>> };
export type CloudThing =
  | 'organization'
  | 'workspace'
  | 'attached_workspace'
  | 'project'
  | 'resource'
  | 'role'
  | 'team'
  | 'invitation'
  | 'service_account'
  | 'api_key'
  | 'enrollment_key'
  /** An organization member with the world's role, in its team, and in its workspace. */
  | 'user'
  /** An organization member and nothing else. */
  | 'candidate'
  | 'owner';

/** Somebody who asks, with what only belongs to them. */
export type CloudCaller = { api: ApiClient; id: string; email: string; ownKey: string; ownDevice: string };

const future = () => new Date(Date.now() + 86_400_000);

/**
 * An organization with one of everything, for suites that walk all operations with real ids. Written into the database directly: such suites need a new one
 * after every change.
 */
export async function makeCloudWorld(cloud: TestCloud): Promise<CloudWorld> {
  return cloud.installation.prisma.tx(platform, async (tx) => {
    const [owner, user, candidate] = [await addPerson(tx), await addPerson(tx), await addPerson(tx)];
    const name = unique('org');
    const { id: organizationId } = await createOrganization(tx, { name, ownerId: owner });
    const served = { ...slugged(), name: unique('ws'), status: 'available', ownerId: owner, organizationId };
    const attached = { ...slugged(), name: unique('attached'), status: 'available', isManaged: false, ownerId: owner, organizationId };
    await tx.cloudWorkspace.createMany({ data: [served, attached] });
    const [workspaceId, attachedId] = [served.id, attached.id];
    const enrollmentKey = { organizationId, workspaceId: attachedId, hash: unique('hash') };
    const { id: enrollmentKeyId } = await tx.cloudEnrollmentKey.create({ data: enrollmentKey, select: { id: true } });
    const role = { organizationId, name: unique('role'), level: 'organization', permissions: [{ resource_type: 'organization', actions: ['read'] }] };
    const { id: roleId } = await tx.cloudRole.create({ data: role, select: { id: true } });
    const { id: teamId } = await tx.cloudTeam.create({ data: { organizationId, name: unique('team') }, select: { id: true } });
    const invitation = { organizationId, email: `${unique('invited')}@example.com`, hash: unique('hash'), expires: future() };
    const { id: invitationId } = await tx.cloudInvitation.create({ data: invitation, select: { id: true } });
    const bot = unique('bot');
    const account = { organizationId, username: bot, isServiceAccount: true };
    const { id: accountId } = await tx.cloudUser.create({ data: account, select: { id: true } });
    const key = unique('key');
    const { id: keyId } = await tx.cloudApiKey.create({ data: { organizationId, userId: accountId, name: key, hash: unique('hash') }, select: { id: true } });
    for (const userId of [user, candidate]) await assignBuiltIn(tx, { organizationId, userId, level: 'organization', role: 'Organization Member' });
    await tx.cloudRoleAssignment.create({ data: { organizationId, roleId, userId: user }, select: { id: true } });
    await assignBuiltIn(tx, { organizationId, userId: user, level: 'workspace', role: 'Workspace Viewer', workspaceId });
    await tx.cloudTeamMember.create({ data: { organizationId, teamId, userId: user }, select: { id: true } });
    return {
      ids: {
        organization: organizationId,
        workspace: workspaceId,
        attached_workspace: attachedId,
        project: randomUUID(),
        resource: randomUUID(),
        role: roleId,
        team: teamId,
        invitation: invitationId,
        service_account: accountId,
        api_key: keyId,
        enrollment_key: enrollmentKeyId,
        user,
        candidate,
        owner,
      },
      names: { organization: name, workspace: served.name, attached_workspace: attached.name, service_account: bot, api_key: key },
    };
  });
}

/** A person who is signed in, with the given role in the world, or with nothing. */
export async function personIn(cloud: TestCloud, world: CloudWorld, role: BuiltInRole | null): Promise<CloudCaller> {
  const id = await cloud.installation.prisma.tx(platform, async (tx) => {
    const userId = await addPerson(tx);
    if (role) await assign(tx, world, userId, role);
    return userId;
  });
  return signedIn(cloud, id);
}

export async function assign(tx: PrismaTx, { ids }: CloudWorld, userId: string, role: BuiltInRole): Promise<void> {
  const where = { organizationId: ids.organization, level: role.level, name: role.name };
  const { id: roleId } = await tx.cloudRole.findFirstOrThrow({ where, select: { id: true } });
  const workspaceId = role.level === 'organization' ? null : ids.workspace;
  const projectId = role.level === 'project' ? ids.project : null;
  await tx.cloudRoleAssignment.create({ data: { organizationId: ids.organization, roleId, userId, workspaceId, projectId }, select: { id: true } });
}

/** Signs in somebody who exists, with a key and a device of their own. */
export async function signedIn(cloud: TestCloud, id: string): Promise<CloudCaller> {
  return cloud.installation.prisma.tx(platform, async (tx) => {
    const { email, isServiceAccount, organizationId } = await tx.cloudUser.findUniqueOrThrow({ where: { id } });
    const { id: ownKey } = await tx.cloudApiKey.create({
      data: { userId: id, organizationId, name: unique('own'), hash: unique('hash') },
      select: { id: true },
    });
    const device = { userId: id, clientId: randomUUID(), status: 'active', expires: future(), lastLogin: new Date() };
    const { id: ownDevice } = await tx.cloudDevice.create({ data: device, select: { id: true } });
    const { tokens } = cloud.installation;
    if (isServiceAccount) {
      const { token } = tokens.sign({ typ: 'service_account', sub: id, api_key_id: ownKey, key_gen: 1, organization_id: organizationId as string });
      return { api: cloud.anonymous.as(token), id, email: '', ownKey, ownDevice };
    }
    const session = await tx.cloudSession.create({ data: { userId: id, expires: future(), method: 'password' }, select: { id: true } });
    const { token } = tokens.sign({ typ: 'session', sub: id, session_id: session.id });
    return { api: cloud.anonymous.as(token), id, email: email as string, ownKey, ownDevice };
  });
}

/** The attached workspace's own server. */
export function attachedServer(cloud: TestCloud, { ids }: CloudWorld): CloudCaller {
  const { token } = cloud.installation.tokens.sign({
    typ: 'workspace',
    sub: ids.attached_workspace,
    workspace_id: ids.attached_workspace,
    organization_id: ids.organization,
    enrollment_key_id: ids.enrollment_key,
  });
  return { api: cloud.anonymous.as(token), id: ids.attached_workspace, email: '', ownKey: randomUUID(), ownDevice: randomUUID() };
}

/** A workspace's URL names the beginning of its id. */
function slugged(): { id: string; slug: string } {
  const id = randomUUID();
  return { id, slug: id.slice(0, 8) };
}

async function addPerson(tx: PrismaTx): Promise<string> {
  const email = `${unique('person')}@example.com`;
  const { id } = await tx.cloudUser.create({ data: { username: email, email, emailVerified: true }, select: { id: true } });
  return id;
}
