import { Readable } from 'node:stream';
import { Controller, type OnModuleDestroy } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import { complete } from '#libs/wire/complete.js';
import { StreamEvent } from '#libs/wire/models/stream-event.js';
import type { InputOf } from '#libs/wire/operation.js';
import { runs } from '#libs/wire/operations/runs.js';
import { run } from './run.js';
import { RunEventStreams } from './run-event-streams.js';
import { maxEventBytes, positionOf, reservedKinds } from './run-events.rules.js';

/** Older events of a run are dropped: streams are for watching, not for keeping. */
const maxKept = 10_000;

@Controller()
export class RunEventController implements OnModuleDestroy {
  readonly #streams: RunEventStreams;

  constructor(private readonly store: ResourceStore) {
    this.#streams = new RunEventStreams(store.db);
  }

  onModuleDestroy(): void {
    this.#streams.close();
  }

  @Operation(runs.publish_run_events, { action: 'update', on: 'pipeline_run' })
  publish(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof runs.publish_run_events>) {
    return this.store.write(caller, async (tx) => {
      const runId = path.pipeline_run_id;
      await this.store.row(tx, caller, run, runId, 'update', { columns: ['id'] });
      const events = body.events.map((event) => textOf(event, runId));
      if (events.length === 0) return { count: 0, last_id: null };
      // Whoever has the lock numbers and commits before the next one does, so positions become visible in order.
      await tx.query(sql`SELECT pg_advisory_xact_lock(hashtextextended(${runId}, 0))`);
      const [row] = await tx.query<{ last: number }>(
        sql`WITH last AS (SELECT coalesce(max(position), 0) AS position FROM workspace.run_event WHERE workspace_id = ${caller.workspaceId} AND pipeline_run_id = ${runId}), made AS (INSERT INTO workspace.run_event (workspace_id, pipeline_run_id, position, event) SELECT ${caller.workspaceId}::uuid, ${runId}::uuid, last.position + e.n, e.event::json FROM last, unnest(${events}::text[]) WITH ORDINALITY AS e(event, n) RETURNING position), dropped AS (DELETE FROM workspace.run_event x USING last WHERE x.workspace_id = ${caller.workspaceId} AND x.pipeline_run_id = ${runId} AND x.position <= last.position + ${events.length} - ${maxKept}) SELECT max(position) AS last FROM made`,
      );
      tx.afterCommit(() => this.#streams.wake(runId));
      return { count: events.length, last_id: String((row as { last: number }).last) };
    });
  }

  @Operation(runs.stream_run_events, { action: 'read', on: 'pipeline_run' })
  async stream(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof runs.stream_run_events>, @Http() { request, reply }: HttpExchange) {
    const runId = path.pipeline_run_id;
    await this.store.row(this.store.reader(caller), caller, run, runId, 'read', { columns: ['id'] });
    const cursor = (request.headers['last-event-id'] as string | undefined) ?? query.since ?? '0';
    const after = positionOf(cursor);
    if (after === null) throw new Problem('invalid', `'${cursor}' is no position in a stream: send the id of the last event that was received.`);
    if (this.#streams.isFull(runId))
      throw new Problem('unavailable', 'Too many clients watch this run on this server. Try again later.', { shape: 'plain', headers: { 'Retry-After': '5' } });
    void reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-cache, no-store, no-transform')
      .header('x-accel-buffering', 'no');
    return Readable.from(this.#streams.follow(caller, runId, after, query));
  }
}

/** An event as it is stored and sent on. @throws Problem 400, 413 */
function textOf(event: StreamEvent, runId: string): string {
  if (event.pipeline_run_id !== runId) throw new Problem('invalid', `An event of the run ${event.pipeline_run_id} was sent to the stream of the run ${runId}.`);
  if ((reservedKinds as readonly string[]).includes(event.kind))
    throw new Problem('invalid', `Events cannot be of the kind '${event.kind}': ${reservedKinds.join(', ')} belong to the stream itself.`);
  const text = JSON.stringify(complete(StreamEvent, event));
  const size = Buffer.byteLength(text);
  if (size > maxEventBytes) throw new Problem('too_large', `An event may have ${maxEventBytes} bytes at most; one has ${size}.`, { shape: 'plain' });
  return text;
}
