import { emailDomain, normalizeEmail } from '#libs/identity/email.js';

export type OidcClaims = Record<string, unknown> & { sub: string };

/** What a provider says of a person, as far as accounts rest on it. */
export type Stranger = { subject: string; email: string | null; isEmailVerified: boolean; name: string | null; avatarUrl: string | null };

export type Account = { id: string; isActive: boolean; emailVerified: boolean; oauthProvider: string | null };
export type Connection = { id: string; createsUsers: boolean; emailDomains: readonly string[] };

export type Verdict =
  | { kind: 'known'; account: Account }
  /** `isUnproven`: nobody has shown that the address is theirs, so what was set up under it may be somebody else's and goes. */
  | { kind: 'link'; account: Account; isUnproven: boolean }
  | { kind: 'create' }
  | { kind: 'refuse'; because: string };

export function strangerOf(claims: OidcClaims): Stranger {
  const text = (name: string, max: number) => (typeof claims[name] === 'string' && claims[name] ? (claims[name] as string).slice(0, max) : null);
  const email = text('email', 320);
  const picture = text('picture', 2_000);
  return {
    subject: claims.sub,
    email: email?.includes('@') ? normalizeEmail(email) : null,
    // Only what is said outright: providers that let people write any address into their profile leave it out or say no.
    isEmailVerified: claims.email_verified === true,
    name: text('name', 255),
    avatarUrl: picture && /^https?:\/\//.test(picture) ? picture : null,
  };
}

/**
 * Whom a sign-in at a provider means here. An account is taken over only with an address that the provider has verified: anything less would let everybody
 * who can sign up there in as anybody here.
 */
export function judgeSignIn(connection: Connection, stranger: Stranger, bySubject: Account | null, byEmail: Account | null): Verdict {
  const { email, isEmailVerified } = stranger;
  if (connection.emailDomains.length > 0 && !(isEmailVerified && connection.emailDomains.includes(emailDomain(email ?? '') ?? '')))
    return refuse('Only addresses of certain domains may sign in this way, and the provider has to have verified them.');
  const account = bySubject ?? byEmail;
  if (account && !account.isActive) return refuse('The account is not active.');
  if (bySubject) return { kind: 'known', account: bySubject };
  if (byEmail) {
    if (!isEmailVerified) return refuse('There is an account with this e-mail address, and the provider does not say that the address is yours.');
    if (byEmail.oauthProvider !== null) return refuse('The account with this e-mail address belongs to another sign-in.');
    return { kind: 'link', account: byEmail, isUnproven: !byEmail.emailVerified };
  }
  return connection.createsUsers ? { kind: 'create' } : refuse('You have no account here. Ask an administrator to invite you.');
}

function refuse(because: string): Verdict {
  return { kind: 'refuse', because };
}
