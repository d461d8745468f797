import { Controller, Inject } from '@nestjs/common';
import type { PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { parseUuid } from '#libs/wire/types.js';
import { audit } from '../audit/audit.js';
import { Caller } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { type DeviceRow, deviceFields, deviceReply } from './device.reply.js';
import { DeviceService } from './device.service.js';
import { devices } from './device.wire.js';

const own = { login: "one's own devices" };

@Controller()
export class DeviceController {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly devices: DeviceService,
  ) {}

  @Operation(devices.list, own)
  async list(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof devices.list>) {
    const { id: userId } = caller.requirePerson();
    const rows = await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudDevice.findMany({
        where: { userId, ...(query.status ? { status: query.status } : {}), ...(query.trusted_device == null ? {} : { trustedDevice: query.trusted_device }) },
        select: deviceFields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map(deviceReply);
  }

  @Operation(devices.verify, { login: 'whoever has the code may let the device act for them' })
  async verify(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof devices.verify>) {
    const metadata = body.device_metadata ?? {};
    const named = metadata.workspace_id ?? metadata.tenant_id ?? null;
    const workspaceId = typeof named === 'string' ? parseUuid(named) : undefined;
    if (named !== null && !workspaceId) throw new Problem('invalid', 'device_metadata.tenant_id must be the id of a workspace.');
    const row = await this.devices.approve(caller, { userCode: body.user_code, isTrusted: body.trusted_device, workspaceId: workspaceId ?? null, metadata });
    return deviceReply(row);
  }

  @Operation(devices.get, own)
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof devices.get>) {
    const { id: userId } = caller.requirePerson();
    const id = parseUuid(path.device_id_or_user_code);
    const row = id
      ? await this.installation.prisma.tx(platform, (tx) => tx.cloudDevice.findFirst({ where: { id, userId }, select: deviceFields }))
      : await this.devices.pendingBy(path.device_id_or_user_code);
    if (!row) throw noDevice();
    return deviceReply(row);
  }

  /** Locking ends the device's tokens at once; unlocking lets them work again until they expire. */
  @Operation(devices.update, own)
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof devices.update>) {
    return this.#change(caller, path.device_id, 'device.update', async (tx, before) => {
      if (body.locked != null && !['active', 'locked'].includes(before.status)) throw new Problem('invalid', 'Only devices that have logged in can be locked.');
      // One that was refused or locked before it fetched its token never had one.
      const isUnlockable = before.lastLogin !== null;
      if (body.locked === false && !isUnlockable) throw new Problem('invalid', 'This device never logged in. Start its log-in again.');
      const data = {
        ...(body.locked == null ? {} : { status: body.locked ? 'locked' : 'active', failedAttempts: 0 }),
        ...(body.name === undefined ? {} : { name: body.name }),
      };
      return tx.cloudDevice.update({ where: { id: before.id }, data: { ...data, updated: this.installation.now() }, select: deviceFields });
    });
  }

  @Operation(devices.delete, own)
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof devices.delete>) {
    await this.#change(caller, path.device_id, 'device.delete', (tx, before) => tx.cloudDevice.delete({ where: { id: before.id }, select: deviceFields }));
    return null;
  }

  async #change(caller: Caller, id: string, action: string, work: (tx: PrismaTx, before: DeviceRow) => Promise<DeviceRow>) {
    const { id: userId } = caller.requirePerson();
    const row = await this.installation.prisma.tx(platform, async (tx) => {
      const before = await tx.cloudDevice.findFirst({ where: { id, userId }, select: deviceFields });
      if (!before) throw noDevice();
      const after = await work(tx, before);
      await audit(tx, caller.actor, { action, target: { type: 'device', id, name: after.name ?? after.hostname }, details: { status: after.status } });
      return after;
    });
    return deviceReply(row);
  }
}

function noDevice(): Problem {
  return new Problem('not_found', 'You have no device with this id or code.');
}
