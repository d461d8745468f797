import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KubernetesApi } from './kubernetes-api.js';

describe('the log of a pod', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'log-'));
  let server: Server;
  let api: KubernetesApi;
  /** Called with each request for a log. */
  let asked: (reply: ServerResponse) => void;
  beforeAll(async () => {
    server = createServer((_, reply) => asked(reply));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      // The client takes no plain HTTP otherwise.
      clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'test', user: { token: 'x' } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    };
    writeFileSync(path.join(folder, 'config'), JSON.stringify(config));
    api = await KubernetesApi.open('runs', path.join(folder, 'config'));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  /** What came of a log until it was over, and why it ended early, if it did. */
  async function read(signal: AbortSignal): Promise<{ text: string; error: string | null }> {
    const parts: Buffer[] = [];
    let error: string | null = null;
    try {
      for await (const part of api.log('pod', true, signal)) parts.push(part);
    } catch (cause) {
      error = String(cause);
    }
    return { text: Buffer.concat(parts).toString(), error };
  }

  it('harms nobody when it is answered after nobody wants it any more', async () => {
    const stop = new AbortController();
    const answered = new Promise<ServerResponse>((resolve) => (asked = resolve));
    const reading = read(stop.signal);
    const reply = await answered;
    stop.abort();
    expect(await reading).toEqual({ text: '', error: null });
    // An error that nobody hears of would end the process, and fails this test.
    const closed = new Promise((resolve) => reply.once('close', resolve));
    reply.write('late\n');
    await closed;
  });

  it('says that its connection broke, with all that came before', async () => {
    asked = (reply) => reply.write('one\n', () => setImmediate(() => reply.destroy()));
    const { text, error } = await read(new AbortController().signal);
    expect(text).toBe('one\n');
    expect(error).toMatch(/aborted|closed|Premature/i);
  });
});
