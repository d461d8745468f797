/**
 * Why a secret store could not do what was asked.
 * - `not_found`: no such secret, or not one of this deployment
 * - `forbidden`: the store refused the credentials it was given, or may not be contacted
 * - `unavailable`: no answer, too many requests, sealed; trying again may help
 * - `invalid`: the configuration is incomplete, or what is stored is not a secret of ours
 */
export type SecretStoreErrorKind = 'not_found' | 'forbidden' | 'unavailable' | 'invalid';

/** Neither message nor cause ever holds a secret's values. */
export class SecretStoreError extends Error {
  override readonly name = 'SecretStoreError';
  readonly kind: SecretStoreErrorKind;

  constructor(kind: SecretStoreErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

export function notFound(id: string): SecretStoreError {
  return new SecretStoreError('not_found', `No values are stored for the secret '${id}'.`);
}

/** Ids become part of a path or a name, so only UUIDs are taken. */
export function checkedId(id: string): string {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(id)) throw new SecretStoreError('invalid', `'${id}' is not the id of a secret.`);
  return id.toLowerCase();
}

/** Values read back from a store, which anybody with access to it could have changed. */
export function checkedValues(value: unknown, id: string): Record<string, string> {
  const isValid = value !== null && typeof value === 'object' && !Array.isArray(value) && Object.values(value).every((item) => typeof item === 'string');
  if (!isValid) throw new SecretStoreError('invalid', `What is stored for the secret '${id}' is not a set of values.`);
  return value as Record<string, string>;
}
