import type { Answer } from '#libs/testing/api-client.js';

/** `yes`, `denied` for a missing grant, `refused` for a rule that binds everybody, or the status that says something else. */
export function verdict(answer: Answer): string {
  if (answer.status < 300) return 'yes';
  if (answer.status !== 403) return String(answer.status);
  return /Insufficient permissions/.test(answer.text) ? 'denied' : 'refused';
}
