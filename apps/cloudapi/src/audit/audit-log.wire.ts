import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { anyDict, datetime, enumOf, orNull, str, uuid } from '#libs/wire/types.js';
import { idOrName, paging } from '../wire.js';

const tag = 'audit_log';
const root = '/organizations/{organization_id}/audit_events';
const organization = z.object({ organization_id: idOrName });

const filter = {
  /** The id of a user, service account or attached workspace, or its name. */
  actor: str({ max: 320 }).nullish(),
  action: str({ max: 64 }).nullish(),
  /** The id of what was changed, or its name. */
  target: str({ max: 320 }).nullish(),
  target_type: str({ max: 64 }).nullish(),
  outcome: enumOf(['success', 'denied', 'failure']).nullish(),
  workspace_id: uuid().nullish(),
  from: datetime().nullish(),
  to: datetime().nullish(),
};

export const CloudAuditEvent = model(
  'CloudAuditEvent',
  z.object({
    id: uuid(),
    created: datetime(),
    action: str(),
    outcome: str(),
    organization_id: orNull(uuid()),
    workspace_id: orNull(uuid()),
    project_id: orNull(uuid()),
    actor: z.object({ type: str(), id: orNull(uuid()), name: orNull(str()) }),
    credential: orNull(z.object({ type: str(), id: orNull(uuid()) })),
    target: orNull(z.object({ type: str(), id: orNull(uuid()), name: orNull(str()) })),
    ip_address: orNull(str()),
    user_agent: orNull(str()),
    request_id: orNull(str()),
    details: anyDict(),
  }),
);

export const auditLog = {
  list: operation({
    id: 'list_audit_events',
    tag,
    method: 'get',
    path: root,
    pathParams: organization,
    query: z.object({ ...paging, ...filter }),
    response: z.array(CloudAuditEvent),
    errors: [401, 403, 404, 422],
  }),
  /** Everything that matches, oldest first, one JSON object a line. */
  export: operation({
    id: 'export_audit_events',
    tag,
    method: 'get',
    path: `${root}/export`,
    pathParams: organization,
    query: z.object(filter),
    response: str(),
    responseKind: 'lines',
    errors: [401, 403, 404, 422],
  }),
};

export type AuditFilter = z.output<z.ZodObject<typeof filter>>;
