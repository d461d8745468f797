import { commonPasswords } from './common-passwords.js';
import { maxPasswordLength } from './password.js';

const minLength = 10;

/** What is wrong with a new password, in words for its owner; empty when it will do. Length and obvious guesses count, mixtures of signs do not (NIST SP 800-63B). */
export function passwordProblems(password: string, owner: { username: string; email?: string | null; name?: string | null }): string[] {
  const problems: string[] = [];
  if ([...password].length < minLength) problems.push(`Use at least ${minLength} characters.`);
  if (password.length > maxPasswordLength) return [...problems, `Use at most ${maxPasswordLength} characters.`];
  const plain = password.toLowerCase();
  // "Summer2024!" is "summer" to anyone who guesses.
  const core = plain.replace(/[^a-z]+$/, '').replace(/^[^a-z]+/, '');
  if (commonPasswords.has(plain) || commonPasswords.has(core)) problems.push('This password is among the first that attackers try.');
  if (/^(.{1,3})\1+$/su.test(password)) problems.push('Do not repeat the same few characters.');
  const own = [owner.username, owner.email?.split('@')[0], ...(owner.name?.split(/\s+/) ?? [])].map((part) => part?.toLowerCase() ?? '');
  if (own.some((part) => part.length >= 4 && plain.includes(part))) problems.push('Do not use your own name or e-mail address in it.');
  return problems;
}
