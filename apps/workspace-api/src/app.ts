import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '#libs/http/application.js';
import { type MayCall, originsOf } from '#libs/http/cors.js';
import { Health } from '#libs/http/health.js';
import { serveOpenApi } from '#libs/http/open-api.js';
import type { TrustProxy } from '#libs/http/settings.js';
import type { Limits } from '#libs/http/throttle.js';
import { nestUsersAndTags } from '#libs/resource/render.js';
import { ResourceStore } from '#libs/resource/store.js';
import { health as healthOperations } from '#libs/wire/operations/health.js';
import { DenialAudit } from './audit/denials.js';
import { TriggerRounds } from './automation/trigger-rounds.js';
import { controllers } from './controllers.js';
import { EventDeliveries } from './events/event-deliveries.js';
import { WorkspaceAuthenticator, workspaceStrategy } from './identity/authenticator.js';
import { user } from './identity/user.js';
import { Installation } from './installation.js';
import { tag } from './metadata/tag.js';
import { Activity } from './server/activity.js';
import { servePages } from './server/dashboard.js';
import { startHousekeeping } from './server/housekeeping.js';
import { wireVersion } from './server/server.js';
import { ServerSideRuns } from './workloads/server-side-runs.js';

export type WorkspaceApiOptions = {
  installation: Installation;
  limits: Limits;
  redisUrl?: string | undefined;
  trustProxy?: TrustProxy | undefined;
  isStrict?: boolean;
  logger?: Parameters<typeof createApplication>[0]['logger'];
};

nestUsersAndTags(
  () => user,
  () => tag,
);

/** The workspace API as an application that is not listening yet. */
export async function createWorkspaceApi(options: WorkspaceApiOptions): Promise<{ app: NestFastifyApplication; health: Health }> {
  const { installation } = options;
  installation.serverSideRuns = installation.options.workloads ? new ServerSideRuns(installation, installation.options.workloads) : null;
  const store = new ResourceStore(installation.db, (workspaceId) => installation.sealers.of(workspaceId));
  installation.triggers = new TriggerRounds(installation, store);
  installation.eventDeliveries = new EventDeliveries(installation);
  const activity = new Activity(installation.db, installation.options.clock);
  const health = new Health(() => installation.db.isUp());
  const app = await createApplication({
    name: 'workspace-api',
    module: workspaceModule(installation, store),
    authenticator: WorkspaceAuthenticator,
    limits: options.limits,
    redisUrl: options.redisUrl,
    trustProxy: options.trustProxy,
    health,
    mayCall: pagesOf(installation),
    isStrict: options.isStrict ?? false,
    rewriteUrl: cutTenant(installation),
    ...(options.logger === undefined ? {} : { logger: options.logger }),
    configure: async (fastify) => {
      await fastify.register(cookie);
      await servePages(fastify, installation.options.dashboardDir);
      fastify.addHook('onResponse', async (request) => void activity.note(request));
      const housekeeping = startHousekeeping(installation.db);
      fastify.addHook('onClose', () => housekeeping.stop());
      const { serverSideRuns, triggers, eventDeliveries } = installation;
      fastify.addHook('onListen', async () => eventDeliveries?.start());
      fastify.addHook('preClose', async () => eventDeliveries?.stop());
      if (installation.options.areTriggersOn ?? true) {
        fastify.addHook('onListen', async () => triggers?.start());
        fastify.addHook('preClose', async () => triggers?.stop());
      }
      if (!serverSideRuns) return;
      // Runs report to this very process, so they start when it listens and end before it stops.
      fastify.addHook('onListen', async () => {
        const { port } = fastify.server.address() as AddressInfo;
        serverSideRuns.start(`http://127.0.0.1:${port}`);
      });
      fastify.addHook('preClose', async () => serverSideRuns.stop());
    },
  });
  serveOpenApi(app, {
    title: 'Workspace API',
    version: wireVersion,
    description: 'Everything that a ZenML workspace serves: projects, stacks, pipelines, runs, artifacts, models and run templates.',
    besides: Object.values(healthOperations),
  });
  return { app, health };
}

function workspaceModule(installation: Installation, store: ResourceStore): DynamicModule {
  class WorkspaceModule {}
  Module({})(WorkspaceModule);
  const sealerOf = (workspaceId: string) => installation.sealers.of(workspaceId);
  const authenticator = new WorkspaceAuthenticator(
    installation.db,
    installation.tokens,
    installation.tenants,
    installation.localAccounts,
    installation.externalAccounts,
    (sessionId, token) => installation.hashes.csrf.matches(sessionId, token),
    sealerOf,
    { defaultProject: installation.options.defaultProject, ...(installation.serverSideRuns ? { runner: installation.serverSideRuns.runnerName } : {}) },
  );
  return {
    module: WorkspaceModule,
    imports: [PassportModule],
    controllers,
    providers: [
      { provide: Installation, useValue: installation },
      { provide: ResourceStore, useValue: store },
      { provide: WorkspaceAuthenticator, useValue: authenticator },
      { provide: APP_INTERCEPTOR, useClass: DenialAudit },
      workspaceStrategy(installation.tokens),
    ],
    exports: [WorkspaceAuthenticator],
  };
}

/** Under a control plane its dashboard and the workspace's own address. A stand-alone workspace is called from wherever its operator's pages are. */
function pagesOf({ cloudUrl, local, options: { urls, workspaceId } }: Installation): MayCall {
  if (cloudUrl === null) return (origin) => local.corsOrigins.includes('*') || local.corsOrigins.includes(origin);
  const known = originsOf([cloudUrl, local.serverUrl, local.dashboardUrl, ...local.corsOrigins]);
  return (origin, request) => {
    if (known.has(origin)) return true;
    const { tenantSlug = workspaceId } = request.raw as { tenantSlug?: string };
    return Boolean(urls && tenantSlug && originsOf([urls.urlOf(tenantSlug)]).has(origin));
  };
}

/** Takes the workspace out of the URL, so that all routes are written as the original has them. */
function cutTenant(installation: Installation): (request: IncomingMessage) => string {
  const { rootPath } = installation.local;
  return (request) => {
    const url = request.url ?? '/';
    const match = installation.options.urls?.match(request);
    if (!match)
      return rootPath && (url === rootPath || url.startsWith(`${rootPath}/`) || url.startsWith(`${rootPath}?`))
        ? url.slice(rootPath.length).replace(/^(?!\/)/, '/')
        : url;
    (request as IncomingMessage & { tenantSlug?: string }).tenantSlug = match.slug;
    return match.url;
  };
}
