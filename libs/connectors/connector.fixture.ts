import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import type { ConnectorEnvironment, ConnectorType } from './connector.js';

const types = JSON.parse(readFileSync('apps/workspace-api/data/service-connector-types.json', 'utf8')) as ConnectorType[];

/** A connector type as the registry that is served to clients describes it. */
export function typeOf(name: string): ConnectorType {
  const type = types.find(({ connector_type }) => connector_type === name);
  if (!type) throw new Error(`no connector type ${name}`);
  return type;
}

export const loopback = OutboundPolicy.parse('127.0.0.0/8');
export const environment: ConnectorEnvironment = { policy: loopback };

export type Seen = { method: string; url: string; headers: http.IncomingHttpHeaders; body: string };

/** A provider's API for tests: answers what `answer` says, JSON unless it is text, and keeps what it was asked. */
export async function serve(answer: (request: Seen) => [status: number, body: unknown, headers?: Record<string, string>]) {
  const seen: Seen[] = [];
  const server = http.createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const request = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body };
    seen.push(request);
    const [status, reply, headers] = answer(request);
    response.writeHead(status, { 'content-type': typeof reply === 'string' ? 'application/xml' : 'application/json', ...headers });
    response.end(typeof reply === 'string' ? reply : JSON.stringify(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, seen };
}

const servers: http.Server[] = [];

export function stopServers(): void {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

export async function kindOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error as { kind?: unknown }).kind ?? error,
  );
}
