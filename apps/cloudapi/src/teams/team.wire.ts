import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { datetime, nothing, orNull, str, uuid } from '#libs/wire/types.js';
import { CloudInvitee, CloudTeam } from '../roles/role.wire.js';
import { CloudUser, description, idOrName, name, paging } from '../wire.js';

const tag = 'teams';
const root = '/organizations/{organization_id}/teams';
const organization = z.object({ organization_id: idOrName });
const one = z.object({ team_id: uuid() });
const holder = z.object({ user_id: uuid().nullish(), invitation_id: uuid().nullish() });

export const CloudTeamMember = model(
  'CloudTeamMember',
  z.object({ id: uuid(), team_id: uuid(), user: orNull(CloudUser), invitation: orNull(CloudInvitee), created: datetime() }),
);

export const teams = {
  list: operation({
    id: 'list_teams',
    tag,
    method: 'get',
    path: root,
    pathParams: organization,
    query: z.object({ ...paging, name: str({ max: 255 }).nullish() }),
    response: z.array(CloudTeam),
    errors: [401, 404, 422],
  }),
  create: operation({
    id: 'create_team',
    tag,
    method: 'post',
    path: root,
    pathParams: organization,
    body: model('CloudTeamRequest', z.object({ name, description: description.nullish() })),
    response: CloudTeam,
    errors: [401, 403, 404, 409, 422],
  }),
  get: operation({ id: 'get_team', tag, method: 'get', path: '/teams/{team_id}', pathParams: one, response: CloudTeam, errors: [401, 403, 404, 422] }),
  update: operation({
    id: 'update_team',
    tag,
    method: 'patch',
    path: '/teams/{team_id}',
    pathParams: one,
    body: model('CloudTeamUpdate', z.object({ name: name.nullish(), description: description.nullish() })),
    response: CloudTeam,
    errors: [401, 403, 404, 409, 422],
  }),
  delete: operation({ id: 'delete_team', tag, method: 'delete', path: '/teams/{team_id}', pathParams: one, response: nothing(), errors: [401, 403, 404, 422] }),
  members: operation({
    id: 'list_team_members',
    tag,
    method: 'get',
    path: '/teams/{team_id}/members',
    pathParams: one,
    query: z.object(paging),
    response: z.array(CloudTeamMember),
    errors: [401, 403, 404, 422],
  }),
  add_member: operation({
    id: 'add_team_member',
    tag,
    method: 'post',
    path: '/teams/{team_id}/members',
    pathParams: one,
    query: holder,
    response: CloudTeamMember,
    errors: [400, 401, 402, 403, 404, 409, 422],
  }),
  remove_member: operation({
    id: 'remove_team_member',
    tag,
    method: 'delete',
    path: '/teams/{team_id}/members',
    pathParams: one,
    query: holder,
    response: nothing(),
    errors: [400, 401, 403, 404, 422],
  }),
};
