import type { FastifyRequest } from 'fastify';
import type { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import type { Clock } from '#libs/identity/clock.js';

const intervalMs = 30_000;
/** Workspaces, devices and keys that are remembered; forgetting them only means one more write. */
const maxKnown = 50_000;

/** Notes that a workspace is in use, and the devices and keys behind its tokens: after the reply, and at most every 30 seconds each. */
export class Activity {
  readonly #writtenMs = new Map<string, number>();

  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
  ) {}

  /** Never fails: a note that is lost comes again with the next request. */
  async note(request: FastifyRequest): Promise<void> {
    const workspaceId = (request as { workspaceId?: string }).workspaceId;
    const path = request.url.split('?')[0] as string;
    if (!workspaceId || !path.startsWith('/api/v1/') || path === '/api/v1/info') return;
    const token = (request.caller as { token?: Record<string, unknown> | null } | undefined)?.token;
    await Promise.all([
      this.#write(workspaceId, workspaceId, () => this.#workspace(workspaceId)),
      this.#write(workspaceId, token?.device_id, (id) => this.#lastLogin(workspaceId, sql`workspace.auth_devices`, id)),
      this.#write(workspaceId, token?.api_key_id, (id) => this.#lastLogin(workspaceId, sql`workspace.api_key`, id)),
    ]).catch(() => {});
  }

  async #write(workspaceId: string, id: unknown, write: (id: string) => Promise<unknown>): Promise<void> {
    if (typeof id !== 'string') return;
    const nowMs = this.clock();
    const key = `${workspaceId} ${id}`;
    if (nowMs - (this.#writtenMs.get(key) ?? Number.NEGATIVE_INFINITY) < intervalMs) return;
    if (this.#writtenMs.size >= maxKnown) this.#writtenMs.clear();
    this.#writtenMs.set(key, nowMs);
    await write(id);
  }

  /** `updated` says when settings changed and stays. Other processes write too, so time only moves forward. */
  #workspace(workspaceId: string): Promise<unknown> {
    return this.db.read(
      { workspaceId },
      sql`UPDATE workspace.server_settings SET last_user_activity = (now() AT TIME ZONE 'utc') WHERE workspace_id = ${workspaceId} AND last_user_activity < (now() AT TIME ZONE 'utc')`,
    );
  }

  #lastLogin(workspaceId: string, table: ReturnType<typeof sql>, id: string): Promise<unknown> {
    return this.db.read({ workspaceId }, sql`UPDATE ${table} SET last_login = (now() AT TIME ZONE 'utc') WHERE workspace_id = ${workspaceId} AND id = ${id}`);
  }
}
