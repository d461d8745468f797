import { Controller } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { join, literal, raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { JsonText } from '#libs/http/reply.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertName } from '#libs/resource/name.js';
import { uuidOf } from '#libs/resource/predicate.js';
import { allowed, Render, type Resource, resources, tableOf } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { TagResourceRequest } from '#libs/wire/models/tag-resource.js';
import type { InputOf } from '#libs/wire/operation.js';
import { tagResources } from '#libs/wire/operations/tag-resources.js';
import { anyColor, exclusiveScopes, groupBy, type NamedTag } from './tag.rules.js';

type Tag = { id: string; name: string; exclusive: boolean };
type Link = { tag: Tag; type: string; id: string };

/** The tags to put on one resource; names that do not exist yet become tags. */
export type Tagging = { type: string; id: string; tags: readonly (string | NamedTag)[] | null | undefined };

/** Puts tags on a resource: at most four statements, two when all tags exist. `resourceType` is what the declaration calls `taggable`. */
export async function attachTags(
  tx: Tx,
  caller: Caller,
  resourceType: string,
  resourceId: string,
  tags: readonly (string | NamedTag)[] | null | undefined,
): Promise<void> {
  await attachTagsToMany(tx, caller, [{ type: resourceType, id: resourceId, tags }]);
}

/** The same for many resources, in as many statements as for one. */
export async function attachTagsToMany(tx: Tx, caller: Caller, taggings: readonly Tagging[]): Promise<void> {
  const wanted = taggings.flatMap(({ tags }) => tags ?? []);
  if (wanted.length === 0) return;
  const find = await tagsFor(tx, caller, wanted);
  await link(
    tx,
    caller,
    taggings.flatMap(({ type, id, tags }) => (tags ?? []).map((one) => ({ tag: find(one), type, id }))),
  );
}

/** Takes tags, by name or id, off a resource. Tags that are not on it are ignored. */
export async function detachTags(
  tx: Tx,
  caller: Caller,
  resourceType: string,
  resourceId: string,
  tags: readonly (string | NamedTag)[] | null | undefined,
): Promise<void> {
  const keys = (tags ?? []).map((one) => (typeof one === 'string' ? one : one.name));
  if (keys.length === 0) return;
  const ids = keys.flatMap((key) => uuidOf(key) ?? []);
  const names = keys.filter((key) => uuidOf(key) === null);
  await tx.query(
    sql`DELETE FROM workspace.tag_resource l USING workspace.tag t WHERE l.workspace_id = ${caller.workspaceId} AND l.resource_type = ${resourceType} AND l.resource_id = ${resourceId} AND t.workspace_id = l.workspace_id AND t.id = l.tag_id AND (t.name = ANY(${names}::text[]) OR t.id = ANY(${ids}::uuid[]))`,
  );
}

/** Finds tags by name or id, making those that do not exist, and answers which one an entry of a request means. */
async function tagsFor(tx: Tx, caller: Caller, wanted: readonly (string | NamedTag)[]): Promise<(one: string | NamedTag) => Tag> {
  const idOf = (one: string | NamedTag) => (typeof one === 'string' ? uuidOf(one) : null);
  const nameOf = (one: string | NamedTag) => (typeof one === 'string' ? one : one.name);
  const ids = wanted.flatMap((one) => idOf(one) ?? []);
  const byName = new Map<string, NamedTag>();
  for (const one of wanted) if (idOf(one) === null && !byName.has(nameOf(one))) byName.set(nameOf(one), typeof one === 'string' ? { name: one } : one);
  const known = await tx.query<Tag>(
    sql`SELECT id, name, exclusive FROM workspace.tag WHERE workspace_id = ${caller.workspaceId} AND (name = ANY(${[...byName.keys()]}::text[]) OR id = ANY(${ids}::uuid[]))`,
  );
  const foundById = new Map(known.map((row) => [row.id, row]));
  const foundByName = new Map(known.map((row) => [row.name, row]));
  const missing = [...byName.values()].filter(({ name }) => !foundByName.has(name));
  for (const { name } of missing) assertTagName(name);
  if (missing.length > 0) {
    const rows = missing.map(({ name, color, exclusive }) => ({ name, color: color ?? anyColor(), exclusive: exclusive ?? false }));
    // Somebody else may make the same tags meanwhile: the order of names keeps two from waiting for each other, and the no-op update returns theirs. Listed they are as they were sent.
    const made = await tx.query<Tag>(
      sql`INSERT INTO workspace.tag (workspace_id, created, name, color, exclusive, user_id) SELECT ${caller.workspaceId}::uuid, (statement_timestamp() AT TIME ZONE 'utc') + n.place * interval '1 microsecond', n.name, n.color, n.exclusive, ${caller.userId}::uuid FROM ROWS FROM (json_to_recordset(${JSON.stringify(rows)}::json) AS (name text, color text, exclusive bool)) WITH ORDINALITY AS n(name, color, exclusive, place) ORDER BY n.name ON CONFLICT (workspace_id, name) DO UPDATE SET name = excluded.name RETURNING id, name, exclusive`,
    );
    for (const row of made) foundByName.set(row.name, row);
  }
  return (one) => {
    const id = idOf(one);
    const tag = id ? foundById.get(id) : foundByName.get(nameOf(one));
    if (!tag) throw new Problem('not_found', `No tag with the ID ${id} found.`);
    if (typeof one !== 'string' && Boolean(one.exclusive) !== tag.exclusive) {
      const is = tag.exclusive ? 'exclusive' : 'not exclusive';
      throw new Problem('invalid', `The tag '${tag.name}' exists already and is ${is}. Update it before attaching it this way.`);
    }
    return tag;
  };
}

function assertTagName(name: string): void {
  assertName('tag', name);
  if (uuidOf(name)) throw new Problem('invalid', `The tag name '${name}' looks like an ID. Choose another name.`);
  if (name.length > 255) throw new Problem('invalid', 'The name of a tag may have at most 255 characters.');
}

/** Inserts links, and takes exclusive tags off whatever carried them in the same scope. */
async function link(tx: Tx, caller: Caller, links: readonly Link[]): Promise<void> {
  const exclusive = links.filter(({ tag }) => tag.exclusive);
  for (const { type, tag } of exclusive) {
    if (!exclusiveScopes[type]) throw new Problem('invalid', `The tag '${tag.name}' is exclusive, and exclusive tags cannot be attached to a ${type}.`);
  }
  if (exclusive.length > 0) {
    // Two requests that move the same exclusive tag at once take turns here.
    const ids = [...new Set(exclusive.map(({ tag }) => tag.id))];
    await tx.query(sql`SELECT id FROM workspace.tag WHERE workspace_id = ${caller.workspaceId} AND id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`);
  }
  for (const [type, ofType] of groupBy(exclusive, ({ type }) => type)) await detachFromScope(tx, caller, type, ofType);
  const rows = links.map(({ tag, type, id }) => ({ tag: tag.id, type, id }));
  const types = [...new Set(links.map(({ type }) => type))];
  // Lists by tag read nothing but links (libs/resource/page-rows.ts).
  const tagged = join(
    types.map(
      (type) =>
        sql`SELECT ${literal(type)} AS type, x.id, x.project_id, x.created FROM ${tableOf(taggable(type))} x WHERE x.workspace_id = ${caller.workspaceId}`,
    ),
    ' UNION ALL ',
  );
  tx.execute(
    sql`INSERT INTO workspace.tag_resource (workspace_id, tag_id, resource_type, resource_id, project_id, resource_created) SELECT ${caller.workspaceId}::uuid, l.tag, l.type, l.id, x.project_id, x.created FROM json_to_recordset(${JSON.stringify(rows)}::json) AS l(tag uuid, type text, id uuid) JOIN (${tagged}) x ON x.type = l.type AND x.id = l.id ON CONFLICT DO NOTHING`,
  );
}

async function detachFromScope(tx: Tx, caller: Caller, type: string, links: readonly Link[]): Promise<void> {
  const { from, scope } = exclusiveScopes[type] as { from: string; scope: string };
  const scoped = raw(`SELECT x.workspace_id, x.id, ${scope} AS scope FROM ${from}`);
  const rows = JSON.stringify([...new Map(links.map(({ tag, id }) => [`${tag.id}${id}`, { tag: tag.id, id }])).values()]);
  const mine = sql`SELECT n.tag, n.id, y.scope FROM json_to_recordset(${rows}::json) AS n(tag uuid, id uuid) JOIN (${scoped}) y ON y.workspace_id = ${caller.workspaceId} AND y.id = n.id WHERE y.scope IS NOT NULL`;
  const [state] = await tx.query<{ twice: boolean }>(
    sql`WITH mine AS (${mine}), gone AS (DELETE FROM workspace.tag_resource l USING mine, (${scoped}) other WHERE l.workspace_id = ${caller.workspaceId} AND l.tag_id = mine.tag AND l.resource_type = ${literal(type)} AND other.workspace_id = l.workspace_id AND other.id = l.resource_id AND other.id <> mine.id AND other.scope = mine.scope) SELECT EXISTS (SELECT 1 FROM mine GROUP BY tag, scope HAVING count(*) > 1) AS twice`,
  );
  if (state?.twice) throw new Problem('invalid', `An exclusive tag can be attached to only one ${type} of the same pipeline or artifact.`);
}

const guard = { guarded: 'the right to update every resource that is named' };

@Controller()
export class TagResourceController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(tagResources.create_tag_resource, guard)
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof tagResources.create_tag_resource>) {
    return this.store.write(caller, async (tx) => new JsonText((await this.attach(tx, caller, [body]))[0] as string));
  }

  @Operation(tagResources.batch_create_tag_resource, guard)
  createBatch(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof tagResources.batch_create_tag_resource>) {
    return this.store.write(caller, async (tx) => new JsonText(`[${(await this.attach(tx, caller, body)).join(',')}]`));
  }

  @Operation(tagResources.delete_tag_resource, guard)
  delete(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof tagResources.delete_tag_resource>) {
    return this.store.write(caller, (tx) => this.detach(tx, caller, [body]));
  }

  @Operation(tagResources.batch_delete_tag_resource, guard)
  deleteBatch(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof tagResources.batch_delete_tag_resource>) {
    return this.store.write(caller, (tx) => this.detach(tx, caller, body));
  }

  /** The links, in the order of the request, as the wire shows them. A new link that is asked for twice is listed once. */
  private async attach(tx: Tx, caller: Caller, requests: readonly TagResourceRequest[]): Promise<string[]> {
    if (requests.length === 0) return [];
    await this.assertUpdatable(tx, caller, requests);
    const ids = [...new Set(requests.map(({ tag_id }) => tag_id))];
    const found = await tx.query<Tag>(
      sql`SELECT id, name, exclusive FROM workspace.tag WHERE workspace_id = ${caller.workspaceId} AND id = ANY(${ids}::uuid[])`,
    );
    const tags = new Map(found.map((row) => [row.id, row]));
    const unknown = ids.find((id) => !tags.has(id));
    if (unknown) throw new Problem('not_found', `No tag with the ID ${unknown} found.`);
    const before = await this.links(tx, caller, requests);
    await link(
      tx,
      caller,
      requests.map(({ tag_id, resource_type, resource_id }) => ({ tag: tags.get(tag_id) as Tag, type: resource_type, id: resource_id })),
    );
    const after = await this.links(tx, caller, requests);
    const listed = new Set<string>();
    return requests.flatMap((request) => {
      const key = keyOf(request);
      if (listed.has(key) && !before.has(key)) return [];
      listed.add(key);
      return after.get(key) ?? [];
    });
  }

  private async detach(tx: Tx, caller: Caller, requests: readonly TagResourceRequest[]): Promise<null> {
    if (requests.length === 0) return null;
    await this.assertUpdatable(tx, caller, requests);
    await tx.query(
      sql`DELETE FROM workspace.tag_resource l USING json_to_recordset(${JSON.stringify(requests)}::json) AS n(tag_id uuid, resource_type text, resource_id uuid) WHERE l.workspace_id = ${caller.workspaceId} AND l.tag_id = n.tag_id AND l.resource_type = n.resource_type AND l.resource_id = n.resource_id`,
    );
    return null;
  }

  private async links(tx: Tx, caller: Caller, requests: readonly TagResourceRequest[]): Promise<Map<string, string>> {
    const rows = await tx.query<{ key: string; doc: string }>(
      sql`SELECT DISTINCT concat_ws('|', l.tag_id, l.resource_type, l.resource_id) AS key, json_build_object('id', l.id, 'permission_denied', false, 'body', json_build_object('created', workspace.wire_time(l.created), 'updated', workspace.wire_time(l.updated), 'tag_id', l.tag_id, 'resource_id', l.resource_id, 'resource_type', l.resource_type), 'metadata', null, 'resources', null)::text AS doc FROM workspace.tag_resource l JOIN json_to_recordset(${JSON.stringify(requests)}::json) AS n(tag_id uuid, resource_type text, resource_id uuid) ON l.tag_id = n.tag_id AND l.resource_type = n.resource_type AND l.resource_id = n.resource_id WHERE l.workspace_id = ${caller.workspaceId}`,
    );
    return new Map(rows.map(({ key, doc }) => [key, doc]));
  }

  /** Tagging changes a resource, so it takes the right to update it. One statement for all types. */
  private async assertUpdatable(tx: Tx, caller: Caller, requests: readonly TagResourceRequest[]): Promise<void> {
    const render = new Render(caller);
    const parts = [...groupBy(requests, ({ resource_type }) => resource_type)].map(([type, ofType]) => {
      const target = taggable(type);
      const t = render.alias();
      const may = allowed(target, 'update', t, render) ?? raw('true');
      return sql`SELECT ${literal(type)} AS type, ${t}.id, ${may} AS may FROM ${tableOf(target)} ${t} WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.id = ANY(${ofType.map(({ resource_id }) => resource_id)}::uuid[])`;
    });
    const rows = await tx.query<{ type: string; id: string; may: boolean }>(join(parts, ' UNION ALL '));
    const found = new Map(rows.map((row) => [`${row.type}|${row.id}`, row.may]));
    for (const { resource_type, resource_id } of requests) {
      const may = found.get(`${resource_type}|${resource_id}`);
      if (may === undefined) throw new Problem('not_found', `No ${resource_type} with the ID ${resource_id} found.`);
      if (may === false) throw new AccessDenied('update', resource_type, resource_id);
    }
  }
}

function keyOf({ tag_id, resource_type, resource_id }: TagResourceRequest): string {
  return `${tag_id}|${resource_type}|${resource_id}`;
}

function taggable(type: string): Resource {
  const found = resources.find((one) => one.taggable === type);
  if (!found) throw new Error(`No resource is declared as taggable under the name ${type}.`);
  return found;
}
