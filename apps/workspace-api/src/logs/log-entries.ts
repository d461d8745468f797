import { createInterface } from 'node:readline';
import { Controller } from '@nestjs/common';
import type { Runner } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { missing, ResourceStore } from '#libs/resource/store.js';
import type { ObjectStore } from '#libs/storage/object-store.js';
import { StorageError } from '#libs/storage/storage-error.js';
import type { LogEntry } from '#libs/wire/models/logs.js';
import type { InputOf } from '#libs/wire/operation.js';
import { logs as operations } from '#libs/wire/operations/logs.js';
import { runs } from '#libs/wire/operations/runs.js';
import { steps } from '#libs/wire/operations/steps.js';
import { Installation } from '../installation.js';
import { run } from '../runs/run.js';
import { stepRun } from '../runs/step-run.js';
import { storeComponent, withStore } from '../stacks/artifact-store.js';
import { parseLogLine, printedLine } from './log-entry.rules.js';
import { logs } from './logs.js';
import { assertOfRun } from './logs-controller.js';

/** Entries of one reply, unless fewer are asked for. */
const maxEntries = 50_000;
/** What one request reads of a file at most. */
const maxBytes = 64 * 1024 * 1024;

type Stream = { id: string; uri: string | null; source: string; artifact_store_id: string | null; log_store_id: string | null };
type Selection = { source?: string | null | undefined; logs_id?: string | null | undefined };

@Controller()
export class LogEntriesController {
  constructor(
    private readonly store: ResourceStore,
    private readonly installation: Installation,
  ) {}

  @Operation(operations.get_logs_entries, { action: 'read', on: 'pipeline_run' })
  async entries(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof operations.get_logs_entries>) {
    const reader = this.store.reader(caller);
    await assertOfRun(reader, caller, path.logs_id, 'read');
    const { since, until } = query;
    if (since && until && since > until) throw new Problem('unprocessable', 'since is later than until.');
    if (query.start === 'newest' || query.before || query.after || query.search || query.level != null || since || until)
      throw new Problem(
        'invalid',
        'Logs in an artifact store are read from their start, as far as one reply takes. Leave out start, before, after, search, level, since and until.',
      );
    const [stream] = await streamsOf(reader, caller, sql`id = ${path.logs_id}`);
    if (!stream) throw missing(logs, path.logs_id);
    return { items: await this.#read(caller, stream, Math.min(query.limit ?? maxEntries, maxEntries)), before: null, after: null };
  }

  @Operation(runs.run_logs, { action: 'read', on: 'pipeline_run' })
  async ofRun(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof runs.run_logs>) {
    assertSelection(query);
    const reader = this.store.reader(caller);
    await this.store.row(reader, caller, run, path.run_id, 'read', { columns: ['id'] });
    const streams = await streamsOf(reader, caller, sql`pipeline_run_id = ${path.run_id}`);
    if (query.source === 'runner' && !streams.some(({ source }) => source === 'runner')) throw noRunner();
    return this.#read(caller, select(streams, query), maxEntries);
  }

  @Operation(steps.get_step_logs, { action: 'read', on: 'pipeline_run' })
  async ofStep(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof steps.get_step_logs>) {
    assertSelection(query);
    const reader = this.store.reader(caller);
    await this.store.row(reader, caller, stepRun, path.step_id, 'read', { columns: ['id'] });
    return this.#read(caller, select(await streamsOf(reader, caller, sql`step_run_id = ${path.step_id}`), query), maxEntries);
  }

  async #read(caller: Caller, stream: Stream, limit: number): Promise<LogEntry[]> {
    if (stream.source === 'runner') return printed(this.store.reader(caller), caller, stream, limit);
    if (stream.log_store_id) throw new Problem('not_implemented', 'The server cannot read the log store of these logs. Look into the log store itself.');
    if (!stream.artifact_store_id) return [];
    const { uri } = stream;
    if (!uri) throw new Problem('invalid', 'These logs have no uri, so they cannot be read.');
    const component = await storeComponent(this.store, caller, stream.artifact_store_id, 'read');
    return withStore(this.installation, caller, component, (files) => readLines(files, uri, limit), {
      not_found: 'not_found',
      too_large: 'too_large',
      unavailable: 'log_store_unavailable',
    });
  }
}

function assertSelection({ source, logs_id }: Selection): void {
  if ((source == null) === (logs_id == null)) throw new Problem('invalid', 'Give either the source or the logs_id of the logs.');
}

function streamsOf(reader: Runner, caller: Caller, condition: ReturnType<typeof sql>): Promise<Stream[]> {
  return reader.query<Stream>(
    sql`SELECT id, uri, source, artifact_store_id, log_store_id FROM workspace.logs WHERE workspace_id = ${caller.workspaceId} AND ${condition} ORDER BY created, id`,
  );
}

/** The logs of a run or step with that source, the earliest if there are several, or with that id. @throws Problem 404 */
function select(streams: readonly Stream[], { source, logs_id }: Selection): Stream {
  const stream = streams.find((one) => (logs_id ? one.id === logs_id : one.source === source));
  if (!stream) throw new Problem('not_found', logs_id ? `There are no logs with the ID ${logs_id} here.` : `There are no logs of the source '${source}' here.`);
  return stream;
}

const noRunner = () => new Problem('invalid', 'This server has no logs of a runner of this run.');

/** What the server's process printed that ran the pipeline. @throws Problem 400 where another server's did */
async function printed(reader: Runner, caller: Caller, stream: Stream, limit: number): Promise<LogEntry[]> {
  const rows = await reader.query<{ text: string | null; at: string | null }>(
    sql`SELECT o.text, workspace.wire_time(o.created) AS at FROM workspace.logs l LEFT JOIN workspace.workload w ON w.workspace_id = l.workspace_id AND w.run_id = l.pipeline_run_id LEFT JOIN workspace.workload_output o ON o.workspace_id = l.workspace_id AND o.run_id = l.pipeline_run_id WHERE l.workspace_id = ${caller.workspaceId} AND l.id = ${stream.id} AND (w.id IS NOT NULL OR o.id IS NOT NULL) ORDER BY o.part`,
  );
  if (rows.length === 0) throw noRunner();
  return rows.flatMap(({ text, at }) => (text === null || at === null ? [] : text.split('\n').map((line) => printedLine(line, at)))).slice(0, limit);
}

/** The first lines of a file, or of all files of a folder in the order of their names. Logs that were never written are empty. */
async function readLines(store: ObjectStore, uri: string, limit: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (const file of await filesAt(store, uri)) {
    const input = await store.read(file, { start: 0, end: maxBytes - 1 });
    try {
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
        const entry = parseLogLine(line);
        if (entry) entries.push(entry);
        if (entries.length >= limit) return entries;
      }
    } finally {
      input.destroy();
    }
  }
  return entries;
}

async function filesAt(store: ObjectStore, uri: string): Promise<string[]> {
  try {
    if ((await store.stat(uri)).kind === 'file') return [uri];
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'not_found') return [];
    throw error;
  }
  const files: string[] = [];
  for await (const object of store.list(uri)) if (object.kind === 'file') files.push(object.uri);
  return files.sort();
}
