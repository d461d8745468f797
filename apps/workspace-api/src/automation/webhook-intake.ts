import { createHash, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Controller, Inject } from '@nestjs/common';
import type { Tx } from '#libs/database/db.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import { Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { plainNumbers, writeExact } from '#libs/json/exact.js';
import type { InputOf } from '#libs/wire/operation.js';
import { webhooks } from '#libs/wire/operations/webhooks.js';
import { Installation } from '../installation.js';
import { recordFirings } from './firing.js';
import { WebhookEvent } from './webhook-matching.rules.js';
import { BadPayload, type Delivery, NotAuthentic, type WebhookProvider, webhookProvider } from './webhook-providers.rules.js';

const compress = promisify(gzip);

/** Events that are kept of one webhook, newest first, for runs to look at what started them. */
const keptEvents = 100;
/** Larger ones (compressed) are accepted but not kept: whoever may send must not be able to fill the database. */
const maxKeptBytes = 1024 * 1024;
/** What fits the column of delivery ids. */
const maxDeliveryIdLength = 255;

type Row = { active: boolean; secret_id: string; values: string | null };

/** Where other services report events. Nobody logs in here: the signature of the body is the proof. */
@Controller()
export class WebhookIntakeController {
  constructor(@Inject(Installation) private readonly installation: Installation) {}

  @Operation(webhooks.receive_webhook_event, { public: 'the signature over the body proves the sender' })
  async receive(@Input() { path }: InputOf<typeof webhooks.receive_webhook_event>, @Http() { request }: HttpExchange) {
    const provider = webhookProvider(path.webhook_type);
    if (!provider) throw nothingHere();
    understood(() => provider.preCheck?.(request.headers));
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const scope = { workspaceId: await this.installation.tenants.idOf(request) };
    const id = path.webhook_id;
    const row = await this.#find(scope.workspaceId, id, path.webhook_type);
    const { secret } = await this.installation.vault.read(scope.workspaceId, { id: row.secret_id, values: row.values });
    const count = (column: Sql, summary: string) => this.installation.db.tx(scope, (tx) => countEvent(tx, scope.workspaceId, id, column, summary));
    try {
      provider.authenticate(body, request.headers, secret ?? '', this.installation.options.clock());
    } catch (error) {
      if (!(error instanceof NotAuthentic)) throw error;
      if (row.active) await count(raw('auth_failed_count'), error.message);
      throw new Problem('credentials', 'The request is not signed with the secret of this webhook.', { shape: 'plain', cause: error });
    }
    if (!row.active) throw new Problem('exists', 'The webhook is inactive.', { shape: 'plain' });
    let delivery: Delivery;
    try {
      delivery = provider.parse(body, request.headers);
    } catch (error) {
      if (!(error instanceof BadPayload)) throw error;
      await count(raw('invalid_payload_count'), error.message);
      throw new Problem('invalid', error.message, { shape: 'plain' });
    }
    await this.#accept(scope.workspaceId, id, path.webhook_type, delivery);
    const { status, body: text } = delivery.reply;
    return new Response(text, { status, ...(text === null ? {} : { headers: { 'content-type': 'text/plain; charset=utf-8' } }) });
  }

  /** A webhook of that type. @throws Problem 404 */
  async #find(workspaceId: string, id: string, type: string): Promise<Row> {
    const [row] = await this.installation.db.read<Row>(
      { workspaceId },
      sql`SELECT w.active, s.id AS secret_id, s.values FROM workspace.webhook w JOIN workspace.secret s ON s.workspace_id = w.workspace_id AND s.id = w.secret_id WHERE w.workspace_id = ${workspaceId} AND w.id = ${id} AND w.webhook_type = ${type}`,
    );
    if (!row) throw nothingHere();
    return row;
  }

  /** Counts, keeps and acts on an event in one transaction: the sender is told that it arrived when all of it is done. */
  async #accept(workspaceId: string, id: string, webhookType: string, { event }: Delivery): Promise<void> {
    const payload = event ? await compress(writeExact(JSON.stringify({ body: event.payload }))) : null;
    const deliveryId = event?.deliveryId ?? randomUUID();
    await this.installation.db.tx({ workspaceId }, async (tx) => {
      await countEvent(tx, workspaceId, id, raw('accepted_count'), null);
      if (event) await fire(tx, { workspaceId, webhookId: id, webhookType, deliveryId }, event);
      if (!payload || payload.length > maxKeptBytes || deliveryId.length > maxDeliveryIdLength) return;
      // A delivery that comes again is the same one; the first stays.
      await tx.query(
        sql`INSERT INTO workspace.webhook_event_payload (workspace_id, webhook_id, delivery_id, payload) VALUES (${workspaceId}, ${id}, ${deliveryId}, ${payload}) ON CONFLICT DO NOTHING`,
      );
      await tx.query(
        sql`DELETE FROM workspace.webhook_event_payload WHERE workspace_id = ${workspaceId} AND webhook_id = ${id} AND delivery_id IN (SELECT o.delivery_id FROM workspace.webhook_event_payload o WHERE o.workspace_id = ${workspaceId} AND o.webhook_id = ${id} ORDER BY o.created DESC, o.delivery_id OFFSET ${keptEvents})`,
      );
    });
  }
}

type Arrived = { workspaceId: string; webhookId: string; webhookType: string; deliveryId: string };

/** Fires the triggers that wait for such an event, each once however often the delivery comes. */
async function fire(tx: Tx, { workspaceId, webhookId, webhookType, deliveryId }: Arrived, event: NonNullable<Delivery['event']>): Promise<void> {
  const candidates = await tx.query<{ id: string; configuration: string }>(
    sql`SELECT t.id, t.configuration -> 'configuration' AS configuration FROM workspace.trigger t WHERE t.workspace_id = ${workspaceId} AND t.type = 'webhook' AND t.webhook_id = ${webhookId} AND t.active AND NOT t.is_archived`,
  );
  if (candidates.length === 0) return;
  const meant = new WebhookEvent(webhookType, { ...event, payload: plainNumbers(event.payload) });
  const ids = candidates.filter(({ configuration }) => meant.isWantedBy(JSON.parse(configuration))).map(({ id }) => id);
  if (ids.length === 0) return;
  const told = { webhook_id: webhookId, delivery_id: deliveryId, event_type: event.type, event: meant.semantic?.fields ?? null };
  const info = JSON.stringify({ upstream_pipeline_ids: [], webhook_upstream_event: { [webhookType]: told } });
  await tx.query(
    sql`WITH fired AS (SELECT ${workspaceId}::uuid AS workspace_id, i.id AS trigger_id, ${`delivery ${occasionKey(deliveryId)}`}::text AS occasion, ${info}::json AS info FROM unnest(${ids}::uuid[]) AS i(id)), ${recordFirings(raw('fired'))} SELECT count(*) FROM firing`,
  );
}

/** The id as it came, or what stands for one that is too long to look up. */
function occasionKey(deliveryId: string): string {
  return deliveryId.length <= maxDeliveryIdLength ? deliveryId : `sha256:${createHash('sha256').update(deliveryId).digest('hex')}`;
}

/** One request of a webhook, under the lock of its row of numbers. */
async function countEvent(tx: Tx, workspaceId: string, id: string, column: Sql, summary: string | null): Promise<void> {
  const now = sql`(now() AT TIME ZONE 'utc')`;
  const how = summary === null ? sql`last_accepted_at = ${now}` : sql`last_error_at = ${now}, last_error_summary = ${summary}`;
  await tx.query(
    sql`UPDATE workspace.webhook_stats SET received_count = received_count + 1, last_received_at = ${now}, ${column} = ${column} + 1, ${how} WHERE workspace_id = ${workspaceId} AND webhook_id = ${id}`,
  );
}

/** The same for a type that does not exist, an id that does not, and the two not belonging together. */
function nothingHere(): Problem {
  return new Problem('not_found', 'Not Found', { shape: 'plain' });
}

/** What a request says before it is known who sent it. */
function understood(check: () => ReturnType<NonNullable<WebhookProvider['preCheck']>> | undefined): void {
  try {
    check();
  } catch (error) {
    if (error instanceof BadPayload) throw new Problem('invalid', error.message, { shape: 'plain' });
    throw error;
  }
}
