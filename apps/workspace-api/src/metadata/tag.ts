import { Controller } from '@nestjs/common';
import type { Tx } from '#libs/database/db.js';
import { join, literal, raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertName } from '#libs/resource/name.js';
import { resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { TagFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { tags } from '#libs/wire/operations/tags.js';
import { anyColor, exclusiveScopes } from './tag.rules.js';

export const tag = resource({
  name: 'tag',
  table: 'tag',
  access: 'tag',
  body: { color: 'color', exclusive: 'exclusive' },
  metadata: { tagged_count: (t) => sql`(SELECT count(*) FROM workspace.tag_resource x WHERE x.workspace_id = ${t}.workspace_id AND x.tag_id = ${t}.id)` },
  filter: TagFilter,
  filters: {
    // The original compares this one as it is, operators included.
    resource_type: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.tag_resource x WHERE x.workspace_id = ${t}.workspace_id AND x.tag_id = ${t}.id AND x.resource_type = ${predicate.text})`,
  },
  conflict: ({ name }) => `There is already a tag named '${name}'.`,
});

/** Tags are labels that the whole workspace shares: everybody may see and make them, only changing one is a right. */
const shared = { login: 'tags are shared by the whole workspace' };

@Controller()
export class TagController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(tags.list_tags, shared)
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof tags.list_tags>) {
    return this.store.list(caller, tag, input);
  }

  @Operation(tags.get_tag, shared)
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof tags.get_tag>) {
    return this.store.get(caller, tag, path.tag_id, query);
  }

  @Operation(tags.create_tag, shared)
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof tags.create_tag>) {
    assertName('tag', body.name);
    return this.store.write(caller, async (tx) => {
      const { name, exclusive, color } = body;
      const id = await this.store.insertRow(tx, caller, tag, { name, exclusive, color: color ?? anyColor(), user_id: caller.userId });
      return this.store.reply(caller, tag, id, tx);
    });
  }

  @Operation(tags.update_tag, { action: 'update', on: 'tag' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof tags.update_tag>) {
    return this.store.write(caller, async (tx) => {
      const id = path.tag_id;
      const row = await this.store.row<{ name: string }>(tx, caller, tag, id, 'update', { columns: ['name'], lock: true });
      if (body.exclusive) await this.assertMayBecomeExclusive(tx, caller, id, row.name);
      await this.store.updateFrom(tx, caller, tag, id, body);
      return this.store.reply(caller, tag, id, tx);
    });
  }

  @Operation(tags.delete_tag, { action: 'delete', on: 'tag' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof tags.delete_tag>) {
    return this.store.delete(caller, tag, path.tag_id);
  }

  /** A tag that sits on other types, or twice in one scope, cannot become exclusive. One statement for all of its links. */
  private async assertMayBecomeExclusive(tx: Tx, caller: Caller, id: string, name: string): Promise<void> {
    const types = Object.keys(exclusiveScopes).filter((type) => type !== 'deployment');
    const perScope = types.map((type) => {
      const { from, scope } = exclusiveScopes[type] as { from: string; scope: string };
      return sql`SELECT ${literal(type)} AS type FROM workspace.tag_resource l JOIN (${raw(`SELECT x.workspace_id, x.id, ${scope} AS scope FROM ${from}`)}) y ON y.workspace_id = l.workspace_id AND y.id = l.resource_id WHERE l.workspace_id = ${caller.workspaceId} AND l.tag_id = ${id} AND l.resource_type = ${literal(type)} GROUP BY y.scope HAVING count(*) > 1`;
    });
    const elsewhere = sql`SELECT l.resource_type FROM workspace.tag_resource l WHERE l.workspace_id = ${caller.workspaceId} AND l.tag_id = ${id} AND l.resource_type <> ALL(${types}::text[])`;
    const conflicts = await tx.query<{ type: string }>(sql`SELECT DISTINCT type FROM (${join([elsewhere, ...perScope], ' UNION ALL ')}) c(type)`);
    if (conflicts.length > 0) {
      throw new Problem(
        'invalid',
        `The tag '${name}' cannot become exclusive: it is attached to ${conflicts.map((conflict) => conflict.type).join(', ')} in a way that exclusive tags do not allow. Exclusive tags go on runs, artifact versions, run templates and snapshots, and on one of them per pipeline or artifact.`,
      );
    }
  }
}
