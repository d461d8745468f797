import { Controller, Inject } from '@nestjs/common';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { withoutEnd } from '#libs/text/trim.js';
import type { InputOf } from '#libs/wire/operation.js';
import { parseUuid } from '#libs/wire/types.js';
import { audit } from '../audit/audit.js';
import { Caller, noOrganization } from '../caller.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { findOrganization } from '../organizations/organization.service.js';
import { servedVersion } from '../version.js';
import { visibleTo } from './visibility.js';
import { afterDeactivate, afterDeploy, afterReport, assertNotOlder, isRestorable, nameAsGiven, nameWhenDeleted } from './workspace.rules.js';
import { holdOrganization, noWorkspace, type WorkspaceRow, WorkspaceService, workspaceFields, writeNamed } from './workspace.service.js';
import { workspaceStatus, workspaces } from './workspace.wire.js';

type Listing = InputOf<(typeof workspaces.list)[0]>['query'];

const visible = { guarded: 'being able to enter the workspace' };
const manage = (action: 'create' | 'update' | 'delete') => ({ action, on: 'workspace' }) as const;

@Controller()
export class WorkspaceController {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly workspaces: WorkspaceService,
  ) {}

  @Operation(workspaces.list, visible)
  async list(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<(typeof workspaces.list)[0]>) {
    const rows = await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudWorkspace.findMany({
        where: { AND: [{ identityMode: 'pro' }, visibleTo(caller, query.member_only === true), this.#filtered(query)] },
        select: workspaceFields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map((row) => this.workspaces.reply(row));
  }

  @Operation(workspaces.get, visible)
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<(typeof workspaces.get)[0]>) {
    return this.workspaces.reply(await this.installation.prisma.tx(platform, (tx) => this.#find(tx, caller, path.workspace_id)));
  }

  @Operation(workspaces.create, manage('create'))
  async create(@CurrentCaller() caller: Caller, @Input() { query, body = {} }: InputOf<(typeof workspaces.create)[0]>) {
    const { id: userId } = caller.requirePerson();
    const name = body.name ?? query.name;
    if (!name) throw new Problem('unprocessable', "1 validation error:\n  ('body', 'name'): Field required", { shape: 'validation' });
    const organizationId = await this.#organizationFor(caller, body.organization_id ?? query.organization_id ?? query.organization ?? null);
    caller.require('create', 'workspace', organizationId);
    const configuration = body.zenml_service?.configuration ?? {};
    assertNotOlder(configuration.version, query.enroll ? '0.0.0' : servedVersion);
    const { row, enrollmentKey } = await this.installation.prisma.tx(platform, async (tx) => {
      const ownerId = body.owner_id ?? userId;
      if (ownerId !== userId) await this.#assertMayOwn(tx, caller, organizationId, ownerId);
      const made = await this.workspaces.create(tx, {
        organizationId,
        name,
        displayName: body.display_name ?? null,
        description: body.description ?? null,
        logoUrl: body.logo_url ?? null,
        ownerId,
        isManaged: !query.enroll,
        configuration,
      });
      await audit(tx, caller.actor, { action: 'workspace.create', ...placeOf(made.row), details: { enroll: query.enroll } });
      return made;
    });
    return this.#withEnrollment(await this.#current(row), enrollmentKey);
  }

  @Operation(workspaces.update, manage('update'))
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<(typeof workspaces.update)[0]>) {
    if (body.desired_state === 'not_initialized')
      throw new Problem('invalid', "A workspace cannot be told to be 'not_initialized'; use 'available', 'deactivated' or 'deleted'.");
    if (body.desired_state === 'deleted') return this.#delete(caller, path.workspace_id);
    const row = await this.#change(caller, path.workspace_id, 'workspace.update', async (tx, before) => {
      const current = before.configuration as { version?: string };
      const configuration = body.zenml_service?.configuration;
      assertNotOlder(configuration?.version, current.version ?? (before.isManaged ? servedVersion : (before.serverVersion ?? '0.0.0')));
      const state =
        body.desired_state === 'available' ? afterDeploy(stateOf(before)) : body.desired_state === 'deactivated' ? afterDeactivate(stateOf(before)) : {};
      const data = {
        ...(body.name == null ? {} : { name: body.name }),
        ...(body.display_name === undefined ? {} : { displayName: body.display_name }),
        ...(body.description === undefined ? {} : { description: body.description }),
        ...(body.logo_url === undefined ? {} : { logoUrl: body.logo_url }),
        ...state,
      };
      const merged = configuration ? { configuration: { ...current, ...withoutNulls(configuration) } as Prisma.InputJsonObject } : {};
      const after = await writeNamed(body.name ?? before.name, () =>
        tx.cloudWorkspace.update({ where: { id: before.id }, data: { ...data, ...merged, updated: this.installation.now() }, select: workspaceFields }),
      );
      return { after, details: { ...data, ...merged } };
    });
    return this.workspaces.reply(await this.#current(row));
  }

  @Operation(workspaces.delete, manage('delete'))
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<(typeof workspaces.delete)[0]>) {
    return this.#delete(caller, path.workspace_id);
  }

  @Operation(workspaces.deploy, manage('update'))
  deploy(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<(typeof workspaces.deploy)[0]>) {
    return this.#move(caller, path.workspace_id, 'workspace.deploy', afterDeploy);
  }

  @Operation(workspaces.deploy_by_patch, manage('update'))
  deployByPatch(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<(typeof workspaces.deploy_by_patch)[0]>) {
    return this.#move(caller, path.workspace_id, 'workspace.deploy', afterDeploy);
  }

  @Operation(workspaces.deactivate, manage('update'))
  deactivate(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<(typeof workspaces.deactivate)[0]>) {
    return this.#move(caller, path.workspace_id, 'workspace.deactivate', afterDeactivate);
  }

  @Operation(workspaces.deactivate_by_patch, manage('update'))
  deactivateByPatch(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<(typeof workspaces.deactivate_by_patch)[0]>) {
    return this.#move(caller, path.workspace_id, 'workspace.deactivate', afterDeactivate);
  }

  /** Undoes a deletion within the grace period. */
  @Operation(workspaces.restore, manage('delete'))
  async restore(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<(typeof workspaces.restore)[0]>) {
    const row = await this.#change(
      caller,
      path.workspace_id,
      'workspace.restore',
      async (tx, before) => {
        if (before.status !== 'deleted') return { after: before, details: {} };
        if (!isRestorable(before, this.installation.nowMs()))
          throw new Problem('exists', 'The time in which the workspace could be restored is over; it is being removed.');
        await holdOrganization(tx, before.organizationId);
        const name = nameAsGiven(before.name);
        const state = afterDeploy({ ...stateOf(before), status: 'deactivated' });
        const after = await writeNamed(name, () =>
          tx.cloudWorkspace.update({
            where: { id: before.id },
            data: { ...state, name, deleted: null, purgeAfter: null, updated: this.installation.now() },
            select: workspaceFields,
          }),
        );
        return { after, details: {} };
      },
      'delete',
    );
    return this.workspaces.reply(await this.#current(row));
  }

  /** One more enrollment key for an attached workspace: the old one goes on working, so a server can be moved to the new one without an outage. */
  @Operation(workspaces.enroll, manage('update'))
  async enroll(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<(typeof workspaces.enroll)[0]>) {
    let key: string | null = null;
    const row = await this.#change(caller, path.workspace_id, 'workspace.enroll', async (tx, before) => {
      if (before.isManaged) throw new Problem('invalid', 'This workspace is served by this installation; only attached ones have enrollment keys.');
      key = await this.workspaces.mintEnrollmentKey(tx, before.organizationId, before.id, caller.id);
      return { after: before, details: {} };
    });
    return this.#withEnrollment(row, key);
  }

  @Operation(workspaceStatus, { guarded: "the attached server's own token" }, { limit: 'none' })
  async report(@CurrentCaller() caller: Caller, @Http() { request }: HttpExchange) {
    const { machine } = caller;
    if (!machine) throw new Problem('forbidden', 'Only attached workspace servers report their status.');
    const header = (name: string) => (request.headers[name] as string | undefined)?.slice(0, 2_000) || null;
    const serverId = header('zenml-server-id');
    if (serverId && parseUuid(serverId) !== machine.workspaceId)
      throw new Problem('forbidden', 'The server reports for another workspace than the one it logged in as.');
    const url = header('zenml-server-url');
    const serverUrl = url && withoutEnd(url, '/');
    await this.installation.prisma.tx(within(machine.organizationId), async (tx) => {
      const before = await tx.cloudWorkspace.findUniqueOrThrow({ where: { id: machine.workspaceId }, select: workspaceFields });
      if (before.isManaged) return;
      const { status } = afterReport(stateOf(before));
      const isUrl = serverUrl !== null && /^https?:\/\//.test(serverUrl);
      await tx.cloudWorkspace.update({
        where: { id: machine.workspaceId },
        data: {
          status,
          stateReason: '',
          lastReported: this.installation.now(),
          serverVersion: header('zenml-server-version'),
          ...(isUrl ? { serverUrl } : {}),
          updated: this.installation.now(),
        },
        select: { id: true },
      });
      await audit(tx, caller.actor, { action: 'workspace.report', ...placeOf(before), details: { server_url: serverUrl, status } });
    });
    return null;
  }

  #delete(caller: Caller, idOrName: string) {
    return this.#change(
      caller,
      idOrName,
      'workspace.delete',
      async (tx, before) => {
        if (before.status === 'deleted') return { after: before, details: {} };
        const nowMs = this.installation.nowMs();
        const purgeAfter = new Date(nowMs + this.installation.graceHours * 3_600_000);
        const after = await tx.cloudWorkspace.update({
          where: { id: before.id },
          data: {
            name: nameWhenDeleted(before.name, before.id.slice(0, 8)),
            status: 'deleted',
            desiredState: 'deleted',
            stateReason: `Deleted; can be restored until ${purgeAfter.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
            deleted: new Date(nowMs),
            purgeAfter,
            updated: new Date(nowMs),
          },
          select: workspaceFields,
        });
        return { after, details: { purge_after: purgeAfter.toISOString() } };
      },
      'delete',
    ).then((row) => this.workspaces.reply(row));
  }

  async #move(caller: Caller, idOrName: string, action: string, next: typeof afterDeploy) {
    const row = await this.#change(caller, idOrName, action, async (tx, before) => {
      const state = next(stateOf(before));
      const after = await tx.cloudWorkspace.update({ where: { id: before.id }, data: { ...state, updated: this.installation.now() }, select: workspaceFields });
      return { after, details: state };
    });
    return this.workspaces.reply(await this.#current(row));
  }

  async #change(
    caller: Caller,
    idOrName: string,
    action: string,
    work: (tx: PrismaTx, before: WorkspaceRow) => Promise<{ after: WorkspaceRow; details: Prisma.InputJsonObject }>,
    permission: 'update' | 'delete' = 'update',
  ): Promise<WorkspaceRow> {
    return this.installation.prisma.tx(platform, async (tx) => {
      const found = await this.#find(tx, caller, idOrName);
      caller.require(permission, 'workspace', found.organizationId, found.id);
      await tx.$queryRaw`SELECT id::text FROM cloud.workspace WHERE id = ${found.id}::uuid FOR UPDATE`;
      const before = await tx.cloudWorkspace.findUniqueOrThrow({ where: { id: found.id }, select: workspaceFields });
      const { after, details } = await work(tx, before);
      await audit(tx, caller.actor, { action, ...placeOf(before), details });
      if (after.isManaged && after.status === 'pending') tx.afterCommit(() => this.workspaces.provision(after.id, after.name));
      return after;
    });
  }

  /** By id, or by name; deleted ones by id only, for as long as they can be restored. @throws Problem 404 */
  async #find(tx: PrismaTx, caller: Caller, idOrName: string): Promise<WorkspaceRow> {
    const id = parseUuid(idOrName);
    const row = await tx.cloudWorkspace.findFirst({
      where: { identityMode: 'pro', ...(id ? { id } : { name: idOrName, status: { not: 'deleted' } }) },
      select: workspaceFields,
    });
    const isOwn = row !== null && caller.machine?.workspaceId === row.id;
    if (!row || !(isOwn || caller.mayEnter(row))) throw noWorkspace();
    return row;
  }

  /** The row as it is after what ran at commit. */
  async #current(row: WorkspaceRow): Promise<WorkspaceRow> {
    return this.installation.prisma.tx(within(row.organizationId), (tx) =>
      tx.cloudWorkspace.findUniqueOrThrow({ where: { id: row.id }, select: workspaceFields }),
    );
  }

  async #organizationFor(caller: Caller, idOrName: string | null): Promise<string> {
    const known = [...caller.knownOrganizations()];
    if (idOrName === null) {
      if (known.length === 1) return known[0] as string;
      throw new Problem('unprocessable', "1 validation error:\n  ('body', 'organization_id'): Field required", { shape: 'validation' });
    }
    const { id } = await this.installation.prisma.tx(platform, (tx) => findOrganization(tx, idOrName));
    if (!caller.mayKnow(id)) throw noOrganization();
    return id;
  }

  /** Another owner gets the workspace's administrator role, so they must belong to the organization already. */
  async #assertMayOwn(tx: PrismaTx, caller: Caller, organizationId: string, ownerId: string): Promise<void> {
    caller.require('update', 'member', organizationId);
    const isMember = await tx.cloudRoleAssignment.count({ where: { organizationId, userId: ownerId, role: { level: 'organization' } } });
    if (isMember === 0) throw new Problem('not_found', 'The owner is not a member of the organization.');
  }

  #filtered(query: Listing): Prisma.CloudWorkspaceWhereInput {
    const name = query.workspace_name ?? query.tenant_name;
    const id = query.workspace_id ?? query.tenant_id;
    return {
      ...(name ? { name } : {}),
      ...(id ? { id } : {}),
      ...(query.organization_id ? { organizationId: query.organization_id } : {}),
      ...(query.owner_id ? { ownerId: query.owner_id } : {}),
      ...(query.is_managed == null ? {} : { isManaged: query.is_managed }),
      status: query.status ?? { not: 'deleted' },
      ...(query.url ? { AND: [this.#atUrl(query.url)] } : {}),
    };
  }

  /** Our own URLs follow from the id, so the one that is meant is found by the eight letters that may stand in it. */
  #atUrl(text: string): Prisma.CloudWorkspaceWhereInput {
    const url = withoutEnd(text, '/');
    const slugs = [...url.matchAll(/[0-9a-f]{8}/gi)].map(([slug]) => slug.toLowerCase());
    const ours = slugs.filter((slug) => this.installation.options.urls.match(requestFor(url))?.slug.startsWith(slug));
    return {
      OR: [
        { isManaged: false, serverUrl: url },
        { isManaged: true, slug: { in: ours } },
      ],
    };
  }

  #withEnrollment(row: WorkspaceRow, key: string | null) {
    if (!key) return this.workspaces.reply(row);
    const { cloudUrl } = this.installation;
    return {
      ...this.workspaces.reply(row),
      enrollment_key: key,
      // What to start the server with; see the README.
      enrollment: {
        ZENML_SERVER_DEPLOYMENT_TYPE: 'cloud',
        ZENML_SERVER_PRO_API_URL: cloudUrl,
        ZENML_SERVER_PRO_DASHBOARD_URL: cloudUrl,
        ZENML_SERVER_PRO_OAUTH2_AUDIENCE: cloudUrl,
        ZENML_SERVER_PRO_OAUTH2_CLIENT_SECRET: key,
        ZENML_SERVER_PRO_ORGANIZATION_ID: row.organizationId,
        ZENML_SERVER_PRO_ORGANIZATION_NAME: row.organization.name,
        ZENML_SERVER_PRO_WORKSPACE_ID: row.id,
        ZENML_SERVER_PRO_WORKSPACE_NAME: row.name,
      },
    };
  }
}

function requestFor(url: string): { headers: { host: string }; url: string } {
  try {
    const { host, pathname } = new URL(url);
    return { headers: { host }, url: pathname };
  } catch {
    return { headers: { host: '' }, url: '/' };
  }
}

function stateOf(row: WorkspaceRow) {
  return { status: row.status, desiredState: row.desiredState, isManaged: row.isManaged, hasReported: row.serverUrl !== null };
}

function placeOf(row: WorkspaceRow) {
  return { organizationId: row.organizationId, workspaceId: row.id, target: { type: 'workspace', id: row.id, name: nameAsGiven(row.name) } };
}

function withoutNulls(configuration: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(configuration).filter(([, value]) => value !== null && value !== undefined));
}
