import type { KeyedHash } from '#libs/crypto/keyed-hash.js';

/** What a stored API key is judged by. */
export type ApiKeyState = {
  hash: string;
  /** Of the key before the last rotation. */
  previousHash: string | null;
  /** Until when the previous key still works. */
  retainUntilMs: number | null;
  /** 1 for a new key, one more with each rotation. */
  generation: number;
  isActive: boolean;
  expiresAtMs: number | null;
};

/** How a presented key fares. `generation` goes into the tokens minted from it. */
export type ApiKeyVerdict = { accepted: true; generation: number } | { accepted: false; because: 'inactive' | 'expired' | 'mismatch' };

export function judgeApiKey(hashes: KeyedHash, state: ApiKeyState, presented: string, nowMs: number): ApiKeyVerdict {
  const generation = matchingGeneration(hashes, state, presented, nowMs);
  // A wrong key learns nothing about the row, not even that it is inactive.
  if (generation === null) return { accepted: false, because: 'mismatch' };
  if (!state.isActive) return { accepted: false, because: 'inactive' };
  if (isPast(state.expiresAtMs, nowMs)) return { accepted: false, because: 'expired' };
  return { accepted: true, generation };
}

/** Whether a token minted from generation `generation` of the key still stands. Tokens without a generation are as old as the key. */
export function isApiKeyTokenValid(state: Omit<ApiKeyState, 'hash' | 'previousHash'>, generation: number | undefined, nowMs: number): boolean {
  if (!state.isActive || isPast(state.expiresAtMs, nowMs)) return false;
  if (generation === undefined || generation === state.generation) return true;
  return generation === state.generation - 1 && isRetained(state, nowMs);
}

/** The state after a rotation to `newHash`. The key before the current one ends at once, even if it was still retained. */
export function rotateApiKey(state: ApiKeyState, newHash: string, retainMinutes: number, nowMs: number): ApiKeyState {
  return {
    ...state,
    hash: newHash,
    previousHash: retainMinutes > 0 ? state.hash : null,
    retainUntilMs: retainMinutes > 0 ? nowMs + retainMinutes * 60_000 : null,
    generation: state.generation + 1,
  };
}

function matchingGeneration(hashes: KeyedHash, state: ApiKeyState, presented: string, nowMs: number): number | null {
  if (hashes.matches(presented, state.hash)) return state.generation;
  if (state.previousHash && isRetained(state, nowMs) && hashes.matches(presented, state.previousHash)) return state.generation - 1;
  return null;
}

function isRetained(state: Pick<ApiKeyState, 'retainUntilMs'>, nowMs: number): boolean {
  return state.retainUntilMs !== null && nowMs < state.retainUntilMs;
}

function isPast(momentMs: number | null, nowMs: number): boolean {
  return momentMs !== null && nowMs >= momentMs;
}
