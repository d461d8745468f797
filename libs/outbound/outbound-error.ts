/**
 * Why a request to a user-given URL did not answer.
 * - `forbidden`: the URL, or an address its host resolves to, may not be contacted from here
 * - `unreachable`: name or connection failed
 * - `timeout`, `too_large`, `too_many_redirects`: a limit of the caller was passed
 */
export type OutboundErrorKind = 'forbidden' | 'unreachable' | 'timeout' | 'too_large' | 'too_many_redirects';

/** The message may be shown to the user who gave the URL: it repeats what was given and never an address that we resolved. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly kind: OutboundErrorKind;

  constructor(kind: OutboundErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

/** SDKs wrap what a socket throws, some more than once; finds our refusal again in the chain of causes. */
export function findOutboundError(error: unknown): OutboundError | undefined {
  let current = error;
  for (let depth = 0; depth < 8 && current !== null && typeof current === 'object'; depth++) {
    if (current instanceof OutboundError) return current;
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
