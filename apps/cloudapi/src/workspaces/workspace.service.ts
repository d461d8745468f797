import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { createDataKey } from '#libs/crypto/envelope.js';
import { databaseFault } from '#libs/database/errors.js';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { Problem } from '#libs/http/problem.js';
import { enrollmentKeys } from '#libs/identity/key-format.js';
import { noOrganization } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { assignBuiltIn, organizationFields, organizationReply } from '../organizations/organization.service.js';
import { userFields, userReply } from '../users/user.js';
import { servedVersion } from '../version.js';
import { naive, naiveOrNull, type workspaceStatuses } from '../wire.js';
import { nameAsGiven } from './workspace.rules.js';

export const workspaceFields = {
  id: true,
  name: true,
  displayName: true,
  description: true,
  logoUrl: true,
  workspaceType: true,
  isManaged: true,
  status: true,
  desiredState: true,
  stateReason: true,
  serverUrl: true,
  serverVersion: true,
  configuration: true,
  organizationId: true,
  purgeAfter: true,
  created: true,
  updated: true,
  organization: { select: { ...organizationFields, owner: false } },
  owner: { select: userFields },
} as const satisfies Prisma.CloudWorkspaceSelect;

export type WorkspaceRow = Prisma.CloudWorkspaceGetPayload<{ select: typeof workspaceFields }>;

export type NewWorkspace = {
  organizationId: string;
  name: string;
  displayName?: string | null;
  description?: string | null;
  logoUrl?: string | null;
  ownerId: string | null;
  isManaged: boolean;
  configuration?: Record<string, unknown>;
};

/** Two ids with the same first eight hex letters: a new one is drawn. */
const maxDraws = 5;

@Injectable()
export class WorkspaceService {
  readonly #log = new Logger('workspaces');

  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  /** Where clients reach a workspace: ours by its id, attached ones where they reported from. */
  urlOf(row: Pick<WorkspaceRow, 'id' | 'isManaged' | 'serverUrl'>): string | null {
    return row.isManaged ? this.installation.options.urls.urlOf(row.id) : row.serverUrl;
  }

  reply(row: WorkspaceRow) {
    const configuration = row.configuration as { version?: string; admin?: Record<string, unknown> };
    const serverUrl = row.status === 'available' || row.status === 'pending' ? this.urlOf(row) : null;
    const version = row.serverVersion ?? (row.isManaged ? servedVersion : null);
    return {
      id: row.id,
      name: nameAsGiven(row.name),
      display_name: row.displayName ?? nameAsGiven(row.name),
      description: row.description,
      logo_url: row.logoUrl,
      organization: organizationReply({ ...row.organization, owner: null }),
      organization_id: row.organizationId,
      owner: row.owner ? userReply(row.owner) : null,
      desired_state: row.desiredState,
      state_reason: row.stateReason,
      status: row.status as (typeof workspaceStatuses)[number],
      is_managed: row.isManaged,
      workspace_type: row.workspaceType,
      zenml_service: {
        configuration: { version: configuration.version ?? version ?? servedVersion, admin: configuration.admin ?? null },
        status: serverUrl ? { server_url: serverUrl, version } : null,
      },
      kitaru_service: null,
      purge_after: naiveOrNull(row.purgeAfter),
      created: naive(row.created),
      updated: naive(row.updated),
    };
  }

  /** Inserts the row, its data key and the owner's role; `afterCommit` provisions it. An attached one gets an enrollment key instead. */
  async create(tx: PrismaTx, fields: NewWorkspace): Promise<{ row: WorkspaceRow; enrollmentKey: string | null }> {
    const { configuration = {}, ...rest } = fields;
    await holdOrganization(tx, fields.organizationId);
    const id = await this.#drawId(tx);
    await writeNamed(fields.name, () =>
      tx.cloudWorkspace.create({
        data: {
          ...rest,
          id,
          slug: id.slice(0, 8),
          configuration: configuration as Prisma.InputJsonObject,
          status: fields.isManaged ? 'pending' : 'not_initialized',
          desiredState: 'available',
        },
        select: { id: true },
      }),
    );
    await tx.cloudWorkspaceDataKey.create({
      data: { organizationId: fields.organizationId, workspaceId: id, wrapped: createDataKey(this.installation.options.master, id) },
      select: { id: true },
    });
    if (fields.ownerId)
      await assignBuiltIn(tx, { organizationId: fields.organizationId, userId: fields.ownerId, level: 'workspace', role: 'Workspace Admin', workspaceId: id });
    const enrollmentKey = fields.isManaged ? null : await this.mintEnrollmentKey(tx, fields.organizationId, id, fields.ownerId);
    if (fields.isManaged) tx.afterCommit(() => this.provision(id, fields.name));
    return { row: await tx.cloudWorkspace.findUniqueOrThrow({ where: { id }, select: workspaceFields }), enrollmentKey };
  }

  async mintEnrollmentKey(tx: PrismaTx, organizationId: string, workspaceId: string, createdBy: string | null): Promise<string> {
    const id = randomUUID();
    const key = enrollmentKeys.mint(id);
    await tx.cloudEnrollmentKey.create({
      data: { id, organizationId, workspaceId, createdBy, hash: this.installation.hashes.enrollmentKey.of(key) },
      select: { id: true },
    });
    return key;
  }

  /**
   * Makes a pending workspace available. Without a host in this process the workspace stays pending until the one that serves it has seen it.
   * A failure leaves it `failed` with a reason, and a PATCH to `available` tries again.
   */
  async provision(id: string, name: string): Promise<void> {
    const { host } = this.installation.options;
    if (!host) return;
    let state = { status: 'available', stateReason: '' };
    try {
      await host.provision({ id, name });
    } catch (error) {
      this.#log.error({ err: error, workspaceId: id }, 'a workspace could not be set up');
      state = { status: 'failed', stateReason: 'The workspace could not be set up. The log of the server has details.' };
    }
    await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudWorkspace.updateMany({ where: { id, status: { in: ['pending', 'failed'] } }, data: { ...state, updated: this.installation.now() } }),
    );
  }

  async provisionPending(): Promise<void> {
    const pending = await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudWorkspace.findMany({ where: { status: 'pending', isManaged: true, identityMode: 'pro' }, select: { id: true, name: true } }),
    );
    for (const { id, name } of pending) await this.provision(id, name);
  }

  async #drawId(tx: PrismaTx): Promise<string> {
    for (let draw = 0; draw < maxDraws; draw++) {
      const id = randomUUID();
      // Two at once with one slug is left to the unique index; the caller's retry draws again.
      const taken = await tx.$queryRaw<unknown[]>`SELECT 1 FROM cloud.workspace WHERE slug = ${id.slice(0, 8)}`;
      if (taken.length === 0) return id;
    }
    throw new Problem('unavailable', 'No free address was found for the workspace. Try again.', { headers: { 'Retry-After': '1' } });
  }
}

/** Keeps the organization from being deleted until the transaction ends. @throws Problem 404 when it has been */
export async function holdOrganization(tx: PrismaTx, organizationId: string): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`SELECT 1 FROM cloud.organization WHERE id = ${organizationId}::uuid AND deleted IS NULL FOR KEY SHARE`;
  if (rows.length === 0) throw noOrganization();
}

/** A write that gives a workspace its name. @throws Problem 409 when another one has it, whoever's it is */
export async function writeNamed<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique') throw nameTaken(name, error);
    throw error;
  }
}

export function nameTaken(name: string, cause?: unknown): Problem {
  return new Problem('exists', `There is already a workspace named '${name}'. Names are unique in the whole installation.`, { cause });
}

export function noWorkspace(): Problem {
  return new Problem('not_found', 'There is no workspace with this id or name, or you are not a member of it.');
}
