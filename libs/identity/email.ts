/** An e-mail address as it is compared and stored: trimmed, lower case. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** The domain of an address, lower case; null when it has none. */
export function emailDomain(email: string): string | null {
  const at = email.lastIndexOf('@');
  return at > 0 && at < email.length - 1
    ? email
        .slice(at + 1)
        .trim()
        .toLowerCase()
    : null;
}

/** Workspace servers refuse people without an address, so those who have none get one that can never receive mail (RFC 2606). */
export function emailOrPlaceholder(user: { email: string | null; username: string }): string {
  return user.email || `${user.username.toLowerCase().replace(/[^a-z0-9._-]+/g, '-')}@local.invalid`;
}
