import { archivedName, nextOccurrence, withoutError } from './trigger.rules.js';

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

it('shortens the name of an archived trigger where the suffix would not fit', () => {
  expect(archivedName('daily', '0123456789')).toBe('daily_(01234567)');
  expect([...archivedName('x'.repeat(255), '0123456789')]).toHaveLength(255);
});

it('forgets a state that is an error, and only the error of others', () => {
  expect(withoutError({ last_status: 'ERROR', last_error_message: 'x' })).toBeNull();
  expect(withoutError({ last_status: 'SUCCESS', last_error_message: 'x', last_error_count: 2 })).toMatchObject({
    last_status: 'SUCCESS',
    last_error_message: null,
    last_error_count: 0,
  });
});
