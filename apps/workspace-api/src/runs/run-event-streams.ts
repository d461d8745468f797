import type { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import type { Caller } from '#libs/resource/caller.js';
import { type EventFilter, endFrame, eventFrame, gapFrame, pingFrame } from './run-events.rules.js';

/** How often a process looks for events that another process took in. */
const lookIntervalMs = 1_000;
const pingIntervalMs = 30_000;
/** A run's last events may arrive just after its end. */
const lingerSeconds = 1;
const batch = 256;
const maxSubscribers = 100;

type Place = { workspaceId: string; runId: string };

/** Everybody in this process who watches one run; they share the looking. */
class Watch {
  subscribers = 0;
  #wake: () => void = () => {};
  #next = new Promise<void>((resolve) => (this.#wake = resolve));

  /** Until something may have happened, or the interval is over. */
  async wait(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#next, new Promise<void>((resolve) => (timer = setTimeout(resolve, lookIntervalMs)))]);
    clearTimeout(timer);
  }

  wake(): void {
    this.#wake();
    this.#next = new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** Live events of runs. The table is the stream; a process wakes its own subscribers at once and looks for events of others every second. */
export class RunEventStreams {
  readonly #watches = new Map<string, Watch>();
  #isClosed = false;

  constructor(private readonly db: Db) {}

  /** Tells subscribers in this process that there is something new. */
  wake(runId: string): void {
    this.#watches.get(runId)?.wake();
  }

  isFull(runId: string): boolean {
    return (this.#watches.get(runId)?.subscribers ?? 0) >= maxSubscribers;
  }

  /** Ends all streams; clients come back after a gap with the last position they saw. */
  close(): void {
    this.#isClosed = true;
    for (const watch of this.#watches.values()) watch.wake();
  }

  /** Frames from a position on, until the run has ended and everything is told. */
  async *follow(caller: Caller, runId: string, after: number, filter: EventFilter): AsyncGenerator<string> {
    const place = { workspaceId: caller.workspaceId, runId };
    const watch = this.#watches.get(runId) ?? new Watch();
    this.#watches.set(runId, watch);
    watch.subscribers += 1;
    let position = after;
    let lastSent = Date.now();
    try {
      for (;;) {
        if (this.#isClosed) {
          yield gapFrame('shutdown');
          return;
        }
        const { events, isOver } = await this.#read(place, position);
        for (const event of events) {
          yield eventFrame(event.position, event.event, filter);
          position = event.position;
          lastSent = Date.now();
        }
        if (events.length === batch) continue;
        if (events.length === 0 && isOver) {
          yield endFrame;
          return;
        }
        if (Date.now() - lastSent >= pingIntervalMs) {
          yield pingFrame;
          lastSent = Date.now();
        }
        await watch.wait();
      }
    } finally {
      watch.subscribers -= 1;
      if (watch.subscribers === 0 && this.#watches.get(runId) === watch) this.#watches.delete(runId);
    }
  }

  async #read({ workspaceId, runId }: Place, after: number): Promise<{ events: { position: number; event: string }[]; isOver: boolean }> {
    const [row] = await this.db.read<{ is_over: boolean; events: string[] }>(
      { workspaceId },
      sql`SELECT NOT r.in_progress AND r.updated < (clock_timestamp() AT TIME ZONE 'utc') - make_interval(secs => ${lingerSeconds}) AS is_over, ARRAY(SELECT json_build_object('position', e.position, 'event', e.event::text)::text FROM (SELECT * FROM workspace.run_event e WHERE e.workspace_id = r.workspace_id AND e.pipeline_run_id = r.id AND e.position > ${after} ORDER BY e.position LIMIT ${batch}) e ORDER BY e.position) AS events FROM workspace.pipeline_run r WHERE r.workspace_id = ${workspaceId} AND r.id = ${runId}`,
    );
    // The run was deleted meanwhile: nothing more will come.
    if (!row) return { events: [], isOver: true };
    return { events: row.events.map((text) => JSON.parse(text)), isOver: row.is_over };
  }
}
