import type { IncomingMessage } from 'node:http';

/** What a request's URL says about the tenant: its slug, and the URL without it. */
export type TenantMatch = { slug: string; url: string };

/**
 * Workspace URLs by one template: `https://{id8}-zenml.example.com` (a host each) or `http://localhost:8081/w/{id8}` (a path prefix each).
 * `{id8}` are the first eight hex digits of the workspace's id, `{id}` is the whole id.
 */
export class WorkspaceUrls {
  readonly #host: RegExp | null;
  readonly #path: RegExp | null;

  /** @throws Error when the template names the workspace nowhere or is no URL */
  constructor(readonly template: string) {
    const url = new URL(template.replaceAll(/\{(id8|id)\}/g, '00000000'));
    if (!/\{(id8|id)\}/.test(template)) throw new Error('must contain {id8} or {id}');
    if (url.search || url.hash) throw new Error('must be a URL without query');
    const slug = (text: string) =>
      new RegExp(
        `^${text
          .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
          .replaceAll('{id8}', '(?<slug>[0-9a-f]{8})')
          .replaceAll('{id}', '(?<slug>[0-9a-f-]{36})')}`,
        'i',
      );
    const [, host = '', path = ''] = /^https?:\/\/([^/]+)(.*)$/.exec(template) ?? [];
    this.#host = host.includes('{') ? new RegExp(`${slug(host.replace(/:\d+$/, '')).source}(:\\d+)?$`, 'i') : null;
    this.#path = path.includes('{') ? new RegExp(`${slug(path.replace(/\/$/, '')).source}(?=/|\\?|$)`, 'i') : null;
  }

  urlOf(workspaceId: string): string {
    return this.template.replaceAll('{id8}', workspaceId.slice(0, 8)).replaceAll('{id}', workspaceId).replace(/\/$/, '');
  }

  match(request: Pick<IncomingMessage, 'headers' | 'url'>): TenantMatch | null {
    const url = request.url ?? '/';
    if (this.#host) {
      const slug = this.#host.exec(request.headers.host ?? '')?.groups?.slug;
      return slug ? { slug: slug.toLowerCase(), url } : null;
    }
    const found = this.#path?.exec(url);
    if (!found?.groups?.slug) return null;
    const rest = url.slice(found[0].length);
    return { slug: found.groups.slug.toLowerCase(), url: rest.startsWith('/') ? rest : `/${rest}` };
  }
}
