import { Cron } from 'croner';
import { Problem } from '#libs/http/problem.js';
import { instantOf, isTimeZone, wallTime } from './wall-clock.rules.js';

/** When a schedule is due, all times as naive UTC text. Exactly one of the three ways is set. */
export type Schedule = {
  /** Five fields, optionally seconds and years behind them, and in front `CRON_TZ=<time zone>` where the fields are not in UTC. */
  cron_expression?: string | null | undefined;
  /** Seconds. */
  interval?: number | null | undefined;
  start_time?: string | null | undefined;
  end_time?: string | null | undefined;
  run_once_start_time?: string | null | undefined;
};

/** The first time that a schedule is due, as naive UTC text; null for an empty cron expression. A schedule made now is not due now. @throws Problem 422 for a cron expression that is none */
export function nextOccurrence({ cron_expression, interval, start_time, run_once_start_time }: Schedule, nowMs: number): string | null {
  const soonMs = nowMs + 1000;
  const startMs = start_time ? timeMs(start_time) : null;
  if (cron_expression) return text(nextByCron(cron_expression, Math.max(startMs ?? soonMs, soonMs)));
  if (interval != null && startMs !== null) return startMs > soonMs ? (start_time as string) : text(nextByInterval(startMs, interval * 1000, soonMs));
  return run_once_start_time ?? null;
}

/**
 * When a schedule is due after a time at which it was. Times that have passed meanwhile are left out: what was missed is made up for once, by the due
 * time that is being worked on. Null when it is over.
 */
export function followingOccurrence(schedule: Schedule, due: string, nowMs: number): string | null {
  const { cron_expression, interval, start_time, end_time } = schedule;
  const afterMs = Math.max(timeMs(due), nowMs);
  const next = cron_expression
    ? nextByCronOrNever(cron_expression, afterMs)
    : interval != null && start_time
      ? strictlyAfter(timeMs(start_time), interval * 1000, afterMs)
      : null;
  return next === null || (end_time && next > timeMs(end_time)) ? null : text(next);
}

/** Whether a due time is within the schedule's time. The time that counts is the due one, however late it is worked on. */
export function isWithin({ end_time }: Schedule, due: string): boolean {
  return !end_time || timeMs(due) <= timeMs(end_time);
}

function nextByInterval(startMs: number, intervalMs: number, soonMs: number): number {
  return wholeMinute(startMs + (Math.floor((soonMs - startMs) / intervalMs) + 1) * intervalMs);
}

/** Due times are whole minutes, so the next step may be at the due time itself. */
function strictlyAfter(startMs: number, intervalMs: number, afterMs: number): number {
  if (startMs > afterMs) return startMs;
  let dueMs = nextByInterval(startMs, intervalMs, afterMs);
  for (let baseMs = afterMs; dueMs <= afterMs; dueMs = nextByInterval(startMs, intervalMs, baseMs)) baseMs += intervalMs;
  return dueMs;
}

function wholeMinute(ms: number): number {
  return ms - (ms % 60_000);
}

/** @throws Problem 422 */
function nextByCron(expression: string, afterMs: number): number {
  let next: number | null;
  try {
    next = cronTime(expression, afterMs);
  } catch (error) {
    throw new Problem('unprocessable', `'${expression}' is no cron expression: ${(error as Error).message}`, { cause: error });
  }
  if (next === null) throw new Problem('unprocessable', `The cron expression '${expression}' never comes due.`);
  return next;
}

/** Stored expressions have been checked; one with years may be over. */
function nextByCronOrNever(expression: string, afterMs: number): number | null {
  try {
    return cronTime(expression, afterMs);
  } catch {
    return null;
  }
}

/**
 * The first time after another one that fits. In time zones whose clocks change, expressions that name hours are about wall clocks: each wall time is due
 * once, the first time that clocks show it, and one that they skip is due when they do. Expressions for every hour go on with real time.
 */
function cronTime(expression: string, afterMs: number): number | null {
  const { zone, fields } = parts(expression);
  const cron = (timezone: string) => new Cron(fields.pattern, { timezone, sloppyRanges: true, paused: true });
  if (zone === 'UTC' || fields.hours.includes('*')) return cron(zone).nextRun(new Date(afterMs))?.getTime() ?? null;
  const wallClock = cron('UTC');
  let wall: Date | null = new Date(wallTime(afterMs, zone));
  // What clocks show twice is passed over the second time: at most a few hours of due times.
  while ((wall = wallClock.nextRun(wall))) {
    const instantMs = instantOf(wall.getTime(), zone);
    if (instantMs > afterMs) return instantMs;
  }
  return null;
}

const zonePrefix = /^(?:CRON_TZ|TZ)=(\S+)\s+/;

/** Clients write seconds (and years) behind the five fields of a cron expression; the library wants seconds in front. @throws Error */
function parts(expression: string): { zone: string; fields: { pattern: string; hours: string } } {
  const trimmed = expression.trim();
  const zone = zonePrefix.exec(trimmed)?.[1] ?? 'UTC';
  if (!isTimeZone(zone)) throw new Error(`there is no time zone '${zone}'`);
  const rest = trimmed.replace(zonePrefix, '');
  const fields = rest.split(/\s+/);
  if (fields.length === 1 && /^@[a-z]+$/i.test(rest)) return { zone, fields: { pattern: rest, hours: /^@hourly$/i.test(rest) ? '*' : '' } };
  if (fields.length < 5 || fields.length > 7) throw new Error('it needs five fields, or six or seven with seconds and years');
  const [seconds, ...years] = fields.slice(5);
  const pattern = [...(seconds === undefined ? [] : [seconds]), ...fields.slice(0, 5), ...years].join(' ');
  return { zone, fields: { pattern, hours: fields[1] as string } };
}

function timeMs(naive: string): number {
  return Date.parse(`${naive}Z`);
}

function text(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
