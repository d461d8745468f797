import { randomBytes, randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Controller, Inject } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { parseExact } from '#libs/json/exact.js';
import type { Caller } from '#libs/resource/caller.js';
import type { Resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { webhooks } from '#libs/wire/operations/webhooks.js';
import { Installation } from '../installation.js';
import { secret as secretResource } from '../secrets/secret.js';
import { webhook, webhookReachedAt } from './webhook.js';
import { webhookProvider } from './webhook-providers.rules.js';

@Controller()
export class WebhookController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(webhooks.list_webhooks, { action: 'read', on: 'webhook' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof webhooks.list_webhooks>) {
    return this.store.list(caller, this.#shown(caller), input);
  }

  @Operation(webhooks.get_webhook, { action: 'read', on: 'webhook' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof webhooks.get_webhook>) {
    return this.store.get(caller, this.#shown(caller), path.webhook_id, query);
  }

  /** A secret that we made is shown here and never again; one that was given is known to whoever gave it. */
  @Operation(webhooks.create_webhook, { action: 'create', on: 'webhook' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof webhooks.create_webhook>) {
    if (!webhookProvider(body.webhook_type))
      throw new Problem('unprocessable', `Webhooks of the type '${body.webhook_type}' are not supported. Use custom, github, clickup or slack.`, {
        shape: 'plain',
      });
    caller.access.require('create', 'webhook', { projectId: body.project });
    const secret = body.secret ?? newSecret();
    const secretId = randomUUID();
    return this.installation.vault.around(caller.workspaceId, [{ id: secretId, before: null, after: { secret } }], (columns) =>
      this.store.write(
        caller,
        async (tx) => {
          await this.store.insertRow(tx, caller, secretResource, {
            id: secretId,
            name: `webhook-${randomUUID().replaceAll('-', '')}`,
            private: false,
            internal: true,
            values: columns.get(secretId),
            user_id: caller.userId,
          });
          const id = await this.store.insert(tx, caller, webhook, body, { secret_id: secretId });
          await tx.query(sql`INSERT INTO workspace.webhook_stats (workspace_id, webhook_id) VALUES (${caller.workspaceId}, ${id})`);
          const document = await this.store.get(caller, this.#shown(caller), id, {}, tx);
          return { ...(document.parse() as object), secret: body.secret == null ? secret : null };
        },
        { isSecret: true },
      ),
    );
  }

  @Operation(webhooks.update_webhook, { action: 'update', on: 'webhook' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof webhooks.update_webhook>) {
    return this.store.update(caller, this.#shown(caller), path.webhook_id, body);
  }

  @Operation(webhooks.rotate_webhook_secret, { action: 'update', on: 'webhook' })
  async rotate(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof webhooks.rotate_webhook_secret>) {
    const { vault } = this.installation;
    const [row] = await this.store
      .reader(caller)
      .query<{ id: string; values: string | null }>(
        sql`SELECT s.id, s.values FROM workspace.webhook w JOIN workspace.secret s ON s.workspace_id = w.workspace_id AND s.id = w.secret_id WHERE w.workspace_id = ${caller.workspaceId} AND w.id = ${path.webhook_id}`,
      );
    await this.store.row(this.store.reader(caller), caller, webhook, path.webhook_id, 'update', { columns: ['id'] });
    const sealed = row as { id: string; values: string | null };
    const secret = body.secret ?? newSecret();
    const before = await vault.read(caller.workspaceId, sealed);
    return vault.around(caller.workspaceId, [{ id: sealed.id, before, after: { secret } }], (columns) =>
      this.store.write(
        caller,
        async (tx) => {
          await this.store.row(tx, caller, webhook, path.webhook_id, 'update', { columns: ['id'], lock: true });
          await this.store.updateRow(tx, caller, secretResource, sealed.id, { values: columns.get(sealed.id) });
          await this.store.updateRow(tx, caller, webhook, path.webhook_id, {});
          return { secret };
        },
        { isSecret: true },
      ),
    );
  }

  @Operation(webhooks.delete_webhook, { action: 'delete', on: 'webhook' })
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof webhooks.delete_webhook>) {
    const id = path.webhook_id;
    const { secret_id } = await this.store.row<{ secret_id: string }>(this.store.reader(caller), caller, webhook, id, 'delete', { columns: ['secret_id'] });
    return this.installation.vault.around(caller.workspaceId, [{ id: secret_id, before: null, after: null }], () =>
      this.store.write(caller, async (tx) => {
        await this.store.row(tx, caller, webhook, id, 'delete', { columns: ['id'], lock: true });
        const [used] = await tx.query(
          sql`SELECT 1 FROM workspace.trigger WHERE workspace_id = ${caller.workspaceId} AND webhook_id = ${id} AND NOT is_archived LIMIT 1`,
        );
        if (used) throw new Problem('forbidden', 'The webhook is used by triggers. Archive or delete them first.');
        await this.store.deleteRow(tx, caller, webhook, id);
        await this.store.deleteRow(tx, caller, secretResource, secret_id);
        return null;
      }),
    );
  }

  @Operation(webhooks.get_raw_webhook_event, { action: 'read', on: 'webhook' })
  async rawEvent(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof webhooks.get_raw_webhook_event>) {
    const reader = this.store.reader(caller);
    await this.store.row(reader, caller, webhook, path.webhook_id, 'read', { columns: ['id'] });
    const [row] = await reader.query<{ payload: Buffer }>(
      sql`SELECT payload FROM workspace.webhook_event_payload WHERE workspace_id = ${caller.workspaceId} AND webhook_id = ${path.webhook_id} AND delivery_id = ${query.delivery_id}`,
    );
    if (!row) throw new Problem('not_found', `No event with the delivery ID '${query.delivery_id}' is kept of this webhook.`);
    return parseExact(gunzipSync(row.payload).toString());
  }

  #shown(caller: Caller): Resource {
    return webhookReachedAt(this.installation.workspaceUrl(caller.workspaceId));
  }
}

/** 256 random bits, as text that fits into any form field. */
function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
