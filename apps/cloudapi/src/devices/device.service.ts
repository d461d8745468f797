import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import type { RequestFacts } from '#libs/http/caller.js';
import { Problem } from '#libs/http/problem.js';
import { parseClientAgent } from '#libs/identity/client-agent.js';
import { cloudLifetimeSeconds } from '#libs/identity/cloud-token.js';
import { approveDevice, type DeviceChange, type DeviceState, deviceCodeTimes, pollDevice } from '#libs/identity/device.rules.js';
import { newDeviceCode, newUserCode, normalizeUserCode } from '#libs/identity/device-code.js';
import { audit } from '../audit/audit.js';
import { type TokenReply, tokenReply } from '../auth/token-reply.js';
import type { Caller } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { type DeviceRow, deviceFields } from './device.reply.js';

type Decided = { row: DeviceRow; problem: null } | { row: null; problem: Problem };

/** Command lines that log in through a browser. All rows are a person's own or nobody's yet, so the work is for the installation. */
@Injectable()
export class DeviceService {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  /**
   * The codes of a new authorization. A client that names a device it used before gets a new one all the same (its row says the same person's name once it
   * is approved): whoever merely knows a device's id could otherwise void it.
   */
  async start(clientId: string, _knownDeviceId: string | null, request: RequestFacts) {
    const { installation } = this;
    const deviceCode = newDeviceCode();
    const userCode = newUserCode();
    const agent = parseClientAgent(request.userAgent);
    const id = randomUUID();
    await installation.prisma.tx(platform, async (tx) => {
      // Codes that nobody fetched are of no use to anybody; this keeps the table short without a job of its own.
      await tx.cloudDevice.deleteMany({ where: { status: 'pending', expires: { lt: new Date(installation.nowMs() - 86_400_000) } } });
      await tx.cloudDevice.create({
        data: {
          id,
          clientId,
          deviceCodeHash: installation.hashes.deviceCode.of(deviceCode),
          userCodeHash: installation.hashes.userCode.of(userCode),
          expires: new Date(installation.nowMs() + deviceCodeTimes.expiresInSeconds * 1_000),
          hostname: agent.hostname,
          os: agent.os,
          pythonVersion: agent.pythonVersion,
          zenmlVersion: agent.zenmlVersion,
          ipAddress: request.ip,
        },
        select: { id: true },
      });
    });
    const uri = `${installation.cloudUrl}/devices/verify`;
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: uri,
      verification_uri_complete: `${uri}?${new URLSearchParams({ device_id: id, user_code: userCode })}`,
      expires_in: deviceCodeTimes.expiresInSeconds,
      interval: deviceCodeTimes.intervalSeconds,
    };
  }

  /** What the waiting command line asks again and again. Errors have the form of RFC 8628, or the client's loop ends. */
  async poll(clientId: string, deviceCode: string, request: RequestFacts): Promise<TokenReply> {
    const { installation } = this;
    const nowMs = installation.nowMs();
    // The refusal's own changes (counters) must be committed, so it is thrown after the transaction.
    const answer = await installation.prisma.tx(platform, async (tx): Promise<TokenReply | Problem> => {
      const row = await this.#lockedBy(tx, { column: 'device_code_hash', hashes: installation.hashes.deviceCode.candidates(deviceCode) });
      const known = row && row.clientId === clientId ? row : null;
      const verdict = pollDevice(known ? stateOf(known) : null, true, nowMs);
      if (known && verdict.change) await this.#write(tx, known.id, verdict.change);
      if (!verdict.granted)
        return new Problem('invalid', verdict.description, { shape: 'oauth', body: { error: verdict.error, error_description: verdict.description } });
      const device = known as DeviceRow;
      const lifetimeSeconds = cloudLifetimeSeconds[device.trustedDevice ? 'trusted_device' : 'device'];
      const expires = new Date(nowMs + lifetimeSeconds * 1_000);
      await tx.cloudDevice.update({
        where: { id: device.id },
        data: { deviceCodeHash: null, userCodeHash: null, expires, lastLogin: installation.now(), updated: installation.now() },
        select: { id: true },
      });
      const userId = device.userId as string;
      const signed = installation.tokens.sign({ typ: 'device', sub: userId, device_id: device.id }, { lifetimeSeconds });
      await audit(
        tx,
        { type: 'user', id: userId, name: null, credential: { type: 'device', id: device.id }, request },
        { action: 'sign_in', workspaceId: device.workspaceId, details: { method: 'device', hostname: device.hostname } },
      );
      return tokenReply(signed.token, signed.expiresInSeconds, { device_id: device.id, device_metadata: device.metadata as Record<string, unknown> });
    });
    if (answer instanceof Problem) throw answer;
    return answer;
  }

  /** The pending authorization that a user code names, for the person who is about to approve it; null when there is none. */
  async pendingBy(userCode: string): Promise<DeviceRow | null> {
    return this.installation.prisma.tx(platform, (tx) =>
      tx.cloudDevice.findFirst({
        where: {
          userCodeHash: { in: this.installation.hashes.userCode.candidates(normalizeUserCode(userCode)) },
          status: 'pending',
          expires: { gt: this.installation.now() },
        },
        select: deviceFields,
      }),
    );
  }

  /** Approves a device for the caller and one workspace. @throws Problem 400, 404 */
  async approve(
    caller: Caller,
    {
      userCode,
      isTrusted,
      workspaceId,
      metadata = {},
    }: { userCode: string; isTrusted: boolean; workspaceId: string | null; metadata?: Record<string, unknown> },
  ): Promise<DeviceRow> {
    const person = caller.requirePerson();
    if (person.isServiceAccount) throw new Problem('forbidden', 'Devices are approved by people.');
    const decided = await this.installation.prisma.tx(platform, async (tx): Promise<Decided> => {
      const row = await this.#lockedBy(tx, { column: 'user_code_hash', hashes: this.installation.hashes.userCode.candidates(normalizeUserCode(userCode)) });
      const verdict = approveDevice(row ? stateOf(row) : null, true, person.id, isTrusted, this.installation.nowMs());
      if (!row || !verdict.approved)
        return { row: null, problem: new Problem('invalid', 'This code is not valid, was used before, or has expired. Start the log-in again.') };
      let organizationId: string | null = null;
      if (workspaceId !== null) {
        const workspace = await tx.cloudWorkspace.findFirst({
          where: { id: workspaceId, status: { not: 'deleted' } },
          select: { id: true, organizationId: true },
        });
        if (!workspace || !caller.mayEnter(workspace)) throw new Problem('not_found', 'There is no workspace with this id, or you are not a member of it.');
        organizationId = workspace.organizationId;
      }
      await this.#write(tx, row.id, verdict.change);
      // The first is the only name that clients read, the second is what it means today.
      const chosen = workspaceId === null ? {} : { tenant_id: workspaceId, workspace_id: workspaceId };
      const approved = await tx.cloudDevice.update({
        where: { id: row.id },
        data: { workspaceId, metadata: { ...metadata, ...chosen } as Prisma.InputJsonObject },
        select: deviceFields,
      });
      await audit(tx, caller.actor, {
        action: 'device.approve',
        organizationId,
        workspaceId,
        target: { type: 'device', id: row.id, name: row.hostname },
        details: { trusted: isTrusted },
      });
      return { row: approved, problem: null };
    });
    if (decided.problem) throw decided.problem;
    return decided.row as DeviceRow;
  }

  /** Refuses a waiting device: its command line stops at once. Codes that are not there any more need no refusal. */
  async refuse(caller: Caller, userCode: string): Promise<void> {
    await this.installation.prisma.tx(platform, async (tx) => {
      const row = await this.#lockedBy(tx, { column: 'user_code_hash', hashes: this.installation.hashes.userCode.candidates(normalizeUserCode(userCode)) });
      if (row?.status !== 'pending') return;
      await tx.cloudDevice.update({ where: { id: row.id }, data: { status: 'locked', updated: this.installation.now() }, select: { id: true } });
      await audit(tx, caller.actor, { action: 'device.refuse', target: { type: 'device', id: row.id, name: row.hostname } });
    });
  }

  async #lockedBy(tx: PrismaTx, { column, hashes }: { column: 'device_code_hash' | 'user_code_hash'; hashes: string[] }): Promise<DeviceRow | null> {
    const [found] =
      column === 'device_code_hash'
        ? await tx.$queryRaw<{ id: string }[]>`SELECT id::text FROM cloud.device WHERE device_code_hash = ANY(${hashes}::text[]) FOR UPDATE`
        : await tx.$queryRaw<{ id: string }[]>`SELECT id::text FROM cloud.device WHERE user_code_hash = ANY(${hashes}::text[]) FOR UPDATE`;
    return found ? tx.cloudDevice.findUnique({ where: { id: found.id }, select: deviceFields }) : null;
  }

  async #write(tx: PrismaTx, id: string, change: DeviceChange): Promise<void> {
    await tx.cloudDevice.update({
      where: { id },
      data: {
        ...(change.status ? { status: change.status } : {}),
        ...(change.userId ? { userId: change.userId } : {}),
        ...(change.failedAttempts === undefined ? {} : { failedAttempts: change.failedAttempts }),
        ...(change.isTrusted === undefined ? {} : { trustedDevice: change.isTrusted }),
        ...(change.lastPolledMs == null ? {} : { lastPolled: new Date(change.lastPolledMs) }),
        updated: this.installation.now(),
      },
      select: { id: true },
    });
  }
}

function stateOf(row: DeviceRow): DeviceState {
  return {
    status: row.status as DeviceState['status'],
    userId: row.userId,
    expiresAtMs: row.expires?.getTime() ?? null,
    failedAttempts: row.failedAttempts,
    isTrusted: row.trustedDevice,
    lastPolledMs: row.lastPolled?.getTime() ?? null,
  };
}
