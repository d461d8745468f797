import { Rounds } from './rounds.js';

const settled = () => jest.advanceTimersByTimeAsync(0);

describe('rounds of work', () => {
  let starts: number;
  let finish: ((nextMs: number | null) => void)[];
  let rounds: Rounds;
  beforeEach(() => {
    jest.useFakeTimers();
    [starts, finish] = [0, []];
    rounds = new Rounds({
      name: 'test',
      atMostMs: 30_000,
      work: () => {
        starts += 1;
        return new Promise((resolve) => finish.push(resolve));
      },
    });
  });
  afterEach(async () => {
    for (const end of finish) end(null);
    await rounds.stop();
    jest.useRealTimers();
  });

  /** Ends the round under way. */
  const end = async (nextMs: number | null) => {
    finish.shift()?.(nextMs);
    await settled();
  };

  it('come one after the other, and once more when woken meanwhile, however often', async () => {
    for (let n = 0; n < 3; n++) rounds.wake();
    expect(starts).toBe(1);
    rounds.wake();
    rounds.wake();
    await end(null);
    expect(starts).toBe(2);
    await end(null);
    expect(starts).toBe(2);
  });

  it('come when the last one said so, and in any case from time to time', async () => {
    rounds.wake();
    await end(5_000);
    await jest.advanceTimersByTimeAsync(4_999);
    expect(starts).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(starts).toBe(2);
    await end(3_600_000);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(starts).toBe(3);
  });

  it('wait for the one under way when they are stopped, and none comes after', async () => {
    rounds.wake();
    let isStopped = false;
    const stopping = rounds.stop().then(() => (isStopped = true));
    await settled();
    expect(isStopped).toBe(false);
    await end(0);
    await stopping;
    rounds.wake();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(starts).toBe(1);
  });
});
