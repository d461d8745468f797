import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import type { Runner } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { record } from '#libs/resource/audit.js';
import type { Caller } from '#libs/resource/caller.js';
import { constant, documentOf } from '#libs/resource/render.js';
import { allowed, Render, resource, tableOf } from '#libs/resource/resource.js';
import { missing, ResourceStore } from '#libs/resource/store.js';
import type { SecretValues } from '#libs/secret-stores/secret-store.js';
import { SecretFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { secrets } from '#libs/wire/operations/secrets.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { Installation } from '../installation.js';
import { patchedValues, presentValues } from './secret-values.rules.js';

/** Secrets of people. Those of connectors and webhooks are in the same table and nobody's to see; private ones are their owner's, whoever asks. */
export const secret = resource({
  name: 'secret',
  table: 'secret',
  access: 'secret',
  body: { private: 'private', values: constant('{}') },
  metadata: {},
  filter: SecretFilter,
  // Everybody sees the same selection of private secrets, so there is nothing to narrow by user.
  filters: { scope_user: () => null },
  where: (t, { caller }) => sql`NOT ${t}.internal AND (NOT ${t}.private OR ${t}.user_id = ${caller.userId})`,
  columns: { values: null },
  nullKeeps: ['name'],
  conflict: ({ name, private: isPrivate }) =>
    `There is already a ${isPrivate ? 'private' : 'public'} secret${name === undefined ? ' of this name' : ` named '${name}'`}.`,
});

type Opened = { document: { name: string; body: { values: Record<string, string | null> } }; values: string | null; may: boolean };

@Controller()
export class SecretController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(secrets.list_secrets, { action: 'read', on: 'secret' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof secrets.list_secrets>) {
    return this.store.list(caller, secret, input);
  }

  @Operation(secrets.get_secret, { action: 'read', on: 'secret', also: 'read_secret_value for the values' })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof secrets.get_secret>) {
    const id = path.secret_id;
    const found = await this.#open(this.store.reader(caller), caller, id, query.hydrate);
    const values = await this.installation.vault.read(caller.workspaceId, { id, values: found.values });
    // Nobody sees a value without a trace: what cannot be recorded is not shown.
    if (found.may) await record(this.store.reader(caller), caller, 'secret.read_values', { type: 'secret', id, name: found.document.name, projectId: null });
    return withValues(found, values);
  }

  @Operation([secrets.create_secret, workspaces.create_secret], { action: 'create', on: 'secret' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof secrets.create_secret>) {
    caller.access.require('create', 'secret');
    const id = randomUUID();
    const after = presentValues(body.values);
    return this.installation.vault.around(caller.workspaceId, [{ id, before: null, after }], (columns) =>
      this.store.write(
        caller,
        async (tx) => {
          await this.store.insert(tx, caller, secret, body, { id, values: columns.get(id) });
          return withValues(await this.#open(tx, caller, id), after);
        },
        { isSecret: true },
      ),
    );
  }

  @Operation(secrets.update_secret, { action: 'update', on: 'secret' })
  async update(@CurrentCaller() caller: Caller, @Input() { path, query, body }: InputOf<typeof secrets.update_secret>) {
    const id = path.secret_id;
    const { vault } = this.installation;
    const row = await this.store.row<{ user_id: string; values: string | null }>(this.store.reader(caller), caller, secret, id, 'update', {
      columns: ['user_id', 'values'],
    });
    if (body.private != null && row.user_id !== caller.userId) throw new Problem('forbidden', 'Only the owner of a secret can make it private or public.');
    const before = await vault.read(caller.workspaceId, { id, values: row.values });
    const after = body.values ? (query.patch_values ? patchedValues(before, body.values) : presentValues(body.values)) : before;
    return vault.around(caller.workspaceId, body.values ? [{ id, before, after }] : [], (columns) =>
      this.store.write(
        caller,
        async (tx) => {
          const locked = await this.store.row<{ values: string | null }>(tx, caller, secret, id, 'update', { columns: ['values'], lock: true });
          // Somebody else changed the values since they were read, and a patch made from the old ones would undo that.
          if (query.patch_values && body.values && locked.values !== row.values)
            throw new Problem('exists', 'The secret was changed at the same time. Try again.');
          await this.store.updateFrom(tx, caller, secret, id, body, columns.has(id) ? { values: columns.get(id) } : {});
          return withValues(await this.#open(tx, caller, id), after);
        },
        { isSecret: true },
      ),
    );
  }

  @Operation(secrets.delete_secret, { action: 'delete', on: 'secret' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof secrets.delete_secret>) {
    return this.installation.vault.around(caller.workspaceId, [{ id: path.secret_id, before: null, after: null }], () =>
      this.store.delete(caller, secret, path.secret_id),
    );
  }

  /** The document, what its row holds of the values, and whether the caller may see them. @throws Problem 404, AccessDenied */
  async #open(runner: Runner, caller: Caller, id: string, hydrate = true): Promise<Opened> {
    const render = new Render(caller);
    const t = render.alias();
    const readable = allowed(secret, 'read', t, render) ?? raw('true');
    const [row] = await runner.query<Opened & { document: string; readable: boolean }>(
      sql`SELECT ${documentOf(secret, t, render, { metadata: hydrate, resources: true })} AS document, ${t}.values, ${readable} AS readable, ${allowed(secret, 'read_secret_value', t, render) ?? raw('true')} AS may
          FROM ${tableOf(secret)} ${t} WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.id = ${id} AND ${(secret.where as NonNullable<typeof secret.where>)(t, render)}`,
    );
    if (!row) throw missing(secret, id);
    if (!row.readable) throw new AccessDenied('read', 'secret', id);
    return { ...row, document: JSON.parse(row.document) };
  }
}

/** Whoever may not read the values still sees their names. */
function withValues({ document, may }: Opened, values: SecretValues) {
  document.body.values = may ? values : Object.fromEntries(Object.keys(values).map((key) => [key, null]));
  return document;
}
