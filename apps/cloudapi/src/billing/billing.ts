import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { type InputOf, operation } from '#libs/wire/operation.js';
import { nothing } from '#libs/wire/types.js';
import { Caller, noOrganization } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { findOrganization, organizationReply } from '../organizations/organization.service.js';
import { CloudOrganization, idOrName } from '../wire.js';

const tag = 'billing';

export const billing = {
  trial: operation({
    id: 'start_trial',
    tag,
    method: 'post',
    path: '/organizations/{organization_id}/trial',
    pathParams: z.object({ organization_id: idOrName }),
    response: CloudOrganization,
    errors: [401, 403, 404, 422],
    dedup: false,
  }),
  usage_batch: operation({ id: 'usage_batch', tag, method: 'post', path: '/usage-batch', response: nothing(), errors: [401, 501], dedup: false }),
  stigg: operation({ id: 'stigg_webhook', tag, method: 'post', path: '/stigg-webhook', response: nothing(), errors: [501], dedup: false, public: true }),
};

/** What the hosted product has a billing provider for. Nobody is billed here, so there is nothing to try out and nobody to hear from. */
@Controller()
export class BillingController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  /** Whoever may buy may try. Everything is there without a trial, so the organization is answered as it is. */
  @Operation(billing.trial, { action: 'update', on: 'billing' })
  async trial(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof billing.trial>) {
    const row = await this.installation.prisma.tx(platform, (tx) => findOrganization(tx, path.organization_id));
    if (!caller.mayKnow(row.id)) throw noOrganization();
    caller.require('update', 'billing', row.id);
    return organizationReply(row);
  }

  @Operation(billing.usage_batch, { login: 'it refuses everybody' })
  usageBatch(): never {
    throw new Problem('not_implemented', 'Usage is not imported in batches here: workspaces report theirs to POST /usage-event.');
  }

  @Operation(billing.stigg, { public: 'it refuses everybody' })
  stigg(): never {
    throw new Problem('not_implemented', 'There is no billing provider here: plans are set with the entitlements of an organization.');
  }
}
