import { Rounds } from '#libs/boot/rounds.js';
import type { ResourceStore } from '#libs/resource/store.js';
import type { Installation } from '../installation.js';
import { dispatchChannel, dueChannel } from './firing.js';
import { TriggerDispatcher } from './trigger-dispatcher.js';
import { TriggerScheduler } from './trigger-scheduler.js';

/** How late a process finds what another one wrote when it was not told of it. */
const atMostMs = 30_000;

/** This process's part in making triggers fire. It sleeps until the database tells of work or the nearest schedule is due. */
export class TriggerRounds {
  readonly scheduler: TriggerScheduler;
  readonly dispatcher: TriggerDispatcher;
  readonly #due: Rounds;
  readonly #dispatches: Rounds;
  readonly #deaf: (() => void)[] = [];

  constructor(
    private readonly installation: Installation,
    store: ResourceStore,
  ) {
    this.scheduler = new TriggerScheduler(installation.db, installation.options.clock);
    this.dispatcher = new TriggerDispatcher(installation, store);
    this.#due = new Rounds({ name: 'schedules', atMostMs, work: (signal) => this.scheduler.look(signal) });
    this.#dispatches = new Rounds({ name: 'triggers', atMostMs, work: (signal) => this.dispatcher.look(signal) });
  }

  start(): void {
    const { db } = this.installation;
    this.#deaf.push(
      db.listen(dueChannel, () => this.#due.wake()),
      db.listen(dispatchChannel, () => this.#dispatches.wake()),
    );
    this.#due.wake();
    this.#dispatches.wake();
  }

  async stop(): Promise<void> {
    for (const end of this.#deaf) end();
    await Promise.all([this.#due.stop(), this.#dispatches.stop()]);
  }
}
