import { type Place, platformSealer, SealBroken } from './envelope.js';
import { MasterKeyProblem, type MasterKeys } from './master-key.js';

const place: Place = { workspaceId: null, table: 'setting', column: 'value', id: 'master_key_canary' };

/** A text to store beside the data; opening it later shows that the master key is still the one the data was written with. */
export function createCanary(master: MasterKeys): string {
  return platformSealer(master).seal('canary', place);
}

/** Throws when the data was written under a master key that is not here: starting anyway would void every token and lose every secret. */
export function checkCanary(master: MasterKeys, canary: string): void {
  try {
    platformSealer(master).open(canary, place);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new MasterKeyProblem(
      'The database was written under another master key. Give that one in MASTER_KEY (after the new one, separated by a comma, to rotate it).',
      { cause: error },
    );
  }
}
