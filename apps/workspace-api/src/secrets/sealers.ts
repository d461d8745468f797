import { type Sealer, workspaceSealer } from '#libs/crypto/envelope.js';
import type { MasterKeys } from '#libs/crypto/master-key.js';
import type { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';

/** Unwrapped data keys held in memory; bounds what a visitor of many workspaces can make us hold. */
const maxSealers = 1_000;

/** The sealers of workspaces, made from their wrapped data keys when first needed. */
export class Sealers {
  readonly #sealers = new Map<string, Promise<Sealer>>();

  constructor(
    private readonly db: Db,
    private readonly master: MasterKeys,
  ) {}

  of(workspaceId: string): Promise<Sealer> {
    const known = this.#sealers.get(workspaceId);
    if (known) return known;
    if (this.#sealers.size >= maxSealers) this.#sealers.delete(this.#sealers.keys().next().value as string);
    const made = this.#load(workspaceId);
    this.#sealers.set(workspaceId, made);
    // A failure is not remembered: the database may be back at the next attempt.
    made.catch(() => this.#sealers.delete(workspaceId));
    return made;
  }

  async #load(workspaceId: string): Promise<Sealer> {
    const rows = await this.db.read<{ wrapped: string }>(
      { workspaceId },
      sql`SELECT wrapped FROM cloud.workspace_data_key WHERE workspace_id = ${workspaceId} ORDER BY created DESC, id`,
    );
    return workspaceSealer(
      this.master,
      workspaceId,
      rows.map((row) => row.wrapped),
    );
  }
}
