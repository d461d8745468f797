import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Scope } from '#libs/database/db.js';
import { databaseFault } from '#libs/database/errors.js';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { Problem } from '#libs/http/problem.js';
import { rotateApiKey } from '#libs/identity/api-key.rules.js';
import { proKeys } from '#libs/identity/key-format.js';
import { parseUuid } from '#libs/wire/types.js';
import { audit } from '../audit/audit.js';
import type { Caller } from '../caller.js';
import { CloudInstallation } from '../installation.js';
import { naive, naiveOrNull } from '../wire.js';

const fields = {
  id: true,
  name: true,
  description: true,
  active: true,
  created: true,
  updated: true,
  expires: true,
  lastLogin: true,
  lastRotated: true,
  retainPeriodMinutes: true,
} as const satisfies Prisma.CloudApiKeySelect;

type Row = Prisma.CloudApiKeyGetPayload<{ select: typeof fields }>;

/** Whose keys: a person's own, or those of an organization's service account. */
export type KeyHolder = { userId: string; username: string; organizationId: string | null; scope: Scope };

export type NewKey = { name: string; description?: string | null | undefined; expires_in_minutes?: number | null | undefined };
export type KeyChange = { name?: string | null | undefined; description?: string | null | undefined; active?: boolean | null | undefined };
export type Page = { offset: number; limit: number };

/** `ZENPROKEY_` keys. The key itself leaves the process once, in the answer that made it. */
@Injectable()
export class ApiKeyService {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  async list(holder: KeyHolder, page: Page) {
    const rows = await this.#tx(holder, (tx) =>
      tx.cloudApiKey.findMany({
        where: { userId: holder.userId },
        select: fields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: page.offset,
        take: page.limit,
      }),
    );
    return rows.map((row) => reply(row));
  }

  async get(holder: KeyHolder, idOrName: string) {
    return reply(await this.#tx(holder, (tx) => this.#find(tx, holder, idOrName)));
  }

  async create(caller: Caller, holder: KeyHolder, body: NewKey) {
    const id = randomUUID();
    const key = proKeys.mint(id);
    const minutes = body.expires_in_minutes ?? null;
    const row = await this.#tx(holder, async (tx) => {
      const made = await named(body.name, () =>
        tx.cloudApiKey.create({
          data: {
            id,
            userId: holder.userId,
            organizationId: holder.organizationId,
            name: body.name,
            description: body.description ?? null,
            hash: this.installation.hashes.proKey.of(key),
            expires: minutes === null ? null : new Date(this.installation.nowMs() + minutes * 60_000),
          },
          select: fields,
        }),
      );
      await this.#audit(tx, caller, holder, 'api_key.create', made, { expires: naiveOrNull(made.expires) });
      return made;
    });
    return reply(row, key);
  }

  async update(caller: Caller, holder: KeyHolder, idOrName: string, change: KeyChange) {
    return this.#tx(holder, async (tx) => {
      const { id, name } = await this.#find(tx, holder, idOrName);
      const data = {
        ...(change.name == null ? {} : { name: change.name }),
        ...(change.description === undefined ? {} : { description: change.description }),
        ...(change.active == null ? {} : { active: change.active }),
      };
      const row = await named(change.name ?? name, () =>
        tx.cloudApiKey.update({ where: { id }, data: { ...data, updated: this.installation.now() }, select: fields }),
      );
      await this.#audit(tx, caller, holder, 'api_key.update', row, data);
      return reply(row);
    });
  }

  /** A new key in the place of the old one, which goes on working for the grace period. */
  async rotate(caller: Caller, holder: KeyHolder, idOrName: string, retainMinutes: number) {
    const nowMs = this.installation.nowMs();
    return this.#tx(holder, async (tx) => {
      const { id } = await this.#find(tx, holder, idOrName);
      await tx.$queryRaw`SELECT id::text FROM cloud.api_key WHERE id = ${id}::uuid FOR UPDATE`;
      const current = await tx.cloudApiKey.findUniqueOrThrow({ where: { id } });
      const key = proKeys.mint(id);
      const next = rotateApiKey(
        {
          hash: current.hash,
          previousHash: current.previousHash,
          retainUntilMs: current.retainUntil?.getTime() ?? null,
          generation: current.generation,
          isActive: current.active,
          expiresAtMs: current.expires?.getTime() ?? null,
        },
        this.installation.hashes.proKey.of(key),
        retainMinutes,
        nowMs,
      );
      const row = await tx.cloudApiKey.update({
        where: { id },
        data: {
          hash: next.hash,
          previousHash: next.previousHash,
          retainUntil: next.retainUntilMs === null ? null : new Date(next.retainUntilMs),
          generation: next.generation,
          retainPeriodMinutes: retainMinutes,
          lastRotated: new Date(nowMs),
          updated: new Date(nowMs),
        },
        select: fields,
      });
      await this.#audit(tx, caller, holder, 'api_key.rotate', row, { retain_period_minutes: retainMinutes });
      return reply(row, key);
    });
  }

  async delete(caller: Caller, holder: KeyHolder, idOrName: string): Promise<null> {
    return this.#tx(holder, async (tx) => {
      const row = await this.#find(tx, holder, idOrName);
      await tx.cloudApiKey.delete({ where: { id: row.id }, select: { id: true } });
      await this.#audit(tx, caller, holder, 'api_key.delete', row);
      return null;
    });
  }

  #tx<T>(holder: KeyHolder, work: (tx: PrismaTx) => Promise<T>): Promise<T> {
    return this.installation.prisma.tx(holder.scope, work);
  }

  async #find(tx: PrismaTx, holder: KeyHolder, idOrName: string): Promise<Row> {
    const id = parseUuid(idOrName);
    const row = await tx.cloudApiKey.findFirst({ where: { userId: holder.userId, ...(id ? { id } : { name: idOrName }) }, select: fields });
    if (!row) throw new Problem('not_found', `There is no API key '${idOrName}' here.`);
    return row;
  }

  #audit(tx: PrismaTx, caller: Caller, holder: KeyHolder, action: string, row: Row, details: Prisma.InputJsonObject = {}): Promise<void> {
    return audit(tx, caller.actor, {
      action,
      organizationId: holder.organizationId,
      target: { type: 'api_key', id: row.id, name: row.name },
      details: { account: holder.username, account_id: holder.userId, ...details },
    });
  }
}

async function named<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique') throw new Problem('exists', `There is already an API key named '${name}'.`, { cause: error });
    throw error;
  }
}

function reply(row: Row, key: string | null = null) {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    active: row.active,
    key,
    created: naive(row.created),
    updated: naive(row.updated),
    expires: naiveOrNull(row.expires),
    last_login: naiveOrNull(row.lastLogin),
    last_rotated: naiveOrNull(row.lastRotated),
    retain_period_minutes: row.retainPeriodMinutes,
  };
}
