// Runs the real ZenML server on a loopback port.
//
//   node tools/reference/server.mjs [--port N] [--data DIR]      in the foreground, until Ctrl-C
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installReference } from './install.mjs';
import { freePort, startProcess } from './process.mjs';

/** The administrator that a fresh server in `oss` mode knows from its first start. */
export const REFERENCE_ADMIN = { username: 'admin', password: 'reference-admin-1' };

/**
 * @param {object} [options]
 * @param {number} [options.port] default: a free one
 * @param {string} [options.dataDir] default: a temporary folder that is removed on stop
 * @param {'oss' | 'pro'} [options.mode] `pro` attaches the server to a control plane (see `pro`)
 * @param {object} [options.pro] apiUrl, dashboardUrl, clientSecret, audience?, organizationId, workspaceId, organizationName?, workspaceName?, serverUrl?
 * @param {Record<string, string>} [options.env] added last, so it wins
 * @returns {Promise<{ url: string, pid: number, dataDir: string, stop: () => Promise<void>, log: () => string }>}
 */
export async function startReferenceServer(options = {}) {
  const { python } = await installReference();
  const port = options.port ?? (await freePort());
  const isTemporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'zenml-reference-')));
  await mkdir(dataDir, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  // Settings of whoever starts us (ZENML_STORE_URL and friends) would make the server somebody else's client.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ZENML_')));
  const handle = await startProcess(
    python,
    ['-m', 'uvicorn', 'zenml.zen_server.zen_server_api:app', '--host', '127.0.0.1', '--port', String(port), '--log-level', 'warning'],
    {
      env: {
        ...inherited,
        ZENML_CONFIG_PATH: dataDir,
        ZENML_ANALYTICS_OPT_IN: 'false',
        ZENML_LOGGING_VERBOSITY: 'WARN',
        ZENML_SERVER_JWT_SECRET_KEY: '0123456789abcdef0123456789abcdef',
        ...(options.mode === 'pro' ? proEnv(url, dataDir, options.pro) : ossEnv()),
        ...options.env,
      },
      probe: `${url}/health`,
    },
  );
  return {
    url,
    pid: handle.pid,
    dataDir,
    log: handle.log,
    stop: async () => {
      await handle.stop();
      if (isTemporary) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function ossEnv() {
  return {
    ZENML_SERVER_AUTH_SCHEME: 'OAUTH2_PASSWORD_BEARER',
    ZENML_SERVER_AUTO_ACTIVATE: '1',
    ZENML_DEFAULT_USER_NAME: REFERENCE_ADMIN.username,
    ZENML_DEFAULT_USER_PASSWORD: REFERENCE_ADMIN.password,
  };
}

function proEnv(url, dataDir, pro) {
  if (!pro) throw new Error("mode 'pro' needs the `pro` options");
  const env = {
    ZENML_SERVER: 'true',
    ZENML_STORE_TYPE: 'sql',
    ZENML_STORE_URL: `sqlite:///${join(dataDir, 'zenml.db')}`,
    ZENML_SERVER_DEPLOYMENT_TYPE: 'cloud',
    ZENML_SERVER_SERVER_URL: pro.serverUrl ?? url,
    ZENML_SERVER_PRO_API_URL: pro.apiUrl,
    ZENML_SERVER_PRO_DASHBOARD_URL: pro.dashboardUrl,
    ZENML_SERVER_PRO_OAUTH2_CLIENT_SECRET: pro.clientSecret,
    ZENML_SERVER_PRO_OAUTH2_AUDIENCE: pro.audience ?? pro.apiUrl,
    ZENML_SERVER_PRO_ORGANIZATION_ID: pro.organizationId,
    ZENML_SERVER_PRO_WORKSPACE_ID: pro.workspaceId,
  };
  if (pro.organizationName) env.ZENML_SERVER_PRO_ORGANIZATION_NAME = pro.organizationName;
  if (pro.workspaceName) env.ZENML_SERVER_PRO_WORKSPACE_NAME = pro.workspaceName;
  return env;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const argument = (name) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  const port = argument('port');
  startReferenceServer({ port: port ? Number(port) : undefined, dataDir: argument('data') }).then((server) => {
    console.log(`${server.url}  (${REFERENCE_ADMIN.username} / ${REFERENCE_ADMIN.password})`);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.stop().then(() => process.exit(0)));
    setInterval(() => {}, 1 << 30);
  });
}
