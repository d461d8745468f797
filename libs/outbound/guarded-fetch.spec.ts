import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { guardedAgents, guardedConnector } from './connect.js';
import { guardedFetch } from './guarded-fetch.js';
import { findOutboundError, OutboundError } from './outbound-error.js';
import { OutboundPolicy } from './outbound-policy.js';

const loopback = OutboundPolicy.parse('127.0.0.0/8');
const servers: http.Server[] = [];

/** A server on `host`, answering with `listener`; resolves with its origin and the requests it has seen. */
async function serve(listener: RequestListener, host = '127.0.0.1') {
  const seen: http.IncomingMessage[] = [];
  const server = http.createServer((incoming, response) => {
    seen.push(incoming);
    listener(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  return { origin: `http://${host}:${port}`, port, seen };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const kindOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof OutboundError ? error.kind : error;
};

describe('guardedFetch', () => {
  it('answers with status, headers and body of what the operator opened', async () => {
    const { origin } = await serve((_, response) => response.writeHead(418, { 'x-a': 'b' }).end('{"a":1}'));
    const answer = await guardedFetch(`${origin}/x`, { policy: loopback });
    expect(answer).toMatchObject({ status: 418, url: `${origin}/x` });
    expect(answer.headers['x-a']).toBe('b');
    expect(answer.json()).toEqual({ a: 1 });
  });

  it.each([
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://localhost/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://0/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://017700000001/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/',
    'https://user:pass@example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'http://example.com/',
    'https://example.com:22/',
    'nonsense',
  ])('refuses %s', async (url) => {
    expect(await kindOf(guardedFetch(url))).toBe('forbidden');
  });

  it('sends nothing to an address that it refuses', async () => {
    const { port, seen } = await serve((_, response) => response.end());
    expect(await kindOf(guardedFetch(`http://127.0.0.1:${port}/`, { isPlainHttpAllowed: true, ports: 'any' }))).toBe('forbidden');
    expect(await kindOf(guardedFetch(`http://localhost:${port}/`, { isPlainHttpAllowed: true, ports: 'any' }))).toBe('forbidden');
    expect(seen).toHaveLength(0);
  });

  it('says which host was refused and not where it points', async () => {
    const error = await guardedFetch('https://localhost/').catch((reason: unknown) => reason as Error);
    expect((error as Error).message).toContain("'localhost' is not a public address");
    expect((error as Error).message).not.toContain('127.0.0.1');
  });

  it('checks every redirect again', async () => {
    const inner = await serve((_, response) => response.end('secret'), '127.0.0.2');
    const outer = await serve((_, response) => response.writeHead(302, { location: `${inner.origin}/` }).end());
    const policy = OutboundPolicy.parse('127.0.0.1');
    expect(await kindOf(guardedFetch(outer.origin, { policy }))).toBe('forbidden');
    expect(inner.seen).toHaveLength(0);
  });

  it('follows at most the given number of redirects, and none when asked', async () => {
    const { origin, seen } = await serve((_, response) => response.writeHead(302, { location: '/again' }).end());
    expect(await kindOf(guardedFetch(origin, { policy: loopback, maxRedirects: 2 }))).toBe('too_many_redirects');
    expect(seen).toHaveLength(3);
    expect((await guardedFetch(origin, { policy: loopback, maxRedirects: 0 })).status).toBe(302);
  });

  it('keeps credentials from another origin', async () => {
    const other = await serve((_, response) => response.end('ok'), '127.0.0.2');
    const first = await serve((incoming, response) =>
      incoming.url === '/same' ? response.end('same') : response.writeHead(307, { location: incoming.url === '/here' ? '/same' : `${other.origin}/` }).end(),
    );
    const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Vault-Token': 't', accept: 'text/plain' };
    await guardedFetch(`${first.origin}/away`, { policy: loopback, headers });
    expect(other.seen[0]?.headers).toMatchObject({ accept: 'text/plain' });
    for (const name of ['authorization', 'cookie', 'x-vault-token']) expect(other.seen[0]?.headers).not.toHaveProperty(name);
    await guardedFetch(`${first.origin}/here`, { policy: loopback, headers });
    expect(first.seen.at(-1)?.headers.authorization).toBe('Bearer x');
  });

  it('turns a redirected POST into a GET, except where the status keeps the method', async () => {
    const { origin, seen } = await serve((incoming, response) =>
      incoming.url === '/end' ? response.end() : response.writeHead(incoming.url === '/302' ? 302 : 308, { location: '/end' }).end(),
    );
    await guardedFetch(`${origin}/302`, { policy: loopback, method: 'POST', body: 'x' });
    expect(seen.at(-1)).toMatchObject({ method: 'GET', url: '/end' });
    await guardedFetch(`${origin}/308`, { policy: loopback, method: 'POST', body: 'x' });
    expect(seen.at(-1)).toMatchObject({ method: 'POST', url: '/end' });
  });

  it('stops reading at the size limit', async () => {
    const { origin } = await serve((_, response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(64 * 1024)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect(await kindOf(guardedFetch(origin, { policy: loopback, maxBytes: 100_000 }))).toBe('too_large');
  });

  it('stops waiting at the time limit, for headers and for a dripping body', async () => {
    const { origin } = await serve((incoming, response) => {
      if (incoming.url === '/silent') return;
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await kindOf(guardedFetch(`${origin}/silent`, { policy: loopback, timeoutMs: 200 }))).toBe('timeout');
    expect(await kindOf(guardedFetch(`${origin}/drip`, { policy: loopback, timeoutMs: 200 }))).toBe('timeout');
  });

  it('calls a closed port unreachable', async () => {
    const { port } = await serve((_, response) => response.end());
    for (const server of servers.splice(0)) server.close();
    expect(await kindOf(guardedFetch(`http://127.0.0.1:${port}`, { policy: loopback }))).toBe('unreachable');
  });
});

describe('guarded connections', () => {
  // A name server that answers with an open address when asked first and with a closed one afterwards.
  const rebinding = () => {
    let asked = 0;
    return (_: string, __: unknown, callback: (error: null, addresses: { address: string; family: number }[]) => void) =>
      callback(null, [{ address: asked++ === 0 ? '127.0.0.9' : '127.0.0.1', family: 4 }]);
  };

  it('connects to the address that was checked, whatever the name answers next', async () => {
    const { port, seen } = await serve((_, response) => response.end('secret'));
    const resolve = rebinding();
    const agent = new Agent({ connect: guardedConnector(OutboundPolicy.parse('127.0.0.9'), { timeoutMs: 200, resolve }) });
    // Nobody listens on the address that was checked, and the second answer is refused: our server sees neither.
    const first = await request(`http://rebind.example:${port}/`, { dispatcher: agent }).catch((error: unknown) => error);
    const second = await request(`http://rebind.example:${port}/`, { dispatcher: agent }).catch((error: unknown) => error);
    expect((first as { code?: string }).code).toBe('ECONNREFUSED');
    expect(findOutboundError(second)?.kind).toBe('forbidden');
    expect(seen).toHaveLength(0);
    await agent.destroy();
  });

  it('refuses a name when one of its addresses is closed', async () => {
    const resolve = (_: string, __: unknown, callback: (error: null, addresses: { address: string; family: number }[]) => void) =>
      callback(null, [
        { address: '8.8.8.8', family: 4 },
        { address: '::1', family: 6 },
      ]);
    const agent = new Agent({ connect: guardedConnector(OutboundPolicy.publicOnly, { timeoutMs: 200, resolve }) });
    const error = await request('http://mixed.example/', { dispatcher: agent }).catch((reason: unknown) => reason);
    expect(findOutboundError(error)?.kind).toBe('forbidden');
    await agent.destroy();
  });

  it('guards the agents that SDKs use, by name and by number', async () => {
    const { port, seen } = await serve((_, response) => response.end('ok'));
    const ask = (host: string, policy: OutboundPolicy) =>
      new Promise<unknown>((resolve) => {
        const agents = guardedAgents(policy);
        http.get({ host, port, agent: agents.http }, (response) => response.resume().on('end', () => resolve(response.statusCode))).on('error', resolve);
      });
    for (const host of ['127.0.0.1', 'localhost', '::1']) expect(findOutboundError(await ask(host, OutboundPolicy.publicOnly))?.kind).toBe('forbidden');
    expect(seen).toHaveLength(0);
    expect(await ask('127.0.0.1', loopback)).toBe(200);
    expect(await ask('localhost', OutboundPolicy.parse('localhost'))).toBe(200);
  });
});
