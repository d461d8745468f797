import { Controller, Inject } from '@nestjs/common';
import type { Tx } from '#libs/database/db.js';
import { join, sql } from '#libs/database/sql.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { parseClientAgent } from '#libs/identity/client-agent.js';
import { approveDevice, type DeviceChange, type DeviceState, pollDevice } from '#libs/identity/device.rules.js';
import { newDeviceCode, newLinkUserCode } from '#libs/identity/device-code.js';
import { record } from '#libs/resource/audit.js';
import type { Caller } from '#libs/resource/caller.js';
import { uuidOf } from '#libs/resource/predicate.js';
import { resource } from '#libs/resource/resource.js';
import { missing, ResourceStore } from '#libs/resource/store.js';
import { OAuthDeviceFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { auth } from '#libs/wire/operations/auth.js';
import { authorizedDevices } from '#libs/wire/operations/authorized-devices.js';
import { Installation } from '../installation.js';
import { markOnboarding } from '../server/onboarding.js';

/** A command line that its owner approved in a browser. Everybody sees and manages their own. */
export const device = resource({
  name: 'device',
  table: 'auth_devices',
  access: null,
  named: false,
  body: {
    client_id: 'client_id',
    expires: 'expires',
    trusted_device: 'trusted_device',
    status: 'status',
    os: 'os',
    ip_address: 'ip_address',
    hostname: 'hostname',
  },
  metadata: {
    python_version: 'python_version',
    zenml_version: 'zenml_version',
    city: 'city',
    region: 'region',
    country: 'country',
    failed_auth_attempts: 'failed_auth_attempts',
    last_login: 'last_login',
  },
  filter: OAuthDeviceFilter,
});

type Row = {
  id: string;
  user_code: string;
  device_code: string;
  status: DeviceState['status'];
  user_id: string | null;
  expires_ms: number | null;
  failed_auth_attempts: number;
  trusted_device: boolean;
};

const columns = sql`id, user_code, device_code, status, user_id, (extract(epoch FROM expires) * 1000)::float8 AS expires_ms, failed_auth_attempts, trusted_device`;

@Controller()
export class DeviceController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(auth.device_authorization, { public: 'a command line starts its log-in here' }, { limit: 'sign_in' })
  async start(@Input() { body }: InputOf<typeof auth.device_authorization>, @Http() { request }: HttpExchange) {
    const tenant = await this.installation.tenants.of(request);
    if (tenant.identityMode === 'pro')
      throw new Problem('forbidden', 'Device authorization is not supported here; log in at the control plane.', { shape: 'plain' });
    const { authTimeoutSeconds, pollSeconds } = this.installation.local.devices;
    const agent = parseClientAgent(request.headers['user-agent']);
    const [deviceCode, userCode] = [newDeviceCode(), newLinkUserCode()];
    const { deviceCode: deviceHash, userCode: userHash } = this.installation.hashes;
    const id = await this.store.db.tx({ workspaceId: tenant.id }, async (tx) => {
      await tx.query(sql`DELETE FROM workspace.auth_devices WHERE workspace_id = ${tenant.id} AND user_id IS NULL AND expires < (now() AT TIME ZONE 'utc')`);
      // A known client starts anew: its old codes and tokens end here.
      const [row] = await tx.query<{ id: string }>(
        sql`INSERT INTO workspace.auth_devices (workspace_id, client_id, user_code, device_code, status, expires, os, ip_address, hostname, python_version, zenml_version, city, region, country)
            VALUES (${tenant.id}, ${body.client_id}, ${userHash.of(userCode)}, ${deviceHash.of(deviceCode)}, 'pending', (now() AT TIME ZONE 'utc') + make_interval(secs => ${authTimeoutSeconds}),
              ${agent.os}, ${request.ip}, ${agent.hostname}, ${agent.pythonVersion}, ${agent.zenmlVersion}, '', '', '')
            ON CONFLICT (workspace_id, client_id) DO UPDATE SET user_code = excluded.user_code, device_code = excluded.device_code, status = 'pending', expires = excluded.expires,
              failed_auth_attempts = 0, trusted_device = false, ip_address = excluded.ip_address, os = coalesce(excluded.os, auth_devices.os), hostname = coalesce(excluded.hostname, auth_devices.hostname),
              python_version = coalesce(excluded.python_version, auth_devices.python_version), zenml_version = coalesce(excluded.zenml_version, auth_devices.zenml_version), updated = (now() AT TIME ZONE 'utc')
            RETURNING id`,
      );
      return (row as { id: string }).id;
    });
    const page = `${this.installation.dashboardUrl(tenant.id)}/devices/verify`;
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?device_id=${id}&user_code=${userCode}`,
      expires_in: authTimeoutSeconds,
      interval: pollSeconds,
    };
  }

  @Operation(authorizedDevices.list_authorized_devices, { login: "one's own devices" })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof authorizedDevices.list_authorized_devices>) {
    // Whoever is named as scope_user, it is always the caller.
    const rawQuery = new URLSearchParams(input.rawQuery);
    if (uuidOf(rawQuery.get('scope_user') ?? '')) rawQuery.set('scope_user', caller.userId);
    return this.store.list(caller, device, { ...input, rawQuery }, { where: (t) => sql`${t}.user_id = ${caller.userId}` });
  }

  @Operation(authorizedDevices.get_authorization_device, { login: "one's own device, or one nobody owns yet with its user code" })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof authorizedDevices.get_authorization_device>) {
    const [row] = await this.store
      .reader(caller)
      .query<Row>(sql`SELECT ${columns} FROM workspace.auth_devices WHERE workspace_id = ${caller.workspaceId} AND id = ${path.device_id}`);
    const mayRead = row?.user_id
      ? row.user_id === caller.userId
      : row && query.user_code && this.installation.hashes.userCode.matches(query.user_code, row.user_code);
    if (!mayRead) throw missing(device, path.device_id);
    return this.store.get(caller, device, path.device_id, { hydrate: query.hydrate });
  }

  @Operation(authorizedDevices.update_authorized_device, { login: "one's own device" })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof authorizedDevices.update_authorized_device>) {
    return this.store.write(caller, async (tx) => {
      await this.#assertOwn(tx, caller, path.device_id);
      await this.store.updateRow(tx, caller, device, path.device_id, { status: body.locked == null ? undefined : body.locked ? 'locked' : 'active' });
      return this.store.reply(caller, device, path.device_id, tx);
    });
  }

  @Operation(authorizedDevices.delete_authorized_device, { login: "one's own device" })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof authorizedDevices.delete_authorized_device>) {
    return this.store.write(caller, async (tx) => {
      await this.#assertOwn(tx, caller, path.device_id);
      await this.store.deleteRow(tx, caller, device, path.device_id);
      return null;
    });
  }

  @Operation(authorizedDevices.verify_authorized_device, { login: 'the user code shows that the device is the own one' })
  async verify(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof authorizedDevices.verify_authorized_device>) {
    // A wrong code counts although the request fails, so the answer is decided inside and thrown outside of the transaction.
    const answer = await this.store.db.tx(caller, async (tx) => {
      const [row] = await tx.query<Row>(
        sql`SELECT ${columns} FROM workspace.auth_devices WHERE workspace_id = ${caller.workspaceId} AND id = ${path.device_id} FOR UPDATE`,
      );
      if (!row) throw missing(device, path.device_id);
      const isCodeRight = this.installation.hashes.userCode.matches(body.user_code, row.user_code);
      const decided = approveDevice(stateOf(row), isCodeRight, caller.userId, body.trusted_device, this.installation.options.clock());
      if (decided.change) await changeDevice(tx, caller.workspaceId, row.id, decided.change);
      if (decided.approved) {
        await markOnboarding(tx, caller.workspaceId, 'device_verified');
        await record(tx, caller, 'device.verify', { type: 'device', id: row.id, name: null, projectId: null });
      }
      return decided;
    });
    if (!answer.approved) throw new Problem('invalid', refusals[answer.change?.status === 'locked' ? 'locked' : answer.because]);
    return this.store.get(caller, device, path.device_id);
  }

  async #assertOwn(tx: Tx, caller: Caller, id: string): Promise<void> {
    await this.store.row(tx, caller, device, id, null, { columns: ['id'], lock: true, where: (t) => sql`${t}.user_id = ${caller.userId}` });
  }
}

const refusals = {
  unknown: 'This device belongs to somebody else.',
  not_pending: 'This device is not waiting for an approval. Start the log-in on it again.',
  expired: 'The time to approve this device is over. Start the log-in on it again.',
  wrong_code: 'The user code is wrong.',
  locked: 'The user code was wrong too often; the device is locked. Start the log-in on it again.',
};

/** What a command line gets for its device code: whose token it may have, or an error as RFC 8628 words it. */
export async function redeemDeviceCode(
  installation: Installation,
  workspaceId: string,
  clientId: string,
  deviceCode: string,
): Promise<{ deviceId: string; userId: string; endsMs: number | null }> {
  const answer = await installation.db.tx({ workspaceId }, async (tx) => {
    const [row] = await tx.query<Row>(
      sql`SELECT ${columns} FROM workspace.auth_devices WHERE workspace_id = ${workspaceId} AND client_id = ${clientId} FOR UPDATE`,
    );
    const isCodeRight = row !== undefined && installation.hashes.deviceCode.matches(deviceCode, row.device_code);
    const nowMs = installation.options.clock();
    const polled = pollDevice(row ? stateOf(row) : null, isCodeRight, nowMs);
    if (!polled.granted || !row) {
      if (row && polled.change) await changeDevice(tx, workspaceId, row.id, polled.change);
      return polled;
    }
    const minutes = row.trusted_device ? installation.local.devices.trustedMinutes : installation.local.devices.minutes;
    const endsMs = minutes === null ? null : nowMs + minutes * 60_000;
    // How often somebody guessed stays visible to the owner.
    const { failedAttempts: _kept, ...change } = polled.change;
    await changeDevice(tx, workspaceId, row.id, { ...change, expiresAtMs: endsMs });
    return { granted: true as const, deviceId: row.id, userId: row.user_id as string, endsMs };
  });
  if (answer.granted && 'deviceId' in answer) return answer;
  const { error, description } = answer as { error: string; description: string };
  throw new Problem('invalid', description, { shape: 'oauth', body: { error, error_description: description, error_uri: null } });
}

function stateOf(row: Row): DeviceState {
  return { status: row.status, userId: row.user_id, expiresAtMs: row.expires_ms, failedAttempts: row.failed_auth_attempts, isTrusted: row.trusted_device };
}

async function changeDevice(tx: Tx, workspaceId: string, id: string, change: DeviceChange): Promise<void> {
  const sets = [sql`updated = (now() AT TIME ZONE 'utc')`];
  if (change.status !== undefined) sets.push(sql`status = ${change.status}`);
  if (change.userId !== undefined) sets.push(sql`user_id = ${change.userId}`);
  if (change.isTrusted !== undefined) sets.push(sql`trusted_device = ${change.isTrusted}`);
  if (change.failedAttempts !== undefined) sets.push(sql`failed_auth_attempts = ${change.failedAttempts}`);
  if (change.expiresAtMs !== undefined)
    sets.push(change.expiresAtMs === null ? sql`expires = NULL` : sql`expires = to_timestamp(${change.expiresAtMs / 1_000}::float8) AT TIME ZONE 'utc'`);
  // Only the time of the last poll changed: this flow tells nobody to slow down, so it is not kept.
  if (sets.length === 1) return;
  await tx.query(sql`UPDATE workspace.auth_devices SET ${join(sets)} WHERE workspace_id = ${workspaceId} AND id = ${id}`);
}
