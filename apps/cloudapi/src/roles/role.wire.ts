import { z } from 'zod';
import { organizationTypes } from '#libs/access/roles.js';
import { actions, projectTypes, workspaceTypes } from '#libs/access/vocabulary.js';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { datetime, enumOf, nothing, orNull, str, uuid } from '#libs/wire/types.js';
import { CloudUser, description, idOrName, name, paging } from '../wire.js';

const tag = 'roles';
export const RoleLevel = enumOf(['organization', 'workspace', 'project']);

const Permission = model(
  'CloudPermission',
  z.object({
    resource_type: enumOf(['*', ...new Set([...organizationTypes, ...workspaceTypes, ...projectTypes])]),
    actions: z
      .array(enumOf(['*', ...actions]))
      .min(1)
      .max(20),
  }),
);
const permissions = z.array(Permission).max(100);

export const CloudRole = model(
  'CloudRole',
  z.object({
    id: uuid(),
    name: str(),
    description: orNull(str()),
    level: RoleLevel,
    organization_id: uuid(),
    workspace_id: orNull(uuid()),
    project_id: orNull(uuid()),
    system_managed: z.boolean(),
    permissions,
    created: datetime(),
    updated: datetime(),
  }),
);

export const CloudTeam = model(
  'CloudTeam',
  z.object({ id: uuid(), name: str(), description: orNull(str()), organization_id: uuid(), created: datetime(), updated: datetime() }),
);

/** An invitation as it stands in lists of members and assignments. */
export const CloudInvitee = model('CloudInvitee', z.object({ id: uuid(), email: str(), organization_id: uuid(), expires: datetime(), created: datetime() }));

export const CloudRoleAssignment = model(
  'CloudRoleAssignment',
  z.object({
    id: uuid(),
    role: CloudRole,
    organization_id: uuid(),
    workspace_id: orNull(uuid()),
    project_id: orNull(uuid()),
    user: orNull(CloudUser),
    team: orNull(CloudTeam),
    invitation: orNull(CloudInvitee),
    created: datetime(),
  }),
);

const one = z.object({ role_id: uuid() });
const holder = { user_id: uuid().nullish(), team_id: uuid().nullish(), invitation_id: uuid().nullish() };
/** `tenant_id` is the workspace's old name. */
const place = { workspace_id: uuid().nullish(), tenant_id: uuid().nullish(), project_id: uuid().nullish() };

export const roles = {
  list: operation({
    id: 'list_organization_roles',
    tag,
    method: 'get',
    path: '/organizations/{organization_id}/roles',
    pathParams: z.object({ organization_id: idOrName }),
    query: z.object({ ...paging, level: RoleLevel.nullish(), name: str({ max: 255 }).nullish(), workspace_id: uuid().nullish(), project_id: uuid().nullish() }),
    response: z.array(CloudRole),
    errors: [401, 403, 404, 422],
  }),
  create: operation({
    id: 'create_role',
    tag,
    method: 'post',
    path: '/roles',
    body: model(
      'CloudRoleRequest',
      z.object({
        name,
        description: description.nullish(),
        level: RoleLevel,
        organization_id: uuid(),
        workspace_id: uuid().nullish(),
        project_id: uuid().nullish(),
        permissions,
      }),
    ),
    response: CloudRole,
    errors: [400, 401, 403, 404, 409, 422],
  }),
  get: operation({ id: 'get_role', tag, method: 'get', path: '/roles/{role_id}', pathParams: one, response: CloudRole, errors: [401, 403, 404, 422] }),
  update: operation({
    id: 'update_role',
    tag,
    method: 'patch',
    path: '/roles/{role_id}',
    pathParams: one,
    body: model('CloudRoleUpdate', z.object({ name: name.nullish(), description: description.nullish(), permissions: permissions.nullish() })),
    response: CloudRole,
    errors: [400, 401, 403, 404, 409, 422],
  }),
  delete: operation({
    id: 'delete_role',
    tag,
    method: 'delete',
    path: '/roles/{role_id}',
    pathParams: one,
    response: nothing(),
    errors: [400, 401, 403, 404, 422],
  }),
  assignments: operation({
    id: 'list_role_assignments',
    tag,
    method: 'get',
    path: '/roles/{role_id}/assignments',
    pathParams: one,
    query: z.object({ ...paging, ...holder, ...place }),
    response: z.array(CloudRoleAssignment),
    errors: [400, 401, 403, 404, 422],
  }),
  assign: operation({
    id: 'assign_role',
    tag,
    method: 'post',
    path: '/roles/{role_id}/assignments',
    pathParams: one,
    query: z.object({ ...holder, ...place }),
    response: CloudRoleAssignment,
    errors: [400, 401, 402, 403, 404, 409, 422],
  }),
  revoke: operation({
    id: 'revoke_role',
    tag,
    method: 'delete',
    path: '/roles/{role_id}/assignments',
    pathParams: one,
    query: z.object({ ...holder, ...place }),
    response: nothing(),
    errors: [400, 401, 403, 404, 422],
  }),
};
