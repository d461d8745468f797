import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Answer, ApiClient } from '#libs/testing/api-client.js';

/** Go decodes null into a field's empty value, and ignores fields that it does not know; another type ends the run. */
export const text = z.string();
const maybe = <T extends z.ZodType>(type: T) => type.nullish();
const labels = maybe(z.record(z.string(), z.string()));
const stamps = { created: text, updated: text };

export const User = z.object({
  id: text,
  name: text,
  body: z.object({
    ...stamps,
    active: z.boolean(),
    activation_token: maybe(text),
    full_name: text,
    email_opted_in: maybe(z.boolean()),
    is_service_account: z.boolean(),
    is_admin: z.boolean(),
  }),
  metadata: maybe(z.object({ email: maybe(text), external_user_id: maybe(text), user_metadata: maybe(z.record(z.string(), z.unknown())) })),
  permission_denied: z.boolean(),
});
const owner = { user: maybe(User) };
export const Info = z.object({
  id: text,
  name: text,
  version: text,
  deployment_type: text,
  auth_scheme: text,
  server_url: text,
  dashboard_url: text,
  pro_dashboard_url: maybe(text),
  pro_api_url: maybe(text),
  pro_organization_id: maybe(text),
  pro_organization_name: maybe(text),
  pro_workspace_id: maybe(text),
  pro_workspace_name: maybe(text),
  metadata: z.record(z.string(), z.string()),
});
export const Project = z.object({ id: text, name: text, body: z.object({ ...stamps, display_name: text }), metadata: z.object({ description: text }) });
const ConnectorType = z.union([text, z.object({ name: text, connector_type: text, description: text })]);
export const Connector = z.object({
  id: text,
  name: text,
  body: z.object({
    ...stamps,
    ...owner,
    connector_type: ConnectorType,
    auth_method: text,
    resource_types: z.array(text),
    resource_id: maybe(text),
    expires_at: maybe(text),
  }),
  metadata: maybe(z.object({ configuration: maybe(z.record(z.string(), z.unknown())), secret_id: maybe(text), labels })),
});
export const Resources = z.object({
  id: maybe(text),
  name: maybe(text),
  connector_type: ConnectorType,
  resources: z.array(z.object({ resource_type: text, resource_ids: maybe(z.array(text)), error: maybe(text) })),
  error: maybe(text),
});
export const Component = z.object({
  id: text,
  name: text,
  body: z.object({ ...stamps, ...owner, type: text, flavor_name: text, integration: maybe(text) }),
  metadata: maybe(
    z.object({
      configuration: z.record(z.string(), z.unknown()),
      labels,
      connector_resource_id: maybe(text),
      connector: maybe(Connector.partial({ metadata: true })),
    }),
  ),
});
export const Stack = z.object({
  id: text,
  name: text,
  body: z.object({ ...stamps, ...owner }),
  metadata: maybe(z.object({ components: z.record(z.string(), z.array(Component)), labels })),
});
export const Secret = z.object({
  id: text,
  name: text,
  body: z.object({ ...stamps, user_id: maybe(text), private: z.boolean(), values: z.record(z.string(), maybe(text)) }),
});
export const page = <T extends z.ZodType>(of: T) => z.object({ index: z.int(), max_size: z.int(), total_pages: z.int(), total: z.int(), items: z.array(of) });

/** The provider's client: it logs in with nothing but the key, and again after a 401; a POST carries a key of its own. */
export class ProviderClient {
  logins = 0;
  #token: string | null;

  constructor(
    private readonly serverUrl: string,
    private readonly credential: { apiKey?: string; apiToken?: string },
  ) {
    this.#token = credential.apiToken ?? null;
  }

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = method === 'POST' ? { 'idempotency-key': randomUUID() } : {};
    for (let attempt = 0; ; attempt++) {
      const answer = await new ApiClient(this.serverUrl, (this.#token ??= await this.#login())).send(method, path, body, { headers });
      if (answer.status !== 401 || attempt > 0 || !this.credential.apiKey) return answer;
      this.#token = null;
    }
  }

  /** The reply in the provider's structure; statuses from 300 on end a run. */
  async decode<T extends z.ZodType>(structure: T, method: string, path: string, body?: unknown): Promise<z.output<T>> {
    const { status, text: reply, body: document } = await this.send(method, path, body);
    expect([method, path, status, status >= 300 ? reply : '']).toEqual([method, path, 200, '']);
    return structure.parse(document);
  }

  /** What Terraform takes for deleted elsewhere. */
  async isGone(path: string): Promise<boolean> {
    return (await this.send('GET', path)).status === 404;
  }

  async #login(): Promise<string> {
    this.logins += 1;
    const form = { password: this.credential.apiKey ?? '' };
    const { status, body } = await new ApiClient(this.serverUrl).post('/api/v1/login', undefined, { form });
    expect(status).toBe(200);
    const { access_token: token, expires_in: seconds } = z.object({ access_token: text, expires_in: z.int().positive() }).parse(body);
    expect(seconds).toBeGreaterThan(300);
    return token;
  }
}
