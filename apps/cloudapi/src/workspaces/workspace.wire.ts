import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { anyDict, bool, datetime, enumOf, nothing, orNull, str, uuid } from '#libs/wire/types.js';
import { CloudOrganization, CloudUser, description, idOrName, paging, url, WorkspaceStatus } from '../wire.js';

const tag = 'workspaces';
/** Names stand in commands and URLs. */
export const workspaceName = str({ min: 1, max: 50, pattern: /^[A-Za-z0-9]([A-Za-z0-9 _.-]*[A-Za-z0-9])?$/ });
const displayName = str({ min: 1, max: 100 });

export const CloudWorkspace = model(
  'CloudWorkspace',
  z.object({
    id: uuid(),
    name: str(),
    display_name: str(),
    description: orNull(str()),
    logo_url: orNull(str()),
    organization: CloudOrganization,
    organization_id: uuid(),
    owner: orNull(CloudUser),
    desired_state: str(),
    state_reason: str(),
    status: WorkspaceStatus,
    is_managed: z.boolean(),
    workspace_type: str(),
    zenml_service: z.object({
      configuration: z.object({ version: str(), admin: orNull(anyDict()) }),
      status: orNull(z.object({ server_url: str(), version: orNull(str()) })),
    }),
    kitaru_service: orNull(anyDict()),
    purge_after: orNull(datetime()),
    /** Only in the answer of the enrollment. */
    enrollment_key: str().optional(),
    enrollment: z.record(str(), str()).optional(),
    created: datetime(),
    updated: datetime(),
  }),
);

const Service = z.object({ configuration: z.object({ version: str({ max: 64 }).nullish(), admin: anyDict().nullish() }).nullish() }).nullish();

const Create = model(
  'CloudWorkspaceRequest',
  z.object({
    name: workspaceName.nullish(),
    display_name: displayName.nullish(),
    description: description.nullish(),
    logo_url: url.nullish(),
    organization_id: uuid().nullish(),
    owner_id: uuid().nullish(),
    workspace_type: enumOf(['zenml', 'kitaru']).nullish(),
    zenml_service: Service,
  }),
);

const Update = model(
  'CloudWorkspaceUpdate',
  z.object({
    name: workspaceName.nullish(),
    display_name: displayName.nullish(),
    description: description.nullish(),
    logo_url: url.nullish(),
    desired_state: enumOf(['not_initialized', 'available', 'deactivated', 'deleted']).nullish(),
    zenml_service: Service,
  }),
);

const filter = z.object({
  ...paging,
  workspace_name: str({ max: 255 }).nullish(),
  tenant_name: str({ max: 255 }).nullish(),
  workspace_id: uuid().nullish(),
  tenant_id: uuid().nullish(),
  url: str({ max: 2_000 }).nullish(),
  organization_id: uuid().nullish(),
  status: WorkspaceStatus.nullish(),
  is_managed: bool().nullish(),
  owner_id: uuid().nullish(),
  member_only: bool().nullish(),
});

const enrollQuery = z.object({
  name: workspaceName.nullish(),
  enroll: bool().default(false),
  organization: idOrName.nullish(),
  organization_id: idOrName.nullish(),
});

/** Every operation twice: under `workspaces`, and under the old name `tenants`. */
function both<T>(make: (noun: 'workspace' | 'tenant', root: string, deprecated: boolean) => T): [T, T] {
  return [make('workspace', '/workspaces', false), make('tenant', '/tenants', true)];
}

const one = z.object({ workspace_id: idOrName });
const changes = [401, 403, 404, 409, 422] as const;

export const workspaces = {
  list: both((noun, path, deprecated) =>
    operation({ id: `list_${noun}s`, tag, method: 'get', path, query: filter, response: z.array(CloudWorkspace), errors: [401, 422], deprecated }),
  ),
  create: both((noun, path, deprecated) =>
    operation({
      id: `create_${noun}`,
      tag,
      method: 'post',
      path,
      query: enrollQuery,
      body: Create,
      bodyRequired: false,
      response: CloudWorkspace,
      errors: [...changes],
      deprecated,
    }),
  ),
  get: both((noun, root, deprecated) =>
    operation({
      id: `get_${noun}`,
      tag,
      method: 'get',
      path: `${root}/{workspace_id}`,
      pathParams: one,
      response: CloudWorkspace,
      errors: [401, 404, 422],
      deprecated,
    }),
  ),
  update: both((noun, root, deprecated) =>
    operation({
      id: `update_${noun}`,
      tag,
      method: 'patch',
      path: `${root}/{workspace_id}`,
      pathParams: one,
      query: z.object({ force: bool().nullish() }),
      body: Update,
      response: CloudWorkspace,
      errors: [400, ...changes],
      deprecated,
    }),
  ),
  delete: both((noun, root, deprecated) =>
    operation({
      id: `delete_${noun}`,
      tag,
      method: 'delete',
      path: `${root}/{workspace_id}`,
      pathParams: one,
      response: CloudWorkspace,
      errors: [401, 403, 404, 422],
      deprecated,
    }),
  ),
  deploy: both((noun, root, deprecated) =>
    operation({
      id: `deploy_${noun}`,
      tag,
      method: 'post',
      path: `${root}/{workspace_id}/deploy`,
      pathParams: one,
      response: CloudWorkspace,
      errors: [...changes],
      deprecated,
    }),
  ),
  deploy_by_patch: both((noun, root, deprecated) =>
    operation({
      id: `deploy_${noun}_by_patch`,
      tag,
      method: 'patch',
      path: `${root}/{workspace_id}/deploy`,
      pathParams: one,
      response: CloudWorkspace,
      errors: [...changes],
      deprecated,
    }),
  ),
  deactivate: both((noun, root, deprecated) =>
    operation({
      id: `deactivate_${noun}`,
      tag,
      method: 'post',
      path: `${root}/{workspace_id}/deactivate`,
      pathParams: one,
      response: CloudWorkspace,
      errors: [...changes],
      deprecated,
    }),
  ),
  deactivate_by_patch: both((noun, root, deprecated) =>
    operation({
      id: `deactivate_${noun}_by_patch`,
      tag,
      method: 'patch',
      path: `${root}/{workspace_id}/deactivate`,
      pathParams: one,
      response: CloudWorkspace,
      errors: [...changes],
      deprecated,
    }),
  ),
  restore: both((noun, root, deprecated) =>
    operation({
      id: `restore_${noun}`,
      tag,
      method: 'post',
      path: `${root}/{workspace_id}/restore`,
      pathParams: one,
      response: CloudWorkspace,
      errors: [...changes],
      deprecated,
    }),
  ),
  enroll: both((noun, root, deprecated) =>
    operation({
      id: `enroll_${noun}`,
      tag,
      method: 'post',
      path: `${root}/{workspace_id}/enroll`,
      pathParams: one,
      response: CloudWorkspace,
      errors: [400, ...changes],
      deprecated,
    }),
  ),
};

export const workspaceStatus = both((noun, _root, deprecated) =>
  operation({ id: `${noun}_status`, tag, method: 'patch', path: `/${noun}_status`, response: nothing(), errors: [401, 403], deprecated }),
);
