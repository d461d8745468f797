import type { FastifyRequest } from 'fastify';
import type { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';

export type IdentityMode = 'pro' | 'local';

/** A workspace as its own server needs to know it. */
export type Tenant = { id: string; name: string; organizationId: string | null; organizationName: string | null; identityMode: IdentityMode; status: string };

const maxKnown = 50_000;

/** Finds the workspace that a request is about: the bound one, or the one its URL names. */
export class Tenants {
  /** Slug to id; ids never change, so this needs no invalidation. */
  readonly #ids = new Map<string, string>();

  constructor(
    private readonly db: Db,
    private readonly boundId: string | null,
  ) {}

  /** The workspace's id. @throws Problem 404 when the URL names none */
  async idOf(request: FastifyRequest): Promise<string> {
    if (this.boundId) return this.boundId;
    const slug = (request.raw as { tenantSlug?: string }).tenantSlug;
    if (!slug) throw noWorkspace();
    const known = this.#ids.get(slug);
    if (known) return known;
    const match =
      slug.length === 8
        ? sql`id >= ${`${slug}-0000-0000-0000-000000000000`}::uuid AND id <= ${`${slug}-ffff-ffff-ffff-ffffffffffff`}::uuid`
        : sql`id = ${slug}::uuid`;
    const [row] = await this.db.read<{ id: string }>({ workspaceId: null }, sql`SELECT id FROM cloud.workspace WHERE ${match} AND status <> 'deleted' LIMIT 1`);
    if (!row) throw noWorkspace();
    if (this.#ids.size >= maxKnown) this.#ids.clear();
    this.#ids.set(slug, row.id);
    return row.id;
  }

  /** The workspace itself. @throws Problem 404 */
  async of(request: FastifyRequest): Promise<Tenant> {
    const id = await this.idOf(request);
    const [row] = await this.db.read<Tenant>(
      { workspaceId: id },
      sql`SELECT w.id, w.name, w.organization_id AS "organizationId", o.name AS "organizationName", w.identity_mode AS "identityMode", w.status FROM cloud.workspace w LEFT JOIN cloud.organization o ON o.id = w.organization_id WHERE w.id = ${id}`,
    );
    if (!row || row.status === 'deleted') throw noWorkspace();
    return row;
  }
}

export function noWorkspace(): Problem {
  return new Problem('not_found', 'There is no workspace at this address.');
}
