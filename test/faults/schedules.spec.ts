import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { attachedTrigger, queueOnly, runnableSnapshot } from '#apps/workspace-api/test/attached-snapshot.js';
import { startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { sql } from '#libs/database/sql.js';
import { until } from '../end-to-end/program.js';

/**
 * Schedules over simulated months, worked on by two processes that look at the same time, with clocks that differ. Due times are checked against an account of
 * its own, minute by minute on the wall clock. Years are later than any real time, since the database stamps rows with its own clock.
 */
jest.setTimeout(300_000);

const root = path.join(__dirname, '../..');
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const at = (text: string) => Date.parse(`${text}Z`);
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 19);

type Looked = { nextDueMs: number | null; nextDispatchMs: number | null };

/** See scheduler/process.mjs. */
class SchedulerProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(w: TestWorkspace) {
    this.#child = spawn(process.execPath, [path.join(__dirname, 'scheduler/process.mjs'), w.databaseUrl, w.id], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** @returns null when the process is gone */
  async answer(): Promise<Looked | null> {
    const { value, done } = await this.#lines.next();
    return done ? null : JSON.parse(value);
  }

  look(nowMs: number): Promise<Looked | null> {
    this.#child.stdin?.write(`${nowMs}\n`);
    return this.answer();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.answer();
  }
}

let w: TestWorkspace;
let nowMs = at('2031-03-01T00:00:00');
let processes: SchedulerProcess[];

async function started(): Promise<SchedulerProcess> {
  const one = new SchedulerProcess(w);
  if (!(await one.answer())) throw new Error('The process did not start.');
  return one;
}

beforeAll(async () => {
  execFileSync(process.execPath, ['tools/build.mjs'], { cwd: root });
  w = await startWorkspace({ workloads: { ...queueOnly }, areTriggersOn: false, clock: () => nowMs });
  await w.installation.serverSideRuns?.stop();
  processes = await Promise.all([started(), started()]);
});
afterAll(async () => {
  await Promise.all(processes.map((one) => one.end()));
  await w.stop();
});

/** What triggers have fired on, with how many runs came of it. */
async function firedBy(id: string): Promise<[occasion: string, runs: number][]> {
  const rows = await w.db.read<{ occasion: string; runs: number }>(
    { workspaceId: w.id },
    sql`SELECT f.occasion, (SELECT count(*)::int FROM workspace.trigger_dispatch d JOIN workspace.trigger_execution e ON e.workspace_id = d.workspace_id AND e.pipeline_run_id = d.pipeline_run_id AND e.trigger_id = f.trigger_id WHERE d.workspace_id = f.workspace_id AND d.firing_id = f.id AND d.status = 'started') AS runs
        FROM workspace.trigger_firing f WHERE f.workspace_id = ${w.id} AND f.trigger_id = ${id} ORDER BY f.occasion`,
  );
  return rows.map(({ occasion, runs }) => [occasion.replace('due ', ''), runs]);
}

async function runsOf(id: string): Promise<number> {
  const [row] = await w.db.read<{ count: number }>({ workspaceId: w.id }, sql`SELECT count(*)::int FROM workspace.trigger_execution WHERE trigger_id = ${id}`);
  return row?.count ?? 0;
}

/** Both look until nothing waits any more, a second later each time: a run that could not be started, say for its name, is tried again after some. */
async function workOff(fromMs: number): Promise<void> {
  for (let [ms, isWaiting] = [fromMs, true]; isWaiting; ms += 1_000) {
    const looked = await Promise.all(processes.map((one) => one.look(ms)));
    isWaiting = looked.some((one) => one?.nextDispatchMs != null);
  }
}

type Clock = { zone: string; days: number[] | null; hour: number; minute: number };

/** The first minute of each date at which a clock shows the time or a later one: what skipping and repeating an hour make of it follows by itself. */
function expectedTimes({ zone, days, hour, minute }: Clock, fromMs: number, untilMs: number): string[] {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'short' });
  const found = new Map<string, number>();
  for (let ms = fromMs - dayMs; ms < untilMs; ms += minuteMs) {
    const [date = '', time = ''] = format.format(ms).split(', ');
    if (time < `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}` || found.has(date)) continue;
    if (days === null || days.includes(new Date(`${date}T00:00:00Z`).getUTCDay())) found.set(date, ms);
  }
  return [...found.values()].filter((ms) => ms >= fromMs).map(iso);
}

it('fires every schedule at each of its times exactly once, through both changes of the clocks', async () => {
  const [fromMs, untilMs] = [nowMs, at('2031-11-15T00:00:00')];
  const snapshot = await runnableSnapshot(w);
  const schedule = (body: object) => attachedTrigger(w, snapshot, { type: 'schedule', ...body });
  const expected = new Map<string, string[]>();
  const berlin = { zone: 'Europe/Berlin', days: [0], hour: 2, minute: 30 };
  const newYorkSpring = { zone: 'America/New_York', days: [0], hour: 2, minute: 15 };
  const newYorkAutumn = { zone: 'America/New_York', days: [0, 3], hour: 1, minute: 30 };
  expected.set(await schedule({ cron_expression: 'CRON_TZ=Europe/Berlin 30 2 * * 0' }), expectedTimes(berlin, fromMs, untilMs));
  expected.set(await schedule({ cron_expression: 'CRON_TZ=America/New_York 15 2 * * 0' }), expectedTimes(newYorkSpring, fromMs, untilMs));
  expected.set(await schedule({ cron_expression: 'CRON_TZ=America/New_York 30 1 * * 0,3' }), expectedTimes(newYorkAutumn, fromMs, untilMs));
  const [start_time, once, end_time] = [fromMs + 90 * minuteMs, at('2031-06-06T06:06:06'), at('2031-09-01T00:00:00')];
  const weekly = Array.from({ length: 100 }, (_, n) => start_time + n * 7 * dayMs).filter((ms) => ms <= end_time);
  expected.set(await schedule({ interval: 7 * 86_400, start_time: iso(start_time), end_time: iso(end_time) }), weekly.map(iso));
  expected.set(await schedule({ run_once_start_time: iso(once) }), [iso(once)]);
  // Every quarter of an hour around the hour that comes twice: five hours of real time.
  const quarters = { start_time: '2031-10-25T23:00:00', end_time: '2031-10-26T04:00:00' };
  const inFiveHours = Array.from({ length: 20 }, (_, n) => iso(at(quarters.start_time) + (n + 1) * 15 * minuteMs));
  expected.set(await schedule({ cron_expression: 'CRON_TZ=Europe/Berlin */15 * * * *', ...quarters }), inFiveHours);
  for (const { length } of expected.values()) expect(length).toBeGreaterThan(0);

  for (let round = 0; ; round++) {
    // The clocks of two machines, and some lateness.
    const looked = await Promise.all(processes.map((one, index) => one.look(nowMs + ((round * 7 + index * 3) % 20) * 1_000)));
    const next = looked.map((one) => one?.nextDueMs ?? dayMs).map((ms, index) => nowMs + ((round * 7 + index * 3) % 20) * 1_000 + ms);
    nowMs = Math.min(...next);
    if (nowMs >= untilMs) break;
  }
  await workOff(untilMs - minuteMs);
  for (const [id, times] of expected) expect(await firedBy(id)).toEqual(times.map((time) => [time, 1]));
  nowMs = untilMs;
});

it('neither loses nor repeats a run when processes are killed while they start them', async () => {
  const snapshot = await runnableSnapshot(w);
  const ids: string[] = [];
  for (let n = 0; n < 30; n++) ids.push(await attachedTrigger(w, snapshot, { type: 'schedule', run_once_start_time: iso(nowMs + minuteMs) }));
  nowMs += 2 * minuteMs;
  const counts = async () => (await Promise.all(ids.map(runsOf))).reduce((sum, one) => sum + one, 0);
  // Three times somebody begins and is killed when some more have been started.
  for (const share of [3, 9, 15]) {
    const victim = await started();
    let isOver = false;
    const looking = victim.look(nowMs).finally(() => (isOver = true));
    await until(async () => isOver || (await counts()) >= share);
    victim.kill('SIGKILL');
    await looking;
  }
  expect(await counts()).toBeLessThanOrEqual(30);
  await workOff(nowMs);
  for (const id of ids) {
    expect(await firedBy(id)).toEqual([[iso(nowMs - minuteMs), 1]]);
    expect(await runsOf(id)).toBe(1);
  }
});
