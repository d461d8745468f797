import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type DynamicModule, type INestApplication, Module, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, DiscoveryModule, DiscoveryService, MetadataScanner, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ThrottlerModule } from '@nestjs/throttler';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { parseExact } from '#libs/json/exact.js';
import { answerOtherOrigins, type MayCall } from './cors.js';
import { ErrorFilter } from './error-filter.js';
import { Authenticator, OperationGuard } from './guard.js';
import { Health } from './health.js';
import { HitCounts } from './hit-counts.js';
import { UnparsedBody } from './input.js';
import { type Declared, operationKey, routePath } from './operation.js';
import { ReplyInterceptor } from './reply.js';
import type { TrustProxy } from './settings.js';
import { SharedHitCounts } from './shared-hit-counts.js';
import { LimitGuard, type Limits, throttlers } from './throttle.js';

export type ApplicationOptions = {
  /** Tells applications of one process apart. */
  name: 'cloudapi' | 'workspace-api';
  /** Controllers and providers of the application. */
  module: Type | DynamicModule;
  /** The class in `module` that finds the caller. */
  authenticator: Type<Authenticator>;
  limits: Limits;
  redisUrl?: string | undefined;
  health: Health;
  /** Whose X-Forwarded-… headers count; nobody's by default. */
  trustProxy?: TrustProxy | undefined;
  /** Which pages of other origins may call. */
  mayCall: MayCall;
  /** Tests: hold every reply against its model. */
  isStrict?: boolean;
  /** Cuts a prefix off the URL before routing. */
  rewriteUrl?: (request: IncomingMessage) => string;
  maxBodyBytes?: number;
  logger?: false | ('log' | 'warn' | 'error' | 'debug' | 'verbose' | 'fatal')[];
  /** Runs on the bare Fastify instance before routes are made: static files, extra hooks. */
  configure?: (fastify: FastifyInstance) => void | Promise<void>;
};

/** A NestJS application on Fastify with everything both applications share. Not listening yet. */
export async function createApplication(options: ApplicationOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: options.maxBodyBytes ?? 256 * 1024 * 1024,
    genReqId: (request: IncomingMessage) => header(request, 'x-request-id') ?? randomUUID().slice(0, 8),
    trustProxy: trusted(options.trustProxy ?? false),
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    ...(options.rewriteUrl ? { rewriteUrl: options.rewriteUrl } : {}),
    routerOptions: { maxParamLength: 2_048 },
    // Clients name hundreds of ids in one URL; Node would stop at 16 KiB.
    http: { maxHeaderSize: 128 * 1024 },
    clientErrorHandler: answerUnreadable,
    // A path whose percent signs encode nothing names nothing.
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => {
      void reply.status(404).header('content-type', 'application/json').send('{"detail":"Not Found"}');
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(root(options), adapter, {
    logger: options.logger ?? ['warn', 'error', 'fatal'],
    bodyParser: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  readBodies(fastify);
  secureHeaders(fastify);
  answerOtherOrigins(fastify, options.mayCall);
  await options.configure?.(fastify);
  const declared = assertEveryRouteDeclares(app);
  answerUnknownRoutes(fastify, declared, options.name === 'workspace-api');
  options.health.serve(fastify);
  return app;
}

/** What is no HTTP request gets an answer in the shape of all others, and its connection ends. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  const [status, text] = unreadable[error.code ?? ''] ?? ['400 Bad Request', 'The request is not valid HTTP.'];
  const body = JSON.stringify({ detail: text });
  if (socket.writable) {
    socket.write(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
  }
  socket.destroy(error);
}

const unreadable: Record<string, [status: string, text: string] | undefined> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The URL and headers are longer than this server accepts.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
};

/** A number of proxies as the function that Fastify makes of it, too; its types leave numbers out. */
function trusted(trust: TrustProxy) {
  return typeof trust === 'number' ? (_address: string, hop: number) => hop < trust : trust;
}

function root(options: ApplicationOptions): DynamicModule {
  class Root {}
  Module({})(Root);
  const isLimited = throttlers(options.limits).length > 0;
  const storage = options.redisUrl ? new SharedHitCounts(options.redisUrl, new HitCounts(options.name)) : new HitCounts(options.name);
  return {
    module: Root,
    imports: [options.module, DiscoveryModule, ...(isLimited ? [ThrottlerModule.forRoot({ ...LimitGuard.options(options.limits), storage })] : [])],
    providers: [
      { provide: APP_GUARD, useFactory: (authenticator: Authenticator) => new OperationGuard(authenticator), inject: [options.authenticator] },
      ...(isLimited ? [{ provide: APP_GUARD, useClass: LimitGuard }] : []),
      { provide: APP_INTERCEPTOR, useValue: new ReplyInterceptor({ isStrict: options.isStrict ?? false }) },
      { provide: APP_FILTER, useValue: new ErrorFilter(options.name === 'workspace-api') },
    ],
  };
}

function header(request: { headers: Record<string, unknown> }, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && /^[\w-]{1,128}$/.test(value) ? value : undefined;
}

/** JSON and forms are parsed here; anything else reaches the operation as `UnparsedBody`, which says why when a model was expected. */
function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (request, body, done) => {
    // Signed bytes stay as they came, whatever they are called: GitHub sends its events as forms unless told otherwise.
    if (rawRoutes.has(request.routeOptions.url ?? '')) return done(null, body);
    if (!isUtf8(body as Buffer)) return done(null, new UnparsedBody('The body is not valid UTF-8.'));
    const form: Record<string, string> = Object.create(null);
    for (const [name, value] of new URLSearchParams(body.toString())) form[name] = value;
    done(null, form);
  });
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const buffer = body as Buffer;
    const type = request.headers['content-type'] ?? '';
    if (type.startsWith('multipart/')) return done(Object.assign(new Error('Multipart requests are not accepted.'), { statusCode: 403 }));
    const operation = (request as { operation?: Declared }).operation?.operation;
    const isRaw = operation?.bodyKind === 'raw' || rawRoutes.has(request.routeOptions.url ?? '');
    if (isRaw) return done(null, buffer);
    if (buffer.length === 0) return done(null, undefined);
    if (type && !/^application\/([\w.+-]+\+)?json/i.test(type))
      return done(null, new UnparsedBody(`The content type ${type.split(';')[0]} is not supported; send application/json.`));
    if (!isUtf8(buffer)) return done(null, new UnparsedBody('The body is not valid UTF-8.'));
    try {
      // Some editors and shells put a byte order mark in front.
      done(null, parseExact(buffer.toString().replace(/^\uFEFF/, '')));
    } catch (error) {
      done(null, new UnparsedBody(`JSON decode error: ${(error as Error).message}`));
    }
  });
}

/** Routes that take their body as bytes; filled while routes are checked, before any request is served. */
const rawRoutes = new Set<string>();

function secureHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; font-src 'self' data:; connect-src 'self' https:; worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'",
      'referrer-policy': 'same-origin',
      'strict-transport-security': 'max-age=63072000; includeSubdomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
    });
  });
}

/** Every route of every controller, or an error that names the one without a declared permission: such a process must not start. */
export function assertEveryRouteDeclares(app: INestApplication): Declared[] {
  const discovery = app.get(DiscoveryService, { strict: false });
  const scanner = new MetadataScanner();
  const all: Declared[] = [];
  for (const wrapper of discovery.getControllers()) {
    const prototype = wrapper.metatype?.prototype as Record<string, unknown> | undefined;
    if (!prototype) continue;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const handler = prototype[name] as object;
      if (Reflect.getMetadata(PATH_METADATA, handler) === undefined || Reflect.getMetadata(METHOD_METADATA, handler) === undefined) continue;
      const declared = Reflect.getMetadata(operationKey, handler) as Declared[] | undefined;
      if (!declared) {
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number];
        throw new Error(
          `${wrapper.name}.${name} serves ${method} ${String(Reflect.getMetadata(PATH_METADATA, handler))} without a declared operation and permission.`,
        );
      }
      for (const one of declared) if (one.operation.bodyKind === 'raw') rawRoutes.add(routePath(one.operation.path));
      all.push(...declared);
    }
  }
  return all;
}

const declaredKey = Symbol('declared operations');

/** The operations an application serves, for OpenAPI and for the generated test suites. */
export function declaredOperations(app: INestApplication): Declared[] {
  return (app as unknown as { [declaredKey]?: Declared[] })[declaredKey] ?? assertEveryRouteDeclares(app);
}

/**
 * 405 where the path exists under another method, 404 otherwise; both as plain JSON. Other not-found handling (a dashboard) comes before.
 * With pages, as the original's workspaces have, every path has a GET.
 */
function answerUnknownRoutes(fastify: FastifyInstance, declared: Declared[], hasPages: boolean): void {
  const patterns = declared.map(({ operation }) => ({
    method: operation.method.toUpperCase(),
    path: new RegExp(`^${operation.path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`),
  }));
  fastify.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return;
    const path = request.url.split('?')[0] as string;
    const allowed = new Set(patterns.filter((pattern) => pattern.path.test(path)).map(({ method }) => method));
    if (hasPages) {
      // Clients take 405 as "this server cannot do that".
      if (request.method === 'GET') return;
      allowed.add('GET');
    }
    if (allowed.size === 0) return;
    await reply
      .status(405)
      .headers({ 'content-type': 'application/json', allow: [...allowed].sort().join(', ') })
      .send('{"detail":"Method Not Allowed"}');
  });
}
