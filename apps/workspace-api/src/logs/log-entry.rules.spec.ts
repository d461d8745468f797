import { parseLogLine } from './log-entry.rules.js';

const timeOf = (line: string) => parseLogLine(line)?.timestamp;

describe('a line of a log', () => {
  it('is what a client wrote as JSON, completed', () => {
    expect(parseLogLine('{"message":"m","level":20,"module":"a","lineno":3}')).toMatchObject({
      message: 'm',
      level: 20,
      name: null,
      module: 'a',
      lineno: 3,
      chunk_index: 0,
    });
  });

  it('has its time in the zone in which it was written', () => {
    const at = (timestamp: unknown) => timeOf(JSON.stringify({ message: 'm', timestamp }));
    expect(at('2024-01-01T00:00:00.123456Z')).toBe('2024-01-01T00:00:00.123456Z');
    expect(at('2024-01-01T00:30:00+02:00')).toBe('2024-01-01T00:30:00+02:00');
    expect(at('2024-01-01T23:30:00.5-0130')).toBe('2024-01-01T23:30:00.500000-01:30');
    expect(at('2024-01-01T00:00:00+00:00')).toBe('2024-01-01T00:00:00Z');
    expect(at(1_700_000_000)).toBe('2023-11-14T22:13:20Z');
    expect(at('2024-01-01T00:00:00')).toBe('2024-01-01T00:00:00');
    expect(at(null)).toBeNull();
  });

  it('is text otherwise, in early logs with its time before it', () => {
    expect(parseLogLine('[2024-01-01 00:00:00 UTC] old')).toMatchObject({ message: 'old', level: 20, timestamp: '2024-01-01T00:00:00Z' });
    expect(parseLogLine('[2024-02-30 00:00:00 UTC] no such day')).toMatchObject({ message: '[2024-02-30 00:00:00 UTC] no such day', timestamp: null });
    expect(parseLogLine('{"message": broken}')).toMatchObject({ message: '{"message": broken}', level: 20 });
  });

  it('is none when it is empty', () => {
    expect(parseLogLine('  ')).toBeNull();
  });
});
