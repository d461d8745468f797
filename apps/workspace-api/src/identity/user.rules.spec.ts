import { optIn, otherAccountChange, ownAccountChange } from './user.rules.js';

const state = { active: true, is_admin: false };
const byAdmin = { isSelf: false, isAdmin: true };
const bySelf = { isSelf: true, isAdmin: true };

describe('changes of an account', () => {
  it('lets administrators change the rights and the state of others', () => {
    expect(otherAccountChange(state, { is_admin: true, active: false }, byAdmin)).toEqual({ is_admin: true, active: false });
  });

  it('ignores what stays as it is, even on the own account', () => {
    expect(otherAccountChange(state, { is_admin: false, active: true }, bySelf)).toEqual({});
  });

  it.each([{ is_admin: true }, { active: false }])('refuses %p on the own account', (update) => {
    expect(() => otherAccountChange(state, update, bySelf)).toThrow('your own account');
  });

  it.each([{ password: 'x' }, { email: 'a@b.c' }, { email_opted_in: false }])('refuses %p on the account of somebody else', (update) => {
    expect(() => otherAccountChange(state, update, byAdmin)).toThrow(expect.objectContaining({ status: 403 }));
  });

  it('takes an address without an answer as consent', () => {
    expect(optIn({ email: 'a@b.c' })).toEqual({ email: 'a@b.c', email_opted_in: true });
    expect(optIn({ email: 'a@b.c', email_opted_in: false })).toEqual({ email: 'a@b.c', email_opted_in: false });
    expect(optIn({})).toEqual({});
  });

  it('changes only those private data that were sent, also to nothing', () => {
    expect(ownAccountChange({ email: null })).toEqual({ email: null });
    expect(ownAccountChange({ name: 'x' })).toEqual({});
  });
});
