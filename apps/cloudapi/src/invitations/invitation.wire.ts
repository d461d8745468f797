import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { bool, datetime, enumOf, int, nothing, orNull, password, str, uuid } from '#libs/wire/types.js';
import { page } from '../pages/page.wire.js';
import { CloudTeam, RoleLevel } from '../roles/role.wire.js';
import { CloudOrganization, email, idOrName, paging } from '../wire.js';

const tag = 'invitations';
const root = '/organizations/{organization_id}/invitations';
const organization = { organization_id: idOrName };
const one = z.object({ ...organization, invitation_id: uuid() });
const monthOfDays = 30;

export const CloudInvitation = model(
  'CloudInvitation',
  z.object({
    id: uuid(),
    email: str(),
    organization: CloudOrganization,
    organization_id: uuid(),
    status: enumOf(['pending', 'accepted', 'revoked', 'expired']),
    roles: z.array(
      model('CloudInvitationRole', z.object({ id: uuid(), name: str(), level: RoleLevel, workspace_id: orNull(uuid()), project_id: orNull(uuid()) })),
    ),
    teams: z.array(CloudTeam),
    invited_by: orNull(uuid()),
    expires: datetime(),
    accepted: orNull(datetime()),
    accepted_by: orNull(uuid()),
    created: datetime(),
    updated: datetime(),
    /** Where the invitation is accepted; only in the answer that made or renewed it. */
    url: orNull(str()),
    /** Whether a letter with the link was handed to the mail server; null without one, and then the link has to be passed on. */
    email_sent: orNull(z.boolean()),
  }),
);

const text = str({ max: 2_000 }).nullish();

export const invitations = {
  list: operation({
    id: 'list_invitations',
    tag,
    method: 'get',
    path: root,
    pathParams: z.object(organization),
    query: z.object({ ...paging, email: str({ max: 320 }).nullish(), only_pending: bool().default(false) }),
    response: z.array(CloudInvitation),
    errors: [401, 403, 404, 422],
  }),
  create: operation({
    id: 'create_invitation',
    tag,
    method: 'post',
    path: root,
    pathParams: z.object(organization),
    body: model(
      'CloudInvitationRequest',
      z.object({
        email,
        role_id: uuid().nullish(),
        /** Several roles, each where it holds. */
        roles: z
          .array(z.object({ role_id: uuid(), workspace_id: uuid().nullish(), project_id: uuid().nullish() }))
          .max(50)
          .nullish(),
        team_ids: z.array(uuid()).max(50).nullish(),
        expires_in_days: int({ min: 1, max: monthOfDays }).nullish(),
      }),
    ),
    response: CloudInvitation,
    errors: [400, 401, 402, 403, 404, 409, 422],
  }),
  get: operation({
    id: 'get_invitation',
    tag,
    method: 'get',
    path: `${root}/{invitation_id}`,
    pathParams: one,
    response: CloudInvitation,
    errors: [401, 403, 404, 422],
  }),
  renew: operation({
    id: 'renew_invitation',
    tag,
    method: 'post',
    path: `${root}/{invitation_id}/resend`,
    pathParams: one,
    response: CloudInvitation,
    errors: [401, 403, 404, 409, 422],
  }),
  revoke: operation({
    id: 'revoke_invitation',
    tag,
    method: 'delete',
    path: `${root}/{invitation_id}`,
    pathParams: one,
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  accept: operation({
    id: 'accept_invitation',
    tag,
    method: 'post',
    path: '/users/me/invitations',
    body: model('CloudInvitationAcceptance', z.object({ key: password({ max: 200 }) })),
    response: CloudOrganization,
    errors: [401, 402, 403, 404, 422],
  }),
  page: operation({ ...page, id: 'page_invitation', method: 'get', path: '/invitations/accept', query: z.object({ key: text }), errors: [404, 422, 429] }),
  submit: operation({
    ...page,
    id: 'submit_invitation',
    method: 'post',
    path: '/invitations/accept',
    bodyKind: 'form',
    body: model('CloudInvitationForm', z.object({ key: text, csrf_token: text, name: text, password: password({ max: 4_096 }).nullish() })),
    errors: [400, 402, 404, 422, 429],
  }),
};
