export type TokenRejection = 'malformed' | 'signature' | 'expired' | 'issuer' | 'audience' | 'claims';

const texts: Record<TokenRejection, string> = {
  malformed: 'The token is malformed.',
  signature: 'The token was not issued here, or was altered.',
  expired: 'The token has expired. Log in again.',
  issuer: 'The token was issued by another server.',
  audience: 'The token is meant for another server.',
  claims: 'The token lacks claims that it needs.',
};

/** A token that is not to be trusted. The text is safe to show to whoever sent it. */
export class TokenRejected extends Error {
  constructor(
    readonly reason: TokenRejection,
    options?: ErrorOptions,
  ) {
    super(texts[reason], options);
  }
}
