import { HitCounts } from './hit-counts.js';

const minute = 60_000;

function at(startMs = 10 * minute) {
  const clock = { nowMs: startMs };
  const counts = new HitCounts('cloudapi', () => clock.nowMs);
  return { clock, counts, hit: (limit: number, key = 'a') => counts.increment(key, minute, limit) };
}

describe('HitCounts', () => {
  it('allows as many hits as the limit says, and then says how long to wait', async () => {
    const { clock, hit } = at();
    clock.nowMs += 15_000;
    for (let i = 1; i <= 4; i++) expect(await hit(4)).toMatchObject({ totalHits: i, isBlocked: false, timeToBlockExpire: 0 });
    const refused = await hit(4);
    expect(refused).toMatchObject({ isBlocked: true, timeToExpire: 45 });
    clock.nowMs += refused.timeToBlockExpire * 1_000 - 1_001;
    expect((await hit(4)).isBlocked).toBe(true);
    clock.nowMs += 1_001;
    expect((await hit(4)).isBlocked).toBe(false);
  });

  it('counts keys apart', async () => {
    const { hit } = at();
    await hit(1, 'a');
    expect((await hit(1, 'a')).isBlocked).toBe(true);
    expect((await hit(1, 'b')).isBlocked).toBe(false);
  });

  it('does not start anew at the full minute', async () => {
    const { clock, hit } = at();
    clock.nowMs += minute - 1;
    for (let i = 0; i < 100; i++) await hit(100);
    clock.nowMs += 1;
    expect((await hit(100)).isBlocked).toBe(true);
    clock.nowMs += minute / 2;
    let allowed = 0;
    while (!(await hit(100)).isBlocked) allowed += 1;
    expect(allowed).toBe(50);
  });

  it('does not count what it refuses', async () => {
    const { clock, hit } = at();
    for (let i = 0; i < 50; i++) await hit(10);
    clock.nowMs += 2 * minute;
    for (let i = 0; i < 10; i++) expect((await hit(10)).isBlocked).toBe(false);
  });

  it('says when there is room while an earlier minute fades', async () => {
    const { clock, hit } = at();
    for (let i = 0; i < 10; i++) await hit(10);
    clock.nowMs += minute;
    const refused = await hit(10);
    expect(refused).toMatchObject({ isBlocked: true, timeToBlockExpire: 6 });
    clock.nowMs += 6_000;
    expect((await hit(10)).isBlocked).toBe(false);
  });
});
