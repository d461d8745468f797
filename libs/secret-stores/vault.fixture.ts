import http from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A server for tests that answers as HashiCorp documents the HTTP API of Vault's KV version 2 engine (mounted at `secret`), of AppRole log-in
 * and of tokens: paths, status codes, bodies, check-and-set, versions, and 404 with a body for removed versions.
 */
export async function startVaultFixture() {
  const secrets = new Map<string, { versions: { data: unknown; deleted: boolean }[]; first: number; maxVersions: number }>();
  const tokens = new Map<string, { expiresAt: number }>([['root', { expiresAt: Number.POSITIVE_INFINITY }]]);
  const state = {
    secrets,
    tokens,
    leaseSeconds: 3600,
    logins: 0,
    override: undefined as undefined | [number, unknown],
    seen: [] as string[],
    headers: {} as http.IncomingHttpHeaders,
  };

  const answer = (method: string, path: string, token: string | undefined, body: Record<string, unknown>): [number, unknown?] => {
    if (path === '/v1/auth/approle/login' && method === 'POST') {
      if (body.role_id !== 'role' || body.secret_id !== 'secret') return [400, { errors: ['invalid role or secret ID'] }];
      const client_token = `hvs.${++state.logins}`;
      tokens.set(client_token, { expiresAt: Date.now() + state.leaseSeconds * 1000 });
      return [200, { auth: { client_token, lease_duration: state.leaseSeconds, renewable: true, policies: ['default'] }, data: null }];
    }
    if ((tokens.get(token ?? '')?.expiresAt ?? 0) < Date.now()) return [403, { errors: ['permission denied'] }];
    const match = /^\/v1\/secret\/(data|metadata)\/([^?]+)(\?list=true)?$/.exec(path);
    if (!match) return [404, { errors: [`no handler for route "${path.slice(4)}"`] }];
    const [, kind, name = '', list] = match;
    const secret = secrets.get(name);
    const current = secret ? secret.first + secret.versions.length - 1 : 0;
    const metadata = { version: current, created_time: '2026-01-01T00:00:00Z', deletion_time: '', destroyed: false, custom_metadata: null };
    if (kind === 'data' && method === 'GET') {
      const latest = secret?.versions.at(-1);
      if (!secret || !latest) return [404, { errors: [] }];
      if (latest.deleted) return [404, { data: { data: null, metadata: { ...metadata, deletion_time: '2026-01-02T00:00:00Z' } } }];
      return [200, { data: { data: latest.data, metadata } }];
    }
    if (kind === 'data' && method === 'POST') {
      const cas = (body.options as { cas?: number } | undefined)?.cas;
      if (cas !== undefined && cas !== current) return [400, { errors: ['check-and-set parameter did not match the current version'] }];
      const entry = secret ?? { versions: [], first: 1, maxVersions: 10 };
      entry.versions.push({ data: body.data, deleted: false });
      while (entry.versions.length > entry.maxVersions) {
        entry.versions.shift();
        entry.first++;
      }
      secrets.set(name, entry);
      return [200, { data: { ...metadata, version: current + 1 } }];
    }
    if (kind === 'data' && method === 'DELETE') {
      const latest = secret?.versions.at(-1);
      if (latest) latest.deleted = true;
      return [204];
    }
    if (kind === 'metadata' && method === 'GET' && list) {
      const keys = [...secrets.keys()].filter((key) => key.startsWith(`${name}/`)).map((key) => key.slice(name.length + 1));
      return keys.length === 0 ? [404, { errors: [] }] : [200, { data: { keys } }];
    }
    if (kind === 'metadata' && method === 'GET')
      return secret ? [200, { data: { current_version: current, max_versions: secret.maxVersions } }] : [404, { errors: [] }];
    if (kind === 'metadata' && method === 'POST') {
      if (secret) secret.maxVersions = Number(body.max_versions ?? 0) || 10;
      return [204];
    }
    if (kind === 'metadata' && method === 'DELETE') {
      secrets.delete(name);
      return [204];
    }
    return [405, { errors: ['unsupported operation'] }];
  };

  const server = http.createServer(async (incoming, response) => {
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    state.seen.push(`${incoming.method} ${incoming.url}`);
    state.headers = incoming.headers;
    // Vault demands this header of agents in front of it, against forged requests; clients of its own always send it.
    if (incoming.headers['x-vault-request'] !== 'true') return response.writeHead(412).end();
    const token = incoming.headers['x-vault-token'];
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const [status, reply] = state.override ?? answer(incoming.method ?? '', incoming.url ?? '', typeof token === 'string' ? token : undefined, body);
    return response.writeHead(status, { 'content-type': 'application/json' }).end(reply === undefined ? undefined : JSON.stringify(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, state, stop };
}
