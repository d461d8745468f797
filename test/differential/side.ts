/** One of the two servers under comparison: sends what a scenario asks for and writes down what came back. */
import { errorShape, errorText, Normaliser } from './normalise.js';

export type Credentials = { username: string; password: string } | { token: string };
export type Server = { url: string; credentials: Credentials };

export type QueryValue = string | number | boolean | undefined;
export type Query = Record<string, QueryValue | QueryValue[]>;

export type RequestOptions = {
  query?: Query;
  headers?: Record<string, string>;
  /** Sent form-encoded instead of a JSON body. */
  form?: Record<string, string>;
  /** Sent as it is instead of a JSON body. */
  raw?: string;
  /** Bearer token to use; `null` sends none. Default: the administrator's. */
  token?: string | null;
  /** The order of a page's items, or of groups, is not compared (for sorts with ties, which both servers break by random ids). */
  isSet?: boolean;
  /** The path does not start with /api/v1. */
  isAbsolute?: boolean;
  /** Replaces parts of the body before it is compared, where a scenario knows that they are random or too prosaic. */
  scrub?: (body: unknown) => unknown;
};

/** What comes back to the scenario. A failed create gives a well-formed id that nothing has, so that the scenario can go on. */
export class Answer {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: Headers,
  ) {}

  get id(): string {
    return this.pick('id') ?? NOBODY;
  }

  /** A string at a dotted path, for example `body.user_id` or `0.id`; undefined where there is none. */
  pick(path: string): string | undefined {
    let value: unknown = this.body;
    for (const key of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[key];
    return typeof value === 'string' ? value : undefined;
  }
}

/** A well-formed id that no row has. */
export const NOBODY = '0c0ffee0-0000-4000-8000-000000000000';

/** What a case is compared by, and what is only reported. */
export type Outcome = {
  title: string;
  method: string;
  path: string;
  request: unknown;
  status: number;
  headers: Record<string, string>;
  body: unknown;
  /** The text of an error, normalised. Not compared. */
  errorText: string | undefined;
};

export class Side {
  readonly outcomes: Outcome[] = [];
  private readonly normaliser: Normaliser;
  private token: string | undefined;
  private readonly titles = new Map<string, number>();
  private readonly projects = new Map<string, string>();

  constructor(
    readonly server: Server,
    readonly family: string,
    readonly session: string,
  ) {
    this.normaliser = new Normaliser(session, server.url);
  }

  /** A name that belongs to this family and session. */
  name(base: string): string {
    return `${this.session}-${this.family.replaceAll('_', '-')}-${base}`;
  }

  /** Filter that finds what `name` named, for lists that are not scoped to a project. */
  get mine(): string {
    return `startswith:${this.session}-${this.family.replaceAll('_', '-')}-`;
  }

  get(title: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.send(title, 'GET', path, undefined, options);
  }
  post(title: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.send(title, 'POST', path, body, options);
  }
  put(title: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.send(title, 'PUT', path, body, options);
  }
  patch(title: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.send(title, 'PATCH', path, body, options);
  }
  delete(title: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.send(title, 'DELETE', path, body, options);
  }

  /** A project of this family's own, created once. */
  async project(base = 'project'): Promise<string> {
    const known = this.projects.get(base);
    if (known) return known;
    const { id } = await this.post(`given the project ${base}`, '/projects', { name: `${this.session}-${this.family}-${base}`.slice(0, 50) });
    this.projects.set(base, id);
    return id;
  }

  async login(credentials = this.server.credentials): Promise<string> {
    if ('token' in credentials) return credentials.token;
    const response = await fetch(`${this.server.url}/api/v1/login`, { method: 'POST', body: new URLSearchParams(credentials) });
    if (!response.ok) throw new Error(`login at ${this.server.url}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { access_token: string }).access_token;
  }

  async send(title: string, method: string, path: string, body: unknown, options: RequestOptions): Promise<Answer> {
    this.token ??= await this.login();
    const token = options.token === undefined ? this.token : options.token;
    const url = `${this.server.url}${options.isAbsolute ? '' : '/api/v1'}${path}${queryString(options.query)}`;
    const init: RequestInit = { method, redirect: 'manual', headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...options.headers } };
    const headers = init.headers as Record<string, string>;
    if (options.form) init.body = new URLSearchParams(options.form);
    else if (options.raw !== undefined) init.body = options.raw;
    else if (body !== undefined) {
      init.body = JSON.stringify(body);
      headers['content-type'] ??= 'application/json';
    }
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
    const text = await response.text();
    const answer = new Answer(response.status, parse(text, response.headers.get('content-type')), response.headers);
    this.record(title, method, path, { body, ...options, token: undefined, scrub: undefined }, answer, options);
    return answer;
  }

  private record(titled: string, method: string, path: string, request: unknown, answer: Answer, options: RequestOptions): void {
    // Titles identify cases across the two sides, so they carry no ids; a repeated title gets a number.
    const title = titled.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => (id === NOBODY ? 'nobody' : '{id}'));
    const count = (this.titles.get(title) ?? 0) + 1;
    this.titles.set(title, count);
    const isError = answer.status >= 400;
    const { shape, text } = isError ? errorShape(answer.body) : { shape: answer.body, text: undefined };
    const body = options.scrub ? options.scrub(structuredClone(shape)) : shape;
    this.outcomes.push({
      title: count === 1 ? title : `${title} (${count})`,
      method,
      path,
      request,
      status: answer.status,
      headers: this.headers(answer.headers, isError),
      body: this.normaliser.body(body, options.isSet),
      errorText: text === undefined ? undefined : this.normaliser.text(text, errorText),
    });
  }

  private headers(headers: Headers, isError: boolean): Record<string, string> {
    const seen: Record<string, string> = {};
    const type = headers.get('content-type');
    if (type) seen['content-type'] = type.split(';')[0]?.trim() ?? '';
    const authenticate = headers.get('www-authenticate');
    if (authenticate) seen['www-authenticate'] = authenticate;
    if (headers.has('retry-after')) seen['retry-after'] = '<present>';
    if (isError && headers.has('x-request-id')) seen['x-request-id'] = '<present>';
    return seen;
  }
}

function parse(text: string, type: string | null): unknown {
  if (!type?.includes('json')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function queryString(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text ? `?${text}` : '';
}
