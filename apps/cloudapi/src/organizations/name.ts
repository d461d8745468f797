import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import type { PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { type InputOf, operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { nothing } from '#libs/wire/types.js';
import { Caller, noOrganization } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { idOrName } from '../wire.js';
import { nameTaken } from '../workspaces/workspace.service.js';
import { workspaceName } from '../workspaces/workspace.wire.js';
import { findOrganization, organizationNameTaken } from './organization.service.js';
import { organizationName } from './organization.wire.js';

const shared = { tag: 'organizations', method: 'post', bodyRequired: false, response: nothing(), errors: [401, 404, 409, 422], dedup: false } as const;
const inOrganization = z.object({ organization_id: idOrName });
const ofOrganization = {
  query: z.object({ name: organizationName.nullish() }),
  body: model('CloudOrganizationName', z.object({ name: organizationName.nullish() })),
};
const ofWorkspace = { query: z.object({ name: workspaceName.nullish() }), body: model('CloudWorkspaceName', z.object({ name: workspaceName.nullish() })) };

export const names = {
  fresh: operation({ ...shared, ...ofOrganization, id: 'validate_new_organization_name', path: '/organizations/validation/name' }),
  organization: operation({
    ...shared,
    ...ofOrganization,
    id: 'validate_organization_name',
    path: '/organizations/{organization_id}/validation/name',
    pathParams: inOrganization,
  }),
  workspace: operation({
    ...shared,
    ...ofWorkspace,
    id: 'validate_workspace_name',
    path: '/organizations/{organization_id}/validation/workspace_name',
    pathParams: inOrganization,
  }),
  tenant: operation({
    ...shared,
    ...ofWorkspace,
    id: 'validate_tenant_name',
    path: '/organizations/{organization_id}/validation/tenant_name',
    pathParams: inOrganization,
    deprecated: true,
  }),
};

/** Whether a name could be given: answered exactly as giving it would be, 409 when it is taken and 422 when it cannot be a name. Forms ask while people type. */
@Controller()
export class NameController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  @Operation(names.fresh, { login: 'whether a name is taken is told to whoever tries to take it' })
  async fresh(@Input() input: InputOf<typeof names.fresh>) {
    return this.installation.prisma.tx(platform, (tx) => assertOrganizationNameIsFree(tx, nameOf(input), null));
  }

  @Operation(names.organization, { guarded: 'having a role or share in the organization' })
  async organization(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof names.organization>) {
    return this.installation.prisma.tx(platform, async (tx) => {
      const { id } = await findOrganization(tx, input.path.organization_id);
      if (!caller.mayKnow(id)) throw noOrganization();
      return assertOrganizationNameIsFree(tx, nameOf(input), id);
    });
  }

  @Operation([names.workspace, names.tenant], { guarded: 'having a role or share in the organization' })
  async workspace(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof names.workspace>) {
    return this.installation.prisma.tx(platform, async (tx) => {
      const { id } = await findOrganization(tx, input.path.organization_id);
      if (!caller.mayKnow(id)) throw noOrganization();
      const name = nameOf(input);
      if ((await tx.cloudWorkspace.count({ where: { name } })) > 0) throw nameTaken(name);
      return null;
    });
  }
}

async function assertOrganizationNameIsFree(tx: PrismaTx, name: string, exceptId: string | null): Promise<null> {
  const taken = await tx.cloudOrganization.findUnique({ where: { name }, select: { id: true } });
  if (taken && taken.id !== exceptId) throw organizationNameTaken(name);
  return null;
}

function nameOf({ query, body }: { query: { name?: string | null | undefined }; body?: { name?: string | null | undefined } | undefined }): string {
  const name = body?.name ?? query.name;
  if (!name) throw new Problem('unprocessable', "1 validation error:\n  ('body', 'name'): Field required", { shape: 'validation' });
  return name;
}
