import type { StreamEvent } from '#libs/wire/models/stream-event.js';

/** Frames of server-sent events, as clients of run streams read them. */

/** Event names of the stream itself; events of a run cannot have them. */
export const reservedKinds = ['cursor', 'end', 'error', 'gap', 'system'] as const;

/** Payload and envelope of one event at most. */
export const maxEventBytes = 68 * 1024;

export type EventFilter = { kinds?: readonly string[] | null; step_names?: readonly string[] | null; correlation_ids?: readonly string[] | null };

export const endFrame = frame('end', '{}');
export const pingFrame = ': ping\n\n';

export function gapFrame(reason: 'shutdown' | 'outage' | 'overflow'): string {
  return frame('gap', JSON.stringify({ reason }));
}

/** An event, or, where the filter leaves it out, only its place: whoever reconnects must not get the same ones again. */
export function eventFrame(position: number, text: string, filter: EventFilter): string {
  const event = JSON.parse(text) as StreamEvent;
  // A line break would end the field and let the sender write frames of its own.
  const isSafe = !/[\r\n]/.test(event.kind);
  return isSafe && matches(event, filter) ? frame(event.kind, text, position) : frame('cursor', '{}', position);
}

function matches(event: StreamEvent, { kinds, step_names, correlation_ids }: EventFilter): boolean {
  const isIn = (list: readonly string[] | null | undefined, value: string | null | undefined) => !list || (value != null && list.includes(value));
  return isIn(kinds, event.kind) && isIn(step_names, event.step_name) && isIn(correlation_ids, event.correlation_id);
}

function frame(name: string, data: string, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}

/** The position after which a client wants to go on; null for what is none. */
export function positionOf(cursor: string): number | null {
  return /^\d{1,9}$/.test(cursor) ? Number(cursor) : null;
}
