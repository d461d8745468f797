import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { nothing, orNull, str, uuid } from '#libs/wire/types.js';
import { CloudInvitee, CloudTeam, RoleLevel } from '../roles/role.wire.js';
import { CloudUser, idOrName, paging } from '../wire.js';

const tag = 'members';

/** Exactly one of `user`, `team` and `invitation` is set. */
const CloudMember = model(
  'CloudMember',
  z.object({
    user: orNull(CloudUser),
    team: orNull(CloudTeam),
    invitation: orNull(CloudInvitee),
    roles: z.array(model('CloudMemberRole', z.object({ id: uuid(), name: str(), level: RoleLevel, workspace_id: orNull(uuid()), project_id: orNull(uuid()) }))),
  }),
);

const organization = z.object({ organization_id: idOrName });
const one = z.object({ workspace_id: idOrName });
const holder = { user_id: uuid().nullish(), team_id: uuid().nullish(), invitation_id: uuid().nullish() };

/** Every operation on workspaces twice: under `workspaces`, and under the old name `tenants`. */
function both<T>(make: (noun: 'workspace' | 'tenant', path: string, deprecated: boolean) => T): [T, T] {
  return [make('workspace', '/workspaces/{workspace_id}/members', false), make('tenant', '/tenants/{workspace_id}/members', true)];
}

export const members = {
  list: operation({
    id: 'list_organization_members',
    tag,
    method: 'get',
    path: '/organizations/{organization_id}/members',
    pathParams: organization,
    query: z.object(paging),
    response: z.array(CloudMember),
    errors: [401, 403, 404, 422],
  }),
  remove: operation({
    id: 'remove_organization_member',
    tag,
    method: 'delete',
    path: '/organizations/{organization_id}/members',
    pathParams: organization,
    query: z.object({ user_id: uuid() }),
    response: nothing(),
    errors: [400, 401, 403, 404, 422],
  }),
  of_workspace: both((noun, path, deprecated) =>
    operation({
      id: `list_${noun}_members`,
      tag,
      method: 'get',
      path,
      pathParams: one,
      query: z.object(paging),
      response: z.array(CloudMember),
      errors: [401, 403, 404, 422],
      deprecated,
    }),
  ),
  add_to_workspace: both((noun, path, deprecated) =>
    operation({
      id: `add_${noun}_member`,
      tag,
      method: 'post',
      path,
      pathParams: one,
      query: z.object({ ...holder, role_id: uuid().nullish() }),
      response: CloudMember,
      errors: [400, 401, 402, 403, 404, 409, 422],
      deprecated,
    }),
  ),
  remove_from_workspace: both((noun, path, deprecated) =>
    operation({
      id: `remove_${noun}_member`,
      tag,
      method: 'delete',
      path,
      pathParams: one,
      query: z.object(holder),
      response: nothing(),
      errors: [400, 401, 403, 404, 422],
      deprecated,
    }),
  ),
};
