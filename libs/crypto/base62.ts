const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digitOf = new Map([...alphabet].map((letter, digit) => [letter, BigInt(digit)]));

/** How many letters `bytes` bytes take; fixed, so that parts can be cut out by position. */
export function base62Length(bytes: number): number {
  return Math.ceil((bytes * 8) / Math.log2(62));
}

/** Letters and digits only: such a token is selected whole by a double click and needs no escaping anywhere. */
export function toBase62(bytes: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
  let text = '';
  for (let i = base62Length(bytes.length); i > 0; i--) {
    text = alphabet[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}

/** The `bytes` bytes that `toBase62` made this text of; null for any other text (wrong length, foreign letters, too large a number). */
export function fromBase62(text: string, bytes: number): Buffer | null {
  if (text.length !== base62Length(bytes)) return null;
  let number = 0n;
  for (const letter of text) {
    const digit = digitOf.get(letter);
    if (digit === undefined) return null;
    number = number * 62n + digit;
  }
  const hex = number.toString(16).padStart(bytes * 2, '0');
  return hex.length === bytes * 2 ? Buffer.from(hex, 'hex') : null;
}
