import { Cron } from 'croner';
import { Problem } from '#libs/http/problem.js';

/** When a schedule is due, all times as naive UTC text. Exactly one of the three ways is set. */
export type Schedule = {
  cron_expression?: string | null | undefined;
  interval?: number | null | undefined;
  start_time?: string | null | undefined;
  run_once_start_time?: string | null | undefined;
};

/** What is kept of a schedule, complete, so that what a request leaves out is gone. */
export function scheduleConfiguration(body: Schedule & { end_time?: string | null | undefined; max_runs?: number | null | undefined }) {
  const { cron_expression, interval, end_time, start_time, run_once_start_time, max_runs } = body;
  return {
    cron_expression: cron_expression ?? null,
    interval: interval ?? null,
    end_time: end_time ?? null,
    start_time: start_time ?? null,
    run_once_start_time: run_once_start_time ?? null,
    max_runs: max_runs ?? null,
  };
}

/** The first time that a schedule is due, as naive UTC text; null for an empty cron expression. A schedule made now is not due now. @throws Problem 422 for a cron expression that is none */
export function nextOccurrence({ cron_expression, interval, start_time, run_once_start_time }: Schedule, nowMs: number): string | null {
  const soonMs = nowMs + 1000;
  const startMs = start_time ? timeMs(start_time) : null;
  if (cron_expression) return text(nextByCron(cron_expression, Math.max(startMs ?? soonMs, soonMs)));
  if (interval != null && startMs !== null) return startMs > soonMs ? (start_time as string) : text(nextByInterval(startMs, interval * 1000, soonMs));
  return run_once_start_time ?? null;
}

function nextByInterval(startMs: number, intervalMs: number, soonMs: number): number {
  const due = startMs + (Math.floor((soonMs - startMs) / intervalMs) + 1) * intervalMs;
  return due - (due % 60_000);
}

function nextByCron(expression: string, afterMs: number): number {
  let next: Date | null;
  try {
    next = new Cron(inOrder(expression), { timezone: 'UTC', sloppyRanges: true, paused: true }).nextRun(new Date(afterMs));
  } catch (error) {
    throw new Problem('unprocessable', `'${expression}' is no cron expression: ${(error as Error).message}`, { cause: error });
  }
  if (!next) throw new Problem('unprocessable', `The cron expression '${expression}' never comes due.`);
  return next.getTime();
}

/** Clients write seconds (and years) behind the five fields of a cron expression; the library wants seconds in front. */
function inOrder(expression: string): string {
  const fields = expression.trim().split(/\s+/);
  if (fields.length === 1 && /^@[a-z]+$/i.test(expression)) return expression;
  if (fields.length < 5 || fields.length > 7) throw new Error('it needs five fields, or six or seven with seconds and years');
  const [seconds, ...years] = fields.slice(5);
  return [...(seconds === undefined ? [] : [seconds]), ...fields.slice(0, 5), ...years].join(' ');
}

function timeMs(naive: string): number {
  return Date.parse(`${naive}Z`);
}

function text(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

const suffixLength = 11;
const maxNameLength = 255;

/** The name of an archived trigger, whose own becomes free; shortened where the longer one would not fit. */
export function archivedName(name: string, hex: string): string {
  return `${[...name].slice(0, maxNameLength - suffixLength).join('')}_(${hex.slice(0, 8)})`;
}

/** How events of a source are written in the columns they are looked up by. */
export function sourceColumns({ source_entity, target_events }: { source_entity: { type: string; id: string }; target_events: string[] }) {
  return { source_entity: `${source_entity.type}:${source_entity.id}`, target_events: target_events.map((event) => `event:${event}`).join(' ') };
}

type DispatchState = Record<string, unknown> & { last_status: string };

/** A state without its error; one that is nothing but an error goes altogether. */
export function withoutError(state: DispatchState): DispatchState | null {
  if (state.last_status === 'ERROR') return null;
  const cleared = {
    last_error_message: null,
    last_error_type: null,
    last_error_severity: null,
    last_error_stack_trace: null,
    last_error_at: null,
    first_error_at: null,
  };
  return { ...state, ...cleared, last_error_count: 0 };
}
