import { unique } from '#apps/cloudapi/test/cloud.js';
import type { Operation } from '#libs/wire/operation.js';
import type { CloudCaller, CloudThing, CloudWorld } from './cloud-world.js';
import { sampleOf } from './isolation/sample.js';

/** Path values by parameter; query and body with the ids of a world in them. */
export type CloudRequest = { path: Record<string, string>; query: Record<string, string>; body: unknown };

type Ask = Pick<CloudRequest, 'query' | 'body'>;
type Made = (ids: CloudWorld['ids'], caller: CloudCaller) => Partial<Ask>;

const named = (prefix: string) => ({ body: { name: unique(prefix) } });
const permissions = [{ resource_type: 'organization', actions: ['read'] }];
const newWorkspace: Made = ({ organization, owner }) => ({ body: { name: unique('new'), organization_id: organization, owner_id: owner } });
const addToWorkspace: Made = ({ candidate }) => ({ query: { user_id: candidate } });
const removeFromWorkspace: Made = ({ user }) => ({ query: { user_id: user } });
const member: Made = ({ user }) => ({ query: { user_id: user } });
const resource = (ids: CloudWorld['ids']) => `secret/${ids.resource}`;

/** What a request must say beyond what its models ask for, so that it is the operation's rights that answer it. */
const made: Record<string, Made> = {
  create_organization: () => named('new'),
  validate_new_organization_name: () => named('new'),
  validate_organization_name: () => named('new'),
  validate_workspace_name: () => named('new'),
  validate_tenant_name: () => named('new'),
  create_workspace: newWorkspace,
  create_tenant: newWorkspace,
  add_workspace_member: addToWorkspace,
  add_tenant_member: addToWorkspace,
  remove_workspace_member: removeFromWorkspace,
  remove_tenant_member: removeFromWorkspace,
  remove_organization_member: member,
  create_role: ({ organization }) => ({ body: { name: unique('new'), level: 'organization', organization_id: organization, permissions } }),
  update_role: () => ({ body: { name: unique('renamed'), permissions } }),
  assign_role: ({ candidate }) => ({ query: { user_id: candidate } }),
  revoke_role: member,
  add_team_member: ({ candidate }) => ({ query: { user_id: candidate } }),
  remove_team_member: member,
  create_invitation: ({ role, team }) => ({ body: { email: `${unique('new')}@example.com`, roles: [{ role_id: role }], team_ids: [team] } }),
  accept_invitation: () => ({ body: { key: 'of-nobody' } }),
  create_service_account: ({ role }) => ({ body: { username: unique('new'), role_id: role } }),
  create_user: () => ({ body: { email: `${unique('new')}@example.com` } }),
  update_user: () => ({ body: { name: 'Renamed' } }),
  create_connection: () => ({ body: { display_name: 'New', issuer: `https://${unique('issuer')}.example`, client_id: 'client', client_secret: 'secret' } }),
  update_connection: () => ({ body: { display_name: 'Renamed' } }),
  set_quota: () => ({ body: { quota: 1_000 } }),
  authorize_server: ({ workspace }) => ({ query: { server_id: workspace } }),
  workspace_authorization: ({ workspace }) => ({ query: { workspace_id: workspace } }),
  tenant_authorization: ({ workspace }) => ({ query: { tenant_id: workspace } }),
  get_permission: ({ workspace }) => ({ query: { resource: `workspace/${workspace}`, action: 'read' } }),
  check_permissions: ({ user, project }) => ({ query: { user_id: user, action: 'read' }, body: ['project', `${project}:pipeline`] }),
  check_permissions_by_get: ({ user, project }) => ({ query: { user_id: user, action: 'read', resources: `${project}:pipeline` } }),
  allowed_resource_ids: ({ user }) => ({ query: { user_id: user, action: 'read', resource: 'project' } }),
  update_resource_membership: (ids) => ({ body: { user_id: ids.user, sharing_user_id: ids.owner, resource: resource(ids), actions: ['read'] } }),
  delete_resources: (ids) => ({ query: { resources: resource(ids) } }),
  usage_event: ({ organization, attached_workspace, resource: id }) => ({
    body: { organization_id: organization, feature: 'project', total: 1, metadata: { workspace_id: attached_workspace, resource_id: id } },
  }),
  verify_device: () => ({ body: { user_code: 'OF-NOBODY' } }),
  update_device: () => ({ body: { name: 'Renamed' } }),
};

/** Attached workspaces have what served ones have not. */
const aboutAttached = new Set(['enroll_workspace', 'enroll_tenant']);

/** A request that the operation grants to whoever may do everything in the world. */
export function requestOf(operation: Operation, { ids }: CloudWorld, caller: CloudCaller): CloudRequest {
  const id = (name: string): string => {
    if (/api_key/.test(name) && operation.path.includes('/users/me/')) return caller.ownKey;
    if (/^device/.test(name)) return caller.ownDevice;
    if (name === 'workspace_id' && aboutAttached.has(operation.id)) return ids.attached_workspace;
    return ids[name.replace(/_id$/, '') as CloudThing] ?? ids.resource;
  };
  const path = Object.fromEntries([...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, name === 'feature' ? 'project' : id(name)]));
  const sample = operation.body && operation.method !== 'get' && operation.bodyRequired ? sampleOf(operation.body, id) : undefined;
  return { path, query: {}, body: sample, ...made[operation.id]?.(ids, caller) };
}

/** The request's path and query as a URL below the base. */
export function urlOf(operation: Operation, { path, query }: CloudRequest): string {
  const search = new URLSearchParams(query).toString();
  return operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] as string)) + (search ? `?${search}` : '');
}
