import { Problem } from '#libs/http/problem.js';
import type { UserUpdate } from '#libs/wire/models/user.js';

/** What decisions on a change of an account rest on. */
export type OtherState = { active: boolean; is_admin: boolean };

/** Whoever gives an e-mail address without answering the question agreed to get e-mails. */
export function optIn<T extends { email?: string | null; email_opted_in?: boolean | null }>(change: T): T {
  return change.email != null && change.email_opted_in == null ? { ...change, email_opted_in: true } : change;
}

/** What people may change of their private data; only what was sent. */
export function ownAccountChange(update: UserUpdate): { email?: string | null; email_opted_in?: boolean | null } {
  const change: { email?: string | null; email_opted_in?: boolean | null } = {};
  if (update.email !== undefined) change.email = update.email;
  if (update.email_opted_in !== undefined) change.email_opted_in = update.email_opted_in;
  return change;
}

/** What one may set while activating an account. */
export function activationFields({ name, full_name, user_metadata, avatar_url, default_project_id }: UserUpdate) {
  return { name, full_name, user_metadata, avatar_url, default_project_id };
}

/**
 * The changes of rights and state that `PUT /users/{user}` asks for. Nobody changes the own ones, and passwords and e-mails are never changed for others.
 * @throws Problem 403
 */
export function otherAccountChange(
  state: OtherState,
  update: Pick<UserUpdate, 'is_admin' | 'active' | 'password' | 'email' | 'email_opted_in'>,
  by: { isSelf: boolean; isAdmin: boolean },
): Partial<OtherState> {
  if (update.password != null && !by.isSelf)
    throw new Problem('forbidden', "Nobody can change somebody else's password. Deactivate the account and have it activated again instead.");
  const change: Partial<OtherState> = {};
  for (const [field, text] of [
    ['is_admin', 'administrator status'],
    ['active', 'active status'],
  ] as const) {
    const wanted = update[field];
    if (wanted == null || wanted === state[field]) continue;
    if (by.isSelf) throw new Problem('forbidden', `You cannot change the ${text} of your own account.`);
    if (!by.isAdmin) throw new Problem('forbidden', `Only administrators can change the ${text} of an account.`);
    change[field] = wanted;
  }
  if (!by.isSelf && (update.email != null || update.email_opted_in != null))
    throw new Problem('forbidden', 'Nobody can change the e-mail address of somebody else.');
  return change;
}
