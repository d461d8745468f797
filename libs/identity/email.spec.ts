import { emailDomain, emailOrPlaceholder, normalizeEmail } from './email.js';

describe('e-mail addresses', () => {
  it('are compared without regard to case', () => {
    expect(normalizeEmail(' Ada@Example.COM ')).toBe('ada@example.com');
    expect(emailDomain('Ada@Example.COM')).toBe('example.com');
    for (const text of ['ada', '@example.com', 'ada@']) expect(emailDomain(text)).toBeNull();
  });

  it('are made up for people without one, since workspace servers insist', () => {
    expect(emailOrPlaceholder({ email: 'ada@example.com', username: 'ada' })).toBe('ada@example.com');
    expect(emailOrPlaceholder({ email: null, username: 'Ada L.' })).toBe('ada-l.@local.invalid');
  });
});
