import { randomBytes, randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { MasterKeys } from '#libs/crypto/master-key.js';
import { Db } from '#libs/database/db.js';
import { createPrisma, ScopedPrisma } from '#libs/database/prisma.js';
import type { TrustProxy } from '#libs/http/settings.js';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { createTestDatabase } from '#libs/testing/database.js';
import { createCloudApi } from '../src/app.js';
import { ensureFirstData } from '../src/first-data.js';
import { CloudInstallation, platform } from '../src/installation.js';
import { assignBuiltIn } from '../src/organizations/organization.service.js';

export const adminEmail = 'admin@example.com';
export const password = 'correct horse battery staple';
/** Nothing listens here: tests of this application do not follow workspace URLs. */
export const cloudUrl = 'http://control-plane.test';

export type TestUser = { id: string; email: string; api: ApiClient };
export type TestOrganization = { id: string; name: string };
type RoleLevel = 'organization' | 'workspace' | 'project';

/** The control plane on a database of its own, over real HTTP, with every reply held against its model. */
export class TestCloud {
  constructor(
    readonly app: NestFastifyApplication,
    readonly installation: CloudInstallation,
    readonly anonymous: ApiClient,
    /** The administrator of the installation, who is also the one of the organization `default`. */
    readonly admin: TestUser,
    /** Moves the clock that tokens, keys and devices are judged by. */
    readonly clock: { addMs: number },
    /** The owner's, who sees every row; tests take other roles with it. */
    readonly databaseUrl: string,
    readonly stop: () => Promise<void>,
  ) {}

  async login(email: string): Promise<ApiClient> {
    const reply = await this.anonymous.ok(this.anonymous.post('/auth/login', undefined, { form: { username: email, password } }));
    return this.anonymous.as(reply.access_token);
  }

  /** A person with a password, in no organization. */
  async user(name = 'user', { id = randomUUID() as string, email = `${unique(name)}@example.com` } = {}): Promise<TestUser> {
    const passwordHash = await this.installation.passwords.hash(password);
    await this.installation.prisma.tx(platform, (tx) => tx.cloudUser.create({ data: { id, username: email, email, name, passwordHash } }));
    return { id, email, api: await this.login(email) };
  }

  /** An organization owned by `owner`. */
  async organization(owner: TestUser, name = unique('org')): Promise<TestOrganization> {
    return owner.api.ok(owner.api.post('/organizations', { name }));
  }

  /** Gives a person or service account a built-in role. */
  async assign(userId: string, organizationId: string, role: string, level: RoleLevel = 'organization', workspaceId?: string): Promise<void> {
    await this.installation.prisma.tx(platform, (tx) => assignBuiltIn(tx, { organizationId, userId, level, role, ...(workspaceId ? { workspaceId } : {}) }));
  }

  audit(action: string) {
    return this.installation.prisma.tx(platform, (tx) => tx.cloudAuditEvent.findMany({ where: { action }, orderBy: { created: 'asc' } }));
  }
}

export async function startCloud({ signInLimit = null as number | null, trustProxy = false as TrustProxy, outbound = '' } = {}): Promise<TestCloud> {
  const database = await createTestDatabase();
  const db = new Db({ url: database.url, role: 'cloudapi', max: 4 });
  const prisma = new ScopedPrisma(createPrisma({ url: database.url, role: 'cloudapi', max: 4 }));
  const clock = { addMs: 0 };
  const installation = new CloudInstallation({
    db,
    prisma,
    master: new MasterKeys([randomBytes(32)]),
    cloudUrl,
    urls: new WorkspaceUrls('http://workspaces.test/w/{id8}'),
    // Workspaces need no rows for what is tested here; test/end-to-end has the real host.
    host: { provision: async () => {}, purge: async () => true },
    clock: () => Date.now() + clock.addMs,
    outbound: OutboundPolicy.parse(outbound),
  });
  await ensureFirstData(installation, { email: adminEmail, password });
  const { app } = await createCloudApi({
    installation,
    limits: { perPrincipal: null, perTenant: null, signIn: signInLimit },
    trustProxy,
    isStrict: true,
    logger: ['error', 'fatal'],
  });
  await app.listen(0, '127.0.0.1');
  const anonymous = new ApiClient(await app.getUrl());
  const reply = await anonymous.ok(anonymous.post('/auth/login', undefined, { form: { username: adminEmail, password } }));
  const api = anonymous.as(reply.access_token);
  const { id } = await api.ok(api.get('/users/me'));
  return new TestCloud(app, installation, anonymous, { id, email: adminEmail, api }, clock, database.url, async () => {
    await app.close();
    await Promise.all([db.close(), prisma.close()]);
    await database.drop();
  });
}

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** A browser as far as pages need one: cookies, and the hidden fields of the last form. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  fields: Record<string, string> = {};
  text = '';
  status = 0;
  location: string | null = null;

  constructor(private readonly url: string) {}

  open(path: string): Promise<this> {
    return this.#send('GET', path);
  }

  submit(path: string, fields: Record<string, string>): Promise<this> {
    return this.#send('POST', path, new URLSearchParams({ ...this.fields, ...fields }));
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  async #send(method: string, path: string, body?: URLSearchParams): Promise<this> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, this.url), { method, redirect: 'manual', headers: cookie ? { cookie } : {}, ...(body ? { body } : {}) });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value && !/max-age=0/i.test(line)) this.#cookies.set(name, decodeURIComponent(value));
      else this.#cookies.delete(name);
    }
    this.status = response.status;
    this.location = response.headers.get('location');
    this.text = await response.text();
    if (this.location) return this;
    const hidden = [...this.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
    this.fields = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]));
    return this;
  }
}
