import type { Schedule } from './schedule-times.rules.js';

/** What is kept of a schedule, complete, so that what a request leaves out is gone. */
export function scheduleConfiguration(body: Schedule & { max_runs?: number | null | undefined }) {
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
