/**
 * Why a request to a user-given URL did not answer.
 * - `forbidden`: the URL, or an address its host resolves to, may not be contacted from here
 * - `unreachable`: name or connection failed
 * - `timeout`, `too_large`, `too_many_redirects`: a limit of the caller was passed
 */
export type OutboundErrorKind = 'forbidden' | 'unreachable' | 'timeout' | 'too_large' | 'too_many_redirects';

const CODE = 'ERR_OUTBOUND_';

/** The message may be shown to the user who gave the URL: it repeats what was given and never an address that we resolved. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly kind: OutboundErrorKind;
  /** For SDKs that copy message and code of a socket's error and drop the error. */
  readonly code: string;

  constructor(kind: OutboundErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
    this.code = `${CODE}${kind}`;
  }
}

/** SDKs wrap what a socket throws, some more than once; finds our refusal again in the chain of causes. */
export function findOutboundError(error: unknown): OutboundError | undefined {
  let current = error;
  for (let depth = 0; depth < 8 && current !== null && typeof current === 'object'; depth++) {
    if (current instanceof OutboundError) return current;
    if ('code' in current && typeof current.code === 'string' && current.code.startsWith(CODE)) {
      return new OutboundError(current.code.slice(CODE.length) as OutboundErrorKind, String((current as unknown as Error).message), {
        cause: current,
      });
    }
    if ('errors' in current && Array.isArray(current.errors)) {
      for (const inner of current.errors) {
        const found = findOutboundError(inner);
        if (found) return found;
      }
    }
    current = 'cause' in current ? current.cause : undefined;
  }
  return undefined;
}
