import { literal, type Sql, sql } from '#libs/database/sql.js';
import { constant } from '#libs/resource/render.js';
import { type Expression, type Resource, resource } from '#libs/resource/resource.js';
import { WebhookFilter } from '#libs/wire/filters.js';

const stats: Expression = (t) =>
  sql`coalesce((SELECT json_build_object('received_count', s.received_count, 'accepted_count', s.accepted_count, 'auth_failed_count', s.auth_failed_count, 'invalid_payload_count', s.invalid_payload_count, 'last_received_at', workspace.wire_time(s.last_received_at), 'last_accepted_at', workspace.wire_time(s.last_accepted_at), 'last_error_at', workspace.wire_time(s.last_error_at), 'last_error_summary', s.last_error_summary) FROM workspace.webhook_stats s WHERE s.workspace_id = ${t}.workspace_id AND s.webhook_id = ${t}.id), '{}'::json)`;

/** An address where another service reports what happened there. Triggers decide what follows from it. */
export const webhook = resource({
  name: 'webhook',
  table: 'webhook',
  access: 'webhook',
  body: { webhook_type: 'webhook_type', active: 'active', endpoint_url: constant('null') },
  metadata: { stats },
  filter: WebhookFilter,
  columns: { secret: null },
  nullKeeps: ['name', 'active'],
  conflict: ({ name }) => `There is already a webhook named '${name}' in this project.`,
});

/** The same with the address to send events to, where it is known under which address this server is reached. */
export function webhookReachedAt(serverUrl: string): Resource {
  if (!serverUrl) return webhook;
  const endpoint = (t: Sql) => sql`${literal(`${serverUrl.replace(/\/+$/, '')}/api/v1/webhooks/`)} || ${t}.webhook_type || '/' || ${t}.id || '/events'`;
  return { ...webhook, body: { ...webhook.body, endpoint_url: endpoint } };
}
