import { hashSync } from '@node-rs/argon2';
import { Passwords, PasswordsBusy } from './password.js';

describe('passwords', () => {
  const passwords = new Passwords();

  it('are stored as Argon2id with at least the recommended cost, salted', async () => {
    const [one, two] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it('fit or do not', async () => {
    const stored = await passwords.hash('correct horse');
    expect(await passwords.verify(stored, 'correct horse')).toEqual({ isValid: true, needsRehash: false });
    expect(await passwords.verify(stored, 'correct horse ')).toEqual({ isValid: false, needsRehash: false });
    expect(await passwords.verify(stored, '')).toEqual({ isValid: false, needsRehash: false });
  });

  it('that were right are not hashed again for some minutes, and wrong ones are each time', async () => {
    const stored = await passwords.hash('correct horse');
    const limits = { concurrency: 1, maxWaiting: 0 };
    const remembering = new Passwords(limits);
    await remembering.verify(stored, 'correct horse');
    // From here on, hashing anything is refused.
    limits.concurrency = 0;
    const now = performance.now();
    expect(await remembering.verify(stored, 'correct horse')).toEqual({ isValid: true, needsRehash: false });
    await expect(remembering.verify(stored, 'wrong')).rejects.toThrow(PasswordsBusy);
    await expect(remembering.verify(hashSync('correct horse'), 'correct horse')).rejects.toThrow(PasswordsBusy);
    jest.spyOn(performance, 'now').mockReturnValue(now + 6 * 60_000);
    await expect(remembering.verify(stored, 'correct horse')).rejects.toThrow(PasswordsBusy);
    jest.restoreAllMocks();
  });

  it('of unknown users never fit, and are hashed all the same, so that the time does not tell', async () => {
    expect((await passwords.verify(null, 'no password has this hash')).isValid).toBe(false);
    await expect(new Passwords({ concurrency: 0, maxWaiting: 0 }).verify(null, 'wrong')).rejects.toThrow(PasswordsBusy);
  });

  it('hashed with other cost are to be hashed anew', async () => {
    const weak = hashSync('correct horse', { memoryCost: 1_024, timeCost: 1 });
    expect(await passwords.verify(weak, 'correct horse')).toEqual({ isValid: true, needsRehash: true });
    expect(await passwords.verify(weak, 'wrong')).toEqual({ isValid: false, needsRehash: false });
  });

  it('beyond the longest allowed never fit', async () => {
    const stored = await passwords.hash('x'.repeat(1_024));
    expect((await passwords.verify(stored, 'x'.repeat(1_025))).isValid).toBe(false);
  });

  it('are checked a few at a time, and refused when too many wait', async () => {
    const narrow = new Passwords({ concurrency: 1, maxWaiting: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, (_, i) => narrow.hash(`password ${i}`)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect((outcomes[3] as PromiseRejectedResult).reason).toBeInstanceOf(PasswordsBusy);
    await expect(narrow.hash('later')).resolves.toMatch(/^\$argon2id/);
  });

  it('make room again after one could not be checked', async () => {
    const narrow = new Passwords({ concurrency: 1, maxWaiting: 0 });
    await expect(narrow.verify('not a hash', 'x')).rejects.toThrow();
    await expect(narrow.hash('later')).resolves.toMatch(/^\$argon2id/);
  });
});
