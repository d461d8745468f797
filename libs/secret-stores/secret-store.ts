/** A secret's keys and values. */
export type SecretValues = Record<string, string>;

/**
 * Where the values of secrets are kept, each secret under its own id. Keys and rights are somebody else's business.
 * Every method throws only `SecretStoreError`s.
 */
export interface SecretStore {
  /** Creates the secret or replaces all of its values. */
  put(id: string, values: SecretValues): Promise<void>;
  /** Throws `not_found` for a secret that is not there, or that another deployment keeps in the same place. */
  get(id: string): Promise<SecretValues>;
  /** Removes the secret for good, at once. Throws `not_found` if it is not there. */
  remove(id: string): Promise<void>;
  /** The ids of this deployment's secrets, in no promised order. */
  list(): AsyncIterable<string>;
  /** Closes connections. The store cannot be used afterwards. */
  close(): Promise<void>;
}
