import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { list, str, uuid } from '#libs/wire/types.js';

const tag = 'rbac';
/** `[<project uuid>:]<type>[/<uuid>]`; types that are not known here are answered, not refused, since servers may be newer. */
const resource = str({ min: 1, max: 300 });
const action = str({ min: 1, max: 64 });
/** A list reply of a server has at most some thousand entries, each of which it asks about. */
const maxResources = 20_000;

const Decisions = model('CloudDecisions', z.record(z.string(), z.boolean()));

export const rbac = {
  check: operation({
    id: 'check_permissions',
    tag,
    method: 'post',
    path: '/rbac/check_permissions',
    query: z.object({ user_id: uuid(), action }),
    body: z.array(resource).max(maxResources),
    response: Decisions,
    errors: [401, 403, 422],
    dedup: false,
  }),
  check_by_get: operation({
    id: 'check_permissions_by_get',
    tag,
    method: 'get',
    path: '/rbac/check_permissions',
    query: z.object({ user_id: uuid(), action, resources: list(resource, { max: maxResources }).default([]) }),
    response: Decisions,
    errors: [401, 403, 422],
  }),
  allowed: operation({
    id: 'allowed_resource_ids',
    tag,
    method: 'get',
    path: '/rbac/allowed_resource_ids',
    query: z.object({ user_id: uuid(), resource, action }),
    response: model('CloudAllowedResources', z.object({ full_access: z.boolean(), ids: z.array(uuid()) })),
    errors: [401, 403, 422],
  }),
  members: operation({
    id: 'update_resource_membership',
    tag,
    method: 'post',
    path: '/rbac/resource_members',
    body: model(
      'CloudResourceMembership',
      z.object({ user_id: uuid().nullish(), team_id: uuid().nullish(), sharing_user_id: uuid().nullish(), resource, actions: z.array(action).max(50) }),
    ),
    response: z.object({}),
    errors: [400, 401, 403, 404, 422],
    dedup: false,
  }),
  purge: operation({
    id: 'delete_resources',
    tag,
    method: 'delete',
    path: '/rbac/resources',
    query: z.object({ resources: list(resource, { max: maxResources }).default([]) }),
    response: z.object({}),
    errors: [400, 401, 403, 422],
  }),
  permission: operation({
    id: 'get_permission',
    tag,
    method: 'get',
    path: '/permissions',
    query: z.object({ resource, action, workspace_id: uuid().nullish(), tenant_id: uuid().nullish(), organization_id: uuid().nullish() }),
    response: z.boolean(),
    errors: [401, 422],
  }),
};
