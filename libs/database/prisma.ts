import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../generated/prisma/client.js';
import { statementName } from './sql.js';

export type PrismaOptions = {
  url: string;
  /** Role taken at connect; it owns nothing and cannot bypass row-level security. */
  role: 'workspace_api' | 'cloudapi';
  max?: number;
  connectTimeoutMs?: number;
  statementTimeoutMs?: number;
};

/**
 * The generated client, for code that is not on the hot path. It knows no tenant: in the schema `workspace` it sees rows only inside
 * a `$transaction` that begins with `set_config('app.workspace_id', …, true)`. Everything tenant-bound goes through `Db` instead.
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
      statementNameGenerator: ({ sql }) => statementName(sql) as string /* undefined means unnamed to pg, which the adapter's type does not say */,
      onPoolError: () => {},
    },
  );
  return new PrismaClient({ adapter });
}

export type { PrismaClient };
