import cookie from '@fastify/cookie';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '#libs/http/application.js';
import { originsOf } from '#libs/http/cors.js';
import { Health } from '#libs/http/health.js';
import { serveOpenApi } from '#libs/http/open-api.js';
import type { TrustProxy } from '#libs/http/settings.js';
import type { Limits } from '#libs/http/throttle.js';
import { DenialAudit } from './audit/denials.js';
import { CloudAuthenticator, cloudStrategy, sessionCookie } from './authenticator.js';
import { controllers, services } from './controllers.js';
import { CloudInstallation } from './installation.js';
import { cloudVersion } from './version.js';

export type CloudApiOptions = {
  installation: CloudInstallation;
  limits: Limits;
  redisUrl?: string | undefined;
  trustProxy?: TrustProxy | undefined;
  isStrict?: boolean;
  logger?: Parameters<typeof createApplication>[0]['logger'];
};

/** The control plane as an application that is not listening yet. */
export async function createCloudApi(options: CloudApiOptions): Promise<{ app: NestFastifyApplication; health: Health }> {
  const { installation } = options;
  const health = new Health(() => installation.db.isUp());
  const own = originsOf([installation.cloudUrl]);
  const app = await createApplication({
    name: 'cloudapi',
    module: cloudModule(installation),
    authenticator: CloudAuthenticator,
    limits: options.limits,
    redisUrl: options.redisUrl,
    trustProxy: options.trustProxy,
    health,
    // Its pages are at its own address, so no others have business here.
    mayCall: (origin) => own.has(origin),
    isStrict: options.isStrict ?? false,
    // Self-hosted clients know the API below /api/v1, and workspaces send browsers to /api/auth/login.
    rewriteUrl: (request) => cutPrefix(request.url ?? '/'),
    maxBodyBytes: 4 * 1024 * 1024,
    ...(options.logger === undefined ? {} : { logger: options.logger }),
    configure: async (fastify) => {
      await fastify.register(cookie);
    },
  });
  serveOpenApi(app, {
    title: 'Control plane API',
    version: cloudVersion,
    securitySchemes: {
      OAuth2ClientCredentials: {
        type: 'oauth2',
        description: 'Attached servers: the id of the workspace, and its enrollment key.',
        flows: { clientCredentials: { tokenUrl: `${installation.cloudUrl}/auth/login`, scopes: {} } },
      },
      session: { type: 'apiKey', in: 'cookie', name: sessionCookie, description: 'Browsers, after signing in. Changes also need the X-CSRF-Token header.' },
    },
    description: 'Organizations, workspaces, people, service accounts, roles and everything that workspaces ask of their control plane.',
  });
  return { app, health };
}

export function cutPrefix(url: string): string {
  return url.replace(/^\/api(\/v1)?(?=\/|\?|$)/, '').replace(/^(?!\/)/, '/');
}

function cloudModule(installation: CloudInstallation): DynamicModule {
  class CloudModule {}
  Module({})(CloudModule);
  return {
    module: CloudModule,
    imports: [PassportModule],
    controllers,
    providers: [
      { provide: CloudInstallation, useValue: installation },
      { provide: CloudAuthenticator, useValue: new CloudAuthenticator(installation) },
      { provide: APP_INTERCEPTOR, useClass: DenialAudit },
      cloudStrategy(installation.tokens),
      ...services,
    ],
    exports: [CloudAuthenticator],
  };
}
