import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';

/** A keep-alive client of one server. */
export class Client {
  /** @param prefix what stands before the paths of requests, `/api/v1` of a workspace unless said otherwise */
  constructor(url, { connections = 32, prefix = '/api/v1' } = {}) {
    const { origin, pathname } = new URL(url);
    this.prefix = `${pathname.replace(/\/$/, '')}${prefix}`;
    this.pool = new Pool(origin, { connections, pipelining: 1 });
    this.token = null;
  }

  /** Another caller on the same connections. */
  as(token) {
    return Object.assign(Object.create(Client.prototype), { prefix: this.prefix, pool: this.pool, token });
  }

  async login(username, password) {
    this.token = (await this.form('/login', { username, password })).access_token;
    return this;
  }

  form(path, fields) {
    return this.request('POST', path, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  }

  async request(method, path, body, type = 'application/json') {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await this.pool.request({
      method,
      path: this.prefix + path,
      headers: { ...headersOf(this.token, body === undefined ? null : type), ...clientHeaders() },
      body: payload,
    });
    const text = await reply.body.text();
    if (reply.statusCode >= 300) throw new Error(`${method} ${path} answered ${reply.statusCode}: ${text.slice(0, 500)}`);
    return text ? JSON.parse(text) : null;
  }

  get(path) {
    return this.request('GET', path);
  }

  post(path, body) {
    return this.request('POST', path, body);
  }

  /** Reads an answer to its end without looking into it: the processor is shared with the servers that are measured. @returns its bytes */
  read(path) {
    return new Promise((resolve, reject) => {
      let status = 0;
      let bytes = 0;
      this.pool.dispatch(
        { method: 'GET', path: this.prefix + path, headers: headersOf(this.token, null) },
        {
          onRequestStart() {},
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData(_controller, chunk) {
            bytes += chunk.length;
          },
          onResponseEnd: () => (status < 300 ? resolve(bytes) : reject(new Error(`GET ${path} answered ${status}`))),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  close() {
    return this.pool.close();
  }
}

/** What the real client sends with every request, and dashboards and scripts do not. */
const clientHeaders = () => ({ 'source-context': 'python', 'x-request-id': randomUUID().slice(0, 8), 'idempotency-key': randomUUID() });

function headersOf(token, type) {
  return {
    'user-agent': 'zenml/0.98.0',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(type === null ? {} : { 'content-type': type }),
  };
}

/** Runs `work(i)` for 0 … count-1, at most `concurrency` at a time. */
export async function each(count, concurrency, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(concurrency, count) }, async () => {
      while (next < count) await work(next++);
    }),
  );
}
