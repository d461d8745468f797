/** The database is away, starting, full or shutting down. Becomes 503 with `Retry-After`; the text names no host. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super('The database is not reachable at the moment. Try again shortly.', { cause });
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
    return isAway ? new DatabaseUnavailable(error) : error;
  }
}
