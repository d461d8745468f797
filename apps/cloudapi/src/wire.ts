import { z } from 'zod';
import { model } from '#libs/wire/registry.js';
import { anyDict, datetime, enumOf, int, orNull, str, uuid } from '#libs/wire/types.js';

/** What several nouns of the control plane share on the wire. Model names begin with `Cloud`, because the workspace API has users and keys of its own. */

const maxPage = 100;

/** Lists are bare arrays; a larger page than allowed is cut to the largest instead of refused, as clients expect. */
export const paging = {
  offset: int({ min: 0 }).default(0),
  limit: int({ min: 1 })
    .transform((limit) => Math.min(limit, maxPage))
    .default(maxPage),
};

export const name = str({ min: 1, max: 64 });
export const description = str({ max: 1_000 });
/** An id or a name, as a path parameter. */
export const idOrName = str({ min: 1, max: 255 });
export const email = str({ min: 3, max: 320, pattern: /^[^\s@]+@[^\s@]+$/ });
export const url = str({ max: 2_000, pattern: /^https?:\/\// });

export const CloudUser = model(
  'CloudUser',
  z.object({
    id: uuid(),
    username: str(),
    email: orNull(str()),
    name: orNull(str()),
    description: orNull(str()),
    avatar_url: orNull(str()),
    company: orNull(str()),
    job_title: orNull(str()),
    metadata: anyDict(),
    password_expired: z.boolean(),
    oauth_provider: orNull(str()),
    oauth_id: orNull(str()),
    is_active: z.boolean(),
    is_superuser: z.boolean(),
    is_service_account: z.boolean(),
    is_onboarded: z.boolean(),
    organization_id: orNull(uuid()),
    last_login: orNull(datetime()),
    created: datetime(),
    updated: datetime(),
  }),
);

export const CloudOrganization = model(
  'CloudOrganization',
  z.object({
    id: uuid(),
    name: str(),
    display_name: orNull(str()),
    description: orNull(str()),
    logo_url: orNull(str()),
    owner: orNull(CloudUser),
    has_active_subscription: z.boolean(),
    trial_expiry: orNull(int()),
    trusted_domains: z.array(str()),
    created: datetime(),
    updated: datetime(),
  }),
);

export const CloudApiKey = model(
  'CloudApiKey',
  z.object({
    id: uuid(),
    name: str(),
    description: orNull(str()),
    active: z.boolean(),
    /** Only in the answer that made it. */
    key: orNull(str()),
    created: datetime(),
    updated: datetime(),
    expires: orNull(datetime()),
    last_login: orNull(datetime()),
    last_rotated: orNull(datetime()),
    retain_period_minutes: int(),
  }),
);

export const workspaceStatuses = ['not_initialized', 'pending', 'available', 'failed', 'deactivated', 'deleted'] as const;
export const WorkspaceStatus = enumOf(workspaceStatuses);

/** A moment as text without offset in UTC. */
export function naive(moment: Date): string {
  return moment.toISOString().slice(0, -1);
}

export function naiveOrNull(moment: Date | null): string | null {
  return moment ? naive(moment) : null;
}
