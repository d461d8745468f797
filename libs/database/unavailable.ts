import { setTimeout as pause } from 'node:timers/promises';

/** The database is away, starting, full, too slow or shutting down. Becomes 503 with `Retry-After`; the text names no host. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown, message = 'The database is not reachable at the moment. Try again shortly.') {
    super(message, { cause });
  }

  /** The error as it should travel on: unavailable ones are wrapped, all others stay what they are. */
  static from(error: unknown, atConnect = false): unknown {
    if (error instanceof DatabaseUnavailable) return error;
    const { code = '', message = '' } = error as { code?: string; message?: string };
    const isAway =
      atConnect ||
      code.startsWith('08') ||
      code.startsWith('57P') ||
      code === '53300' ||
      code === 'ECONNREFUSED' ||
      code === 'ECONNRESET' ||
      code === 'EPIPE' ||
      /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect/.test(message);
    if (isAway) return new DatabaseUnavailable(error);
    // No room or memory, a statement past its time, a lock that somebody keeps, a conflict that did not go away: not the request's fault, either.
    const isBusy = code.startsWith('53') || code === '57014' || code === '55P03' || isConflict(error);
    return isBusy ? new DatabaseUnavailable(error, 'The database could not do this at the moment. Try again shortly.') : error;
  }
}

/** How often a transaction is begun before a conflict is the caller's to hear of. */
const mostAttempts = 4;

/**
 * Makes again what the database ended for another transaction's sake: both wanted the same rows in different orders (a deadlock), and nothing was written.
 * @param attempt one transaction, from its beginning; what it collects for later it must begin anew
 */
export async function throughConflicts<T>(attempt: () => Promise<T>): Promise<T> {
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      if (made === mostAttempts || !isConflict(error)) throw error;
      // The other one was woken by this one's end, but may not have taken its rows yet: whoever begins at once takes them away again.
      await pause(made * (10 + Math.random() * 20));
    }
  }
}

/** A deadlock or a serialization failure, as `pg` says it or as Prisma does. */
function isConflict(error: unknown): boolean {
  const { code, meta } = error as { code?: string; meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } };
  return ['40P01', '40001', 'P2034'].includes(code ?? '') || ['40P01', '40001'].includes(meta?.driverAdapterError?.cause?.originalCode ?? '');
}
