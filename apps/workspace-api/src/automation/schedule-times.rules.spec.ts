import { followingOccurrence, isWithin, nextOccurrence, type Schedule } from './schedule-times.rules.js';

const now = Date.parse('2024-01-01T00:00:30.500Z');

describe('the next occurrence of a schedule', () => {
  it.each([
    ['the next minute that fits', { cron_expression: '*/5 * * * *' }, '2024-01-01T00:05:00'],
    ['weekdays or days of the month, whichever comes first', { cron_expression: '0 0 13 * 5' }, '2024-01-05T00:00:00'],
    ['Sunday as 7 as well', { cron_expression: '0 0 * * 7' }, '2024-01-07T00:00:00'],
    ['seconds behind the five fields', { cron_expression: '* * * * * 45' }, '2024-01-01T00:00:45'],
    ['steps from a number', { cron_expression: '5/10 * * * *' }, '2024-01-01T00:05:00'],
    ['nothing before the start', { cron_expression: '0 0 * * *', start_time: '2025-06-01T12:00:00' }, '2025-06-02T00:00:00'],
    ['the start of an interval that is yet to come', { interval: 3600, start_time: '2025-06-01T12:00:00' }, '2025-06-01T12:00:00'],
    ['the next whole interval since a start that is past', { interval: 3600, start_time: '2023-12-31T22:30:10' }, '2024-01-01T00:30:00'],
    ['the one time', { run_once_start_time: '2020-01-01T00:00:00' }, '2020-01-01T00:00:00'],
  ])('is %s', (_, schedule, expected) => {
    expect(nextOccurrence(schedule, now)).toBe(expected);
  });

  it.each(['nope', '0 0 1 1', '60 * * * *', '0 0 31 2 *', '2030-01-01T00:00:00'])("is refused for '%s'", (cron_expression) => {
    expect(() => nextOccurrence({ cron_expression }, now)).toThrow(/cron expression/);
  });
});

/** All due times in a span, each found from the one before. */
function dueTimes(schedule: Schedule, from: string, until: string): string[] {
  const due: string[] = [];
  let next = nextOccurrence(schedule, Date.parse(`${from}Z`) - 2_000);
  while (next !== null && next < until) {
    due.push(next);
    next = followingOccurrence(schedule, next, Date.parse(`${next}Z`));
  }
  return due;
}

describe('the occurrence after another', () => {
  const following = (schedule: Schedule, due: string, now = due) => followingOccurrence(schedule, due, Date.parse(`${now}Z`));

  it('is the next that fits', () => {
    expect(following({ cron_expression: '*/5 * * * *' }, '2024-01-01T00:05:00')).toBe('2024-01-01T00:10:00');
  });

  it('leaves out what was missed meanwhile', () => {
    expect(following({ cron_expression: '0 * * * *' }, '2024-01-01T00:00:00', '2024-01-01T05:30:00')).toBe('2024-01-01T06:00:00');
    expect(following({ interval: 3600, start_time: '2024-01-01T00:00:00' }, '2024-01-01T01:00:00', '2024-01-01T05:30:00')).toBe('2024-01-01T06:00:00');
  });

  it('never is the same again, although due times of intervals are whole minutes', () => {
    expect(dueTimes({ interval: 90, start_time: '2024-01-01T12:00:10' }, '2024-01-01T12:00:00', '2024-01-01T12:06:00')).toEqual([
      '2024-01-01T12:00:10',
      '2024-01-01T12:01:00',
      '2024-01-01T12:03:00',
      '2024-01-01T12:04:00',
    ]);
  });

  it('is none after the end, after the one time, and after the last year', () => {
    expect(following({ cron_expression: '0 0 * * *', end_time: '2024-01-02T12:00:00' }, '2024-01-02T00:00:00')).toBeNull();
    expect(following({ run_once_start_time: '2024-01-01T00:00:00' }, '2024-01-01T00:00:00')).toBeNull();
    expect(following({ cron_expression: '0 0 1 1 * 0 2024' }, '2024-01-01T00:00:00')).toBeNull();
  });

  it('counts by the time that is due, not by when it is worked on', () => {
    expect(isWithin({ end_time: '2024-01-01T00:00:00' }, '2024-01-01T00:00:00')).toBe(true);
    expect(isWithin({ end_time: '2024-01-01T00:00:00' }, '2024-01-01T00:00:01')).toBe(false);
  });
});

describe('a cron expression in a time zone', () => {
  const inBerlin = (fields: string) => ({ cron_expression: `CRON_TZ=Europe/Berlin ${fields}` });
  const inNewYork = (fields: string) => ({ cron_expression: `TZ=America/New_York ${fields}` });

  it('follows the clocks there', () => {
    expect(dueTimes(inBerlin('0 9 * * *'), '2026-03-28T00:00:00', '2026-03-31T00:00:00')).toEqual([
      '2026-03-28T08:00:00',
      '2026-03-29T07:00:00',
      '2026-03-30T07:00:00',
    ]);
  });

  it.each([
    ['one time', '30 2 * * *', ['2026-03-28T01:30:00', '2026-03-29T01:00:00', '2026-03-30T00:30:00']],
    [
      'one of two',
      '30 2,14 * * *',
      ['2026-03-28T01:30:00', '2026-03-28T13:30:00', '2026-03-29T01:00:00', '2026-03-29T12:30:00', '2026-03-30T00:30:00', '2026-03-30T12:30:00'],
    ],
    ['two of two', '15,30 2 * * *', ['2026-03-28T01:15:00', '2026-03-28T01:30:00', '2026-03-29T01:00:00', '2026-03-30T00:15:00', '2026-03-30T00:30:00']],
  ])('is due when clocks have skipped the time: %s', (_, fields, expected) => {
    expect(dueTimes(inBerlin(fields), '2026-03-28T00:00:00', '2026-03-31T00:00:00')).toEqual(expected);
  });

  it('is due once where clocks show the time twice', () => {
    expect(dueTimes(inBerlin('15,30 2 * * *'), '2026-10-24T12:00:00', '2026-10-26T12:00:00')).toEqual([
      '2026-10-25T00:15:00',
      '2026-10-25T00:30:00',
      '2026-10-26T01:15:00',
      '2026-10-26T01:30:00',
    ]);
    expect(dueTimes(inNewYork('30 1 * * *'), '2026-11-01T00:00:00', '2026-11-03T00:00:00')).toEqual(['2026-11-01T05:30:00', '2026-11-02T06:30:00']);
    // Asked in the hour that comes for the second time.
    expect(followingOccurrence(inBerlin('30 2 * * *'), '2026-10-25T00:30:00', Date.parse('2026-10-25T01:10:00Z'))).toBe('2026-10-26T01:30:00');
  });

  it('goes on with real time when it is for every hour', () => {
    const quarters = (day: string) => dueTimes(inBerlin('*/15 * * * *'), `${day}T00:00:00`, `${day}T04:00:00`);
    expect(quarters('2026-03-29')).toHaveLength(16);
    expect(quarters('2026-10-25')).toHaveLength(16);
    expect(dueTimes(inNewYork('@hourly'), '2026-11-01T00:00:00', '2026-11-02T00:00:00')).toHaveLength(24);
  });

  it('is refused with a zone that does not exist', () => {
    expect(() => nextOccurrence({ cron_expression: 'CRON_TZ=Europe/Atlantis 0 0 * * *' }, now)).toThrow(/Atlantis/);
  });
});
