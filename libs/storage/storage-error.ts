/**
 * Why an object store could not do what was asked.
 * - `not_found`: nothing is stored there, or the bucket does not exist
 * - `forbidden`: the store refused the credentials, or this server may not contact it
 * - `outside_root`: the path is not inside the artifact store's own root
 * - `unavailable`: the store does not answer, answers too slowly or is throttling; trying again may help
 * - `too_large`: the object is larger than the caller is ready to take
 * - `unsupported`: the store's flavor, or its configuration, cannot be used from the server
 */
export type StorageErrorKind = 'not_found' | 'forbidden' | 'outside_root' | 'unavailable' | 'too_large' | 'unsupported';

/** The message speaks to the user and names the URI they gave; what the SDK said is the `cause`. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly kind: StorageErrorKind;

  constructor(kind: StorageErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}
