import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../../generated/prisma/client.js';
import type { Scope } from './db.js';
import { nameOf } from './sql.js';
import { DatabaseUnavailable, throughConflicts } from './unavailable.js';

export type PrismaOptions = {
  url: string;
  /** Role taken at connect; it owns nothing and cannot bypass row-level security. */
  role: 'workspace_api' | 'cloudapi';
  max?: number;
  connectTimeoutMs?: number;
  statementTimeoutMs?: number;
};

/**
 * The generated client, for code that is not on the hot path. It knows no tenant, so by itself it sees no rows: `ScopedPrisma` gives it one.
 */
export function createPrisma(options: PrismaOptions): PrismaClient {
  const adapter = new PrismaPg(
    {
      connectionString: options.url,
      max: options.max ?? 10,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
      options: `-c role=${options.role} -c statement_timeout=${options.statementTimeoutMs ?? 30_000} -c search_path=workspace,cloud,public -c idle_in_transaction_session_timeout=60000`,
      application_name: options.role,
      keepAlive: true,
    },
    // A connection that dies while idle must not end the process; the next checkout opens another.
    {
      statementNameGenerator: ({ sql }) => nameOf(sql) as string /* undefined means unnamed to pg, which the adapter's type does not say */,
      onPoolError: () => {},
    },
  );
  return new PrismaClient({ adapter });
}

/** The generated client inside one transaction. */
export type PrismaTx = Prisma.TransactionClient & {
  /** Runs after COMMIT succeeded; never when the transaction rolled back. */
  afterCommit(effect: () => void | Promise<void>): void;
};

const transactionTimes = { maxWait: 5_000, timeout: 20_000 };

/** The generated client with a tenant: every piece of work is a transaction whose first statement says whose rows it may see. */
export class ScopedPrisma {
  constructor(private readonly client: PrismaClient) {}

  /** In a conflict with another transaction it is made again, so `work` may run more than once. */
  async tx<T>(scope: Scope, work: (tx: PrismaTx) => Promise<T>): Promise<T> {
    const { workspaceId, organizationId, isPlatform } = scope;
    let effects: (() => void | Promise<void>)[] = [];
    const attempt = () =>
      this.client.$transaction(async (tx) => {
        effects = [];
        // Until the end of the transaction: the connection goes back to the pool without a tenant.
        await tx.$queryRaw`SELECT set_config('app.workspace_id', ${workspaceId ?? ''}, true), set_config('app.organization_id', ${organizationId ?? ''}, true), set_config('app.platform', ${isPlatform ? 'on' : ''}, true)`;
        return work(Object.assign(tx, { afterCommit: (effect: () => void | Promise<void>) => void effects.push(effect) }));
      }, transactionTimes);
    const result = await throughConflicts(attempt).catch((error) => {
      throw unavailable(error);
    });
    for (const effect of effects) await effect();
    return result;
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
  }
}

/** Prisma's codes for a server that is away, a pool that is full, a transaction that took too long and a connection that broke. */
const awayCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);

function unavailable(error: unknown): unknown {
  const { code, meta } = error as { code?: string; meta?: { driverAdapterError?: { cause?: { originalCode?: string; originalMessage?: string } } } };
  if (code && awayCodes.has(code)) return new DatabaseUnavailable(error);
  const cause = meta?.driverAdapterError?.cause;
  const driven = DatabaseUnavailable.from(cause ? { code: cause.originalCode, message: cause.originalMessage } : error);
  return driven instanceof DatabaseUnavailable ? new DatabaseUnavailable(error, driven.message) : error;
}

/** Null as a JSON column's value in the database. */
export const { DbNull } = Prisma;
export type { Prisma, PrismaClient };
