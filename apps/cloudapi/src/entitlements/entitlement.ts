import { Controller, Inject } from '@nestjs/common';
import type { Feature } from '#libs/control-plane/control-plane.js';
import { assertEntitled, reportUsage } from '#libs/control-plane/usage.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { Caller, noOrganization } from '../caller.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { findOrganization } from '../organizations/organization.service.js';
import { machineOf } from '../rbac/rbac.js';
import { entitlements } from './entitlement.wire.js';
import { assertSeatIsFree, seatFeature } from './seats.js';

/** What an organization's plan allows, and what it uses of it. */
@Controller()
export class EntitlementController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  @Operation(entitlements.get, { guarded: 'belonging to the organization' }, { limit: 'none' })
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof entitlements.get>) {
    const { machine } = caller;
    const organizationId =
      machine && machine.organizationId === path.organization_id
        ? machine.organizationId
        : (await this.installation.prisma.tx(platform, (tx) => findOrganization(tx, path.organization_id))).id;
    if (!caller.mayKnow(organizationId)) throw noOrganization();
    if (path.feature === seatFeature) await this.installation.prisma.tx(within(organizationId), (tx) => assertSeatIsFree(tx, organizationId));
    else await this.installation.db.tx(within(organizationId), (tx) => assertEntitled(tx, organizationId, path.feature as Feature));
    return true;
  }

  /** Anything but 200 makes a server answer 500 to its user although the thing was made, so repeated and unknown events are taken, too. */
  @Operation(entitlements.report, { guarded: "the attached server's own token" }, { limit: 'none' })
  async report(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof entitlements.report>) {
    const machine = machineOf(caller);
    const named = body.metadata?.workspace_id ?? machine.workspaceId;
    if (body.organization_id !== machine.organizationId || named !== machine.workspaceId)
      throw new Problem('forbidden', 'The event is about another organization or workspace than the one this server logged in as.');
    await this.installation.db.tx(within(machine.organizationId), (tx) =>
      reportUsage(tx, {
        organizationId: machine.organizationId,
        workspaceId: machine.workspaceId,
        feature: body.feature as Feature,
        resourceId: body.metadata?.resource_id ?? null,
        total: body.total,
      }),
    );
    return {};
  }
}
