import { judgeSignIn, strangerOf } from './oidc.rules.js';

const open = { id: 'c', createsUsers: true, emailDomains: [] };
const account = { id: 'u', isActive: true, emailVerified: true, oauthProvider: null };
const person = strangerOf({ sub: 's', email: 'Ann@Example.com', email_verified: true, name: 'Ann', picture: 'javascript:alert(1)' });

describe('a sign-in at a provider', () => {
  it('reads claims without trusting them', () => {
    expect(person).toEqual({ subject: 's', email: 'ann@example.com', isEmailVerified: true, name: 'Ann', avatarUrl: null });
    expect(strangerOf({ sub: 's', email: 5, email_verified: 'true' })).toMatchObject({ email: null, isEmailVerified: false });
  });

  it('means the account it is linked to, or a new one', () => {
    expect(judgeSignIn(open, person, account, null)).toEqual({ kind: 'known', account });
    expect(judgeSignIn(open, person, null, null)).toEqual({ kind: 'create' });
    expect(judgeSignIn({ ...open, createsUsers: false }, person, null, null).kind).toBe('refuse');
  });

  it('takes an account over only with a verified address, and only one that no other sign-in has', () => {
    expect(judgeSignIn(open, person, null, account)).toEqual({ kind: 'link', account, isUnproven: false });
    expect(judgeSignIn(open, person, null, { ...account, emailVerified: false })).toMatchObject({ kind: 'link', isUnproven: true });
    expect(judgeSignIn(open, { ...person, isEmailVerified: false }, null, account).kind).toBe('refuse');
    expect(judgeSignIn(open, person, null, { ...account, oauthProvider: 'other' }).kind).toBe('refuse');
  });

  it('keeps inactive accounts and other domains out', () => {
    expect(judgeSignIn(open, person, { ...account, isActive: false }, null).kind).toBe('refuse');
    const closed = { ...open, emailDomains: ['example.com'] };
    expect(judgeSignIn(closed, person, null, null).kind).toBe('create');
    expect(judgeSignIn(closed, { ...person, isEmailVerified: false }, account, null).kind).toBe('refuse');
    expect(judgeSignIn(closed, { ...person, email: 'ann@example.com.evil.test' }, null, null).kind).toBe('refuse');
  });
});
