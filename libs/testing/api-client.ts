/** An answer, read whole. */
export type Answer<T = any> = { status: number; headers: Headers; body: T; text: string }; // any: tests look into replies of every shape

export type RequestOptions = { headers?: Record<string, string>; form?: Record<string, string>; raw?: string | Uint8Array };

/** A plain HTTP client for tests: one base URL, one credential. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly token: string | null = null,
  ) {}

  as(token: string | null): ApiClient {
    return new ApiClient(this.url, token);
  }

  get<T = any>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.send('GET', path, undefined, options);
  }

  post<T = any>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.send('POST', path, body, options);
  }

  put<T = any>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.send('PUT', path, body, options);
  }

  patch<T = any>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.send('PATCH', path, body, options);
  }

  delete<T = any>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.send('DELETE', path, body, options);
  }

  async send<T = any>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    const headers: Record<string, string> = { ...(this.token ? { authorization: `Bearer ${this.token}` } : {}), ...options.headers };
    let payload: string | Uint8Array | undefined;
    if (options.form) {
      payload = new URLSearchParams(options.form).toString();
      headers['content-type'] ??= 'application/x-www-form-urlencoded';
    } else if (options.raw !== undefined) payload = options.raw;
    else if (body !== undefined) {
      payload = JSON.stringify(body);
      headers['content-type'] ??= 'application/json';
    }
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(payload === undefined ? {} : { body: payload as string }),
    });
    const text = await response.text();
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Not JSON: health, files, pages.
    }
    return { status: response.status, headers: response.headers, body: parsed as T, text };
  }

  /** The body of an answer that must have succeeded; a failure shows what the server said. */
  async ok<T = any>(answer: Promise<Answer<T>>): Promise<T> {
    const { status, body, text } = await answer;
    if (status >= 300) throw new Error(`Expected success, got ${status}: ${text.slice(0, 2_000)}`);
    return body;
  }
}
