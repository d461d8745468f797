import { Pool } from 'undici';

/** A keep-alive client of one server. */
export class Client {
  constructor(url, connections = 32) {
    const { origin, pathname } = new URL(url);
    this.prefix = `${pathname.replace(/\/$/, '')}/api/v1`;
    this.pool = new Pool(origin, { connections, pipelining: 1 });
    this.token = null;
  }

  async login(username, password) {
    const body = new URLSearchParams({ username, password }).toString();
    const answer = await this.request('POST', '/login', body, 'application/x-www-form-urlencoded');
    this.token = answer.access_token;
  }

  async request(method, path, body, type = 'application/json') {
    const headers = {
      'user-agent': 'zenml/0.98.0',
      ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': type }),
    };
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await this.pool.request({ method, path: this.prefix + path, headers, body: payload });
    const text = await reply.body.text();
    if (reply.statusCode >= 300) throw new Error(`${method} ${path} answered ${reply.statusCode}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }

  get(path) {
    return this.request('GET', path);
  }

  close() {
    return this.pool.close();
  }
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
