import type { TriggerDispatchErrorSeverity, TriggerDispatchStatusCode } from '#libs/wire/models/enums.js';

/** What became of the last firing, per attached snapshot; times are naive UTC text. Errors stay visible after a success, until somebody clears them. */
export type DispatchState = {
  last_status: TriggerDispatchStatusCode;
  last_status_at: string;
  last_status_details: Record<string, unknown> | null;
  last_error_message: string | null;
  last_error_type: string | null;
  last_error_severity: TriggerDispatchErrorSeverity | null;
  last_error_stack_trace: string | null;
  last_error_at: string | null;
  first_error_at: string | null;
  /** How often the same type of error came in a row. */
  last_error_count: number;
};

export type DispatchError = { type: string; message: string; severity: TriggerDispatchErrorSeverity };

export type Outcome = {
  status: TriggerDispatchStatusCode;
  at: string;
  details: Record<string, unknown>;
  /** With the status ERROR. */
  error?: DispatchError;
};

const maxMessageLength = 4096;
const maxTypeLength = 255;

const noError = {
  last_error_message: null,
  last_error_type: null,
  last_error_severity: null,
  last_error_stack_trace: null,
  last_error_at: null,
  first_error_at: null,
  last_error_count: 0,
};

export function nextDispatchState(before: DispatchState | null, { status, at, details, error }: Outcome): DispatchState {
  const base = { ...noError, ...before, last_status: status, last_status_at: at, last_status_details: details };
  if (!error) return base;
  const isSame = before?.last_status === 'ERROR' && before.last_error_type === error.type;
  return {
    ...base,
    last_error_message: error.message.slice(0, maxMessageLength),
    last_error_type: error.type.slice(0, maxTypeLength),
    last_error_severity: error.severity,
    // Where in the server something went wrong is for its log.
    last_error_stack_trace: null,
    last_error_at: at,
    first_error_at: isSame ? (before.first_error_at ?? at) : at,
    last_error_count: isSame ? before.last_error_count + 1 : 1,
  };
}
