import { readdirSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { approvalPage, approvalPolicy } from './approval-page.js';

const index = 'index.html';

/** Names of built files carry a hash of their content, so they never change; everything else is asked for again. */
const forever = 'public, max-age=31536000, immutable';

/**
 * What the dashboard's build needs of a browser: inline styles and scripts, `eval` for its editors, pictures and served pipelines at any address,
 * visualizations in frames. Pages of our own get by with less.
 */
const dashboardPolicy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  'img-src * data: blob:',
  'connect-src *',
  "worker-src 'self' blob:",
  "frame-src 'self' blob: data: https:",
  "frame-ancestors 'self'",
  "base-uri 'self'",
  "form-action 'self'",
].join('; ');

/**
 * Pages of a workspace at its own address: the dashboard's build from `folder`, which answers every path that is not the API's, or, without one, the one
 * page that a command line's log-in needs.
 */
export async function servePages(fastify: FastifyInstance, folder: string | null): Promise<void> {
  const files = folder === null ? null : filesOf(folder);
  if (folder !== null) await fastify.register(fastifyStatic, { root: folder, serve: false, cacheControl: false });
  fastify.addHook('onRequest', async (request, reply) => {
    if (!request.is404 || (request.method !== 'GET' && request.method !== 'HEAD')) return undefined;
    const { pathname } = new URL(request.url, 'http://x');
    if (/^\/api(\/|$)/.test(pathname)) return undefined;
    if (files && !isBehindPath(request)) return sendFile(reply, files, pathname);
    if (pathname !== '/devices/verify') return undefined;
    return reply.headers({ 'content-security-policy': approvalPolicy }).type('text/html; charset=utf-8').send(approvalPage);
  });
}

/** The build refers to its files from the root of a host, so it does not work under a path such as `/w/1a2b3c4d`. */
function isBehindPath(request: FastifyRequest): boolean {
  return request.originalUrl !== request.url;
}

function sendFile(reply: FastifyReply, files: ReadonlySet<string>, pathname: string): FastifyReply {
  let name = '';
  try {
    name = decodeURIComponent(pathname).slice(1);
  } catch {
    // Not a name that any file has.
  }
  const isFile = files.has(name) && name !== index;
  reply.headers({ 'content-security-policy': dashboardPolicy, 'cache-control': isFile && name.startsWith('assets/') ? forever : 'no-cache' });
  // A file of an earlier build that a page still open asks for: the page's code would take the start page for a script.
  if (!isFile && name.startsWith('assets/')) return reply.status(404).header('cache-control', 'no-store').send({ detail: 'Not Found' });
  return reply.sendFile(isFile ? name : index);
}

/** @throws Error when the folder holds no build */
function filesOf(folder: string): ReadonlySet<string> {
  const files = new Set<string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) files.add(path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
  }
  if (!files.has(index)) throw new Error(`DASHBOARD_DIR: ${folder} has no ${index}; name the folder of a built dashboard.`);
  return files;
}
