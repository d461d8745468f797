import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { nothing, str, uuid } from '#libs/wire/types.js';
import { CloudOrganization, description, idOrName, paging, url, WorkspaceStatus } from '../wire.js';
import { CloudWorkspace } from '../workspaces/workspace.wire.js';

const tag = 'organizations';
export const organizationName = str({ min: 1, max: 63, pattern: /^[A-Za-z0-9]([A-Za-z0-9 _.-]*[A-Za-z0-9])?$/ });
const displayName = str({ min: 1, max: 100 });
const domains = z.array(str({ min: 3, max: 253, pattern: /^([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+$/ })).max(100);
const one = z.object({ organization_id: idOrName });
const listing = z.object({ ...paging, status: WorkspaceStatus.nullish() });

export const organizations = {
  list: operation({
    id: 'list_organizations',
    tag,
    method: 'get',
    path: '/organizations',
    query: z.object({ ...paging, name: str({ max: 255 }).nullish(), owner_id: uuid().nullish(), owner_username: str({ max: 320 }).nullish() }),
    response: z.array(CloudOrganization),
    errors: [401, 422],
  }),
  create: operation({
    id: 'create_organization',
    tag,
    method: 'post',
    path: '/organizations',
    body: model(
      'CloudOrganizationRequest',
      z.object({
        name: organizationName,
        display_name: displayName.nullish(),
        description: description.nullish(),
        logo_url: url.nullish(),
        trusted_domains: domains.nullish(),
        owner_id: uuid().nullish(),
      }),
    ),
    response: CloudOrganization,
    errors: [401, 403, 409, 422],
  }),
  get: operation({
    id: 'get_organization',
    tag,
    method: 'get',
    path: '/organizations/{organization_id}',
    pathParams: one,
    response: CloudOrganization,
    errors: [401, 404, 422],
  }),
  update: operation({
    id: 'update_organization',
    tag,
    method: 'patch',
    path: '/organizations/{organization_id}',
    pathParams: one,
    body: model(
      'CloudOrganizationUpdate',
      z.object({
        name: organizationName.nullish(),
        display_name: displayName.nullish(),
        description: description.nullish(),
        logo_url: url.nullish(),
        trusted_domains: domains.nullish(),
      }),
    ),
    response: CloudOrganization,
    errors: [401, 403, 404, 409, 422],
  }),
  delete: operation({
    id: 'delete_organization',
    tag,
    method: 'delete',
    path: '/organizations/{organization_id}',
    pathParams: one,
    response: nothing(),
    errors: [401, 403, 404, 409, 422],
  }),
  workspaces: [
    operation({
      id: 'list_organization_workspaces',
      tag,
      method: 'get',
      path: '/organizations/{organization_id}/workspaces',
      pathParams: one,
      query: listing,
      response: z.array(CloudWorkspace),
      errors: [401, 404, 422],
    }),
    operation({
      id: 'list_organization_tenants',
      tag,
      method: 'get',
      path: '/organizations/{organization_id}/tenants',
      pathParams: one,
      query: listing,
      response: z.array(CloudWorkspace),
      errors: [401, 404, 422],
      deprecated: true,
    }),
  ] as const,
};
