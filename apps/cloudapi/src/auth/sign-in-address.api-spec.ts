import { startCloud } from '../../test/cloud.js';

/** Statuses of wrong sign-ins that each claim to come from another address. */
async function guesses(trustProxy: boolean | string[]): Promise<number[]> {
  // The administrator's own sign-in at the start is the first.
  const cloud = await startCloud({ signInLimit: 3, trustProxy });
  try {
    const statuses: number[] = [];
    for (let i = 1; i <= 4; i++) {
      const options = { form: { username: `nobody-${i}@example.com`, password: 'x' }, headers: { 'x-forwarded-for': `203.0.113.${i}` } };
      statuses.push((await cloud.anonymous.post('/auth/login', undefined, options)).status);
    }
    return statuses;
  } finally {
    await cloud.stop();
  }
}

describe('the address that sign-ins are counted by', () => {
  it('is not what the sender claims', async () => expect(await guesses(false)).toEqual([401, 401, 429, 429]));
  it('is what a trusted proxy says', async () => expect(await guesses(['loopback'])).toEqual([401, 401, 401, 401]));
  it('is not what another one says', async () => expect(await guesses(['10.0.0.0/8'])).toEqual([401, 401, 429, 429]));
});
