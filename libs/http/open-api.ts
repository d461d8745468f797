import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { openApiOf } from '#libs/wire/open-api.js';
import type { Operation } from '#libs/wire/operation.js';
import { declaredOperations } from './application.js';
import type { Permission } from './operation.js';

export type OpenApiInfo = {
  title: string;
  version: string;
  description: string;
  /** Operations served beside the controllers, such as health. */
  besides?: readonly Operation[];
  /** Further ways to log in than a bearer token, by name. */
  securitySchemes?: NonNullable<NonNullable<OpenAPIObject['components']>['securitySchemes']>;
};

const scheme = 'bearer';

/**
 * The OpenAPI 3.1 document of an application. Which routes exist comes from NestJS, what they take and answer from the wire catalogue; a route that one of
 * them does not know is an error. `x-permission` says what a caller needs.
 */
export function openApiDocument(app: NestFastifyApplication, info: OpenApiInfo): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(info.title)
    .setVersion(info.version)
    .setDescription(info.description)
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, scheme)
    .build();
  const base = SwaggerModule.createDocument(app, config);
  const declared = declaredOperations(app);
  const fragment = openApiOf([...declared.map((one) => one.operation), ...(info.besides ?? [])], { securityScheme: scheme });
  for (const path of Object.keys(base.paths)) if (!fragment.paths[path]) throw new Error(`${path} is served but declared nowhere.`);
  for (const { operation, permission } of declared) {
    Object.assign(fragment.paths[operation.path]?.[operation.method] ?? {}, {
      summary: summaryOf(operation.id),
      'x-permission': describePermission(permission),
    });
  }
  const sorted = Object.fromEntries(Object.entries(fragment.paths).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...base,
    paths: sorted as OpenAPIObject['paths'],
    components: {
      ...base.components,
      securitySchemes: { ...base.components?.securitySchemes, ...info.securitySchemes },
      schemas: fragment.components.schemas as never,
    },
  }; // schemas of 3.1, which the type (3.0) does not know
}

/** `/docs` (Swagger UI), `/redoc` and `/openapi.json`. The document is made when somebody first asks. */
export function serveOpenApi(app: NestFastifyApplication, info: OpenApiInfo): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= openApiDocument(app, info)), { jsonDocumentUrl: 'openapi.json', customSiteTitle: info.title });
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const bundle = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
  fastify.get('/redoc', async (_request, reply) => reply.type('text/html').send(redocPage(info.title)));
  fastify.get('/redoc.standalone.js', async (_request, reply) => reply.type('text/javascript').send(await readFile(bundle)));
}

function summaryOf(id: string): string {
  const words = id.replace(/_api_v1_.*$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function describePermission(permission: Permission): string {
  if ('action' in permission) return `${permission.action} ${permission.on}${permission.also ? ` (${permission.also})` : ''}`;
  if ('guarded' in permission) return `guarded: ${permission.guarded}`;
  return 'login' in permission ? `login: ${permission.login}` : `public: ${permission.public}`;
}

function redocPage(title: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>body{margin:0}</style></head><body><redoc spec-url="openapi.json"></redoc><script src="redoc.standalone.js"></script></body></html>`;
}
