import type { Db, Tx } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { recordFirings } from './firing.js';
import { followingOccurrence, isWithin, type Schedule } from './schedule-times.rules.js';

type Place = { workspaceId: string; id: string };

const batch = 100;

export function naiveUtc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23);
}

/** Milliseconds of a time as the database writes it. */
export function instantOfNaive(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/**
 * Makes schedules fire. Any number of processes may do it at once: whoever has the row of a trigger records that it fired and when it is due next, in one
 * transaction, so that each due time is fired once and a crash loses none. Times that passed while nobody did this are made up for by one firing.
 */
export class TriggerScheduler {
  constructor(
    private readonly db: Db,
    private readonly clock: () => number,
  ) {}

  /** Fires what is due. @returns when the next schedule is due, in milliseconds from now; null when none is */
  async look(signal?: AbortSignal): Promise<number | null> {
    for (;;) {
      const due = await this.db.read<{ workspace_id: string; id: string }>(
        { workspaceId: null },
        sql`SELECT workspace_id, id FROM workspace.due_triggers(${naiveUtc(this.clock())}::timestamp, ${batch})`,
      );
      let fired = 0;
      for (const { workspace_id: workspaceId, id } of due) {
        if (signal?.aborted) return null;
        if (await this.#fire({ workspaceId, id })) fired += 1;
      }
      // What is left is in somebody else's hands.
      if (due.length < batch || fired === 0) break;
    }
    const nowMs = this.clock();
    const [next] = await this.db.read<{ at: string | null }>({ workspaceId: null }, sql`SELECT workspace.next_due(${naiveUtc(nowMs)}::timestamp) AS at`);
    return next?.at ? instantOfNaive(next.at) - nowMs : null;
  }

  /** @returns false when somebody else has it, or it is not due any more */
  async #fire(place: Place): Promise<boolean> {
    return this.db.tx(place, async (tx) => {
      const nowMs = this.clock();
      const [row] = await tx.query<{ next_occurrence: string; configuration: string }>(
        sql`SELECT t.next_occurrence, t.configuration FROM workspace.trigger t WHERE t.workspace_id = ${place.workspaceId} AND t.id = ${place.id} AND t.type = 'schedule' AND t.active AND NOT t.is_archived AND t.next_occurrence <= ${naiveUtc(nowMs)}::timestamp FOR NO KEY UPDATE SKIP LOCKED`,
      );
      if (!row) return false;
      const schedule = JSON.parse(row.configuration) as Schedule;
      const due = row.next_occurrence.replace(' ', 'T');
      await this.#record(tx, place, isWithin(schedule, due) ? due : null, followingOccurrence(schedule, due, nowMs));
      return true;
    });
  }

  /** @param due null: the schedule is over */
  async #record(tx: Tx, { workspaceId, id }: Place, due: string | null, next: string | null): Promise<void> {
    const advance = sql`UPDATE workspace.trigger SET next_occurrence = ${next}::timestamp WHERE workspace_id = ${workspaceId} AND id = ${id}`;
    if (due === null) await tx.query(advance);
    else
      await tx.query(
        sql`WITH fired AS (SELECT ${workspaceId}::uuid AS workspace_id, ${id}::uuid AS trigger_id, ${`due ${due}`}::text AS occasion, NULL::json AS info), ${recordFirings(raw('fired'))} ${advance}`,
      );
  }
}
