import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { referenceHome } from '../../tools/reference/install.mjs';
import { freePort } from '../../tools/reference/process.mjs';
import { REFERENCE_ADMIN, startReferenceServer } from '../../tools/reference/server.mjs';
import { analyze } from './bulk.mjs';
import { Client } from './client.mjs';
import { fill } from './filling.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The administrator of all servers that are measured. */
export const admin = REFERENCE_ADMIN;
export const adminEmail = 'admin@example.com';

/** Root's PostgreSQL runs as somebody else, who must get through to its data. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(path.join(tmpdir(), `bench-${name}-`));
  chmodSync(folder, 0o711);
  return folder;
}

/**
 * Starts ours from the built program, on an embedded PostgreSQL with its durable settings.
 * @param {'workspace-api' | 'standalone'} application one workspace that stands alone, or the control plane with all workspaces
 */
export async function startOurs(application, { dataDir, settings = {}, nodeArguments = [] }) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(ZENML_|DATABASE_|MASTER_KEY|WORKSPACE_|CLOUDAPI_|WORKERS|REDIS_)/.test(name));
  const [cloudPort, workspacePort] = [await freePort(), await freePort()];
  const begun = performance.now();
  const child = spawn(process.execPath, [...nodeArguments, path.join(root, 'tools/start.mjs'), application], {
    env: {
      ...Object.fromEntries(inherited),
      DATA_DIR: dataDir,
      CLOUDAPI_PORT: String(cloudPort),
      WORKSPACE_API_PORT: String(workspacePort),
      RATE_LIMIT: 'off',
      ADMIN_EMAIL: adminEmail,
      ADMIN_PASSWORD: admin.password,
      ZENML_SERVER_AUTO_ACTIVATE: '1',
      ZENML_DEFAULT_USER_NAME: admin.username,
      ZENML_DEFAULT_USER_PASSWORD: admin.password,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        text = (text + data).slice(-20_000);
        if (/^ready in /m.test(text)) resolve();
      });
    ended.then((code) => reject(new Error(`our server ended with ${code} before it was ready:\n${text}`)));
  });
  return {
    url: `http://127.0.0.1:${workspacePort}`,
    cloudUrl: `http://127.0.0.1:${cloudPort}`,
    /** Of a workspace, as the control plane tells clients. */
    urlOf: (workspaceId) => `http://127.0.0.1:${workspacePort}/w/${workspaceId.slice(0, 8)}`,
    pid: child.pid,
    dataDir,
    readySeconds: (performance.now() - begun) / 1_000,
    async stop() {
      process.removeListener('exit', killWithUs);
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The owner's address of the embedded database, for what no API can load in reasonable time. */
export function databaseUrlOf({ dataDir }) {
  const folder = path.resolve(dataDir, 'postgres');
  const password = readFileSync(path.join(folder, 'password'), 'utf8').trim();
  // Root's data may have had to move to where another account can reach it (libs/database/embedded.ts).
  const moved = path.join('/var/lib', `postgres-of-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
  const cluster = [folder, moved].map((parent) => path.join(parent, 'cluster')).find((one) => existsSync(path.join(one, 'postmaster.pid')));
  if (!cluster) throw new Error(`The embedded database of ${dataDir} does not run.`);
  const port = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')[3];
  return `postgresql://postgres:${password}@127.0.0.1:${port}/control_plane`;
}

/**
 * A second server process on the database of one that runs, which keeps nothing of what it reads: every read is like the first one, or the first after a
 * change. Its CPU is that of both processes, since PostgreSQL belongs to the other one, which has nothing to do meanwhile.
 */
export async function startKeepingNothing(application, server) {
  const dataDir = temporaryFolder('nothing-kept');
  const second = await startOurs(application, {
    dataDir,
    settings: {
      KEPT_READS_MB: '0',
      DATABASE_URL: databaseUrlOf(server),
      CLOUDAPI_URL: server.cloudUrl.replace('127.0.0.1', 'localhost'),
      MASTER_KEY: readFileSync(path.join(server.dataDir, 'master.key'), 'utf8').trim(),
    },
  });
  return {
    ...second,
    pid: [server.pid, second.pid],
    async stop() {
      await second.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The same data behind a server that is started again, after the one before has been stopped. */
export async function reopen({ server: { dataDir }, remove }, size, { nodeArguments = [], settings = {} } = {}) {
  const server = await startOurs('workspace-api', { dataDir, nodeArguments, settings });
  const client = await new Client(server.url).login(admin.username, admin.password);
  return { server, client, world: await fill(client, size), remove };
}

/** One workspace that stands alone with the data of this size, written through its API. */
export async function startFilledOurs(size, { settings, tell } = {}) {
  const dataDir = temporaryFolder('ours');
  const server = await startOurs('workspace-api', { dataDir, settings });
  const client = await new Client(server.url).login(admin.username, admin.password);
  const world = await fill(client, size, { tell });
  await analyze(databaseUrlOf(server));
  return { server, client, world, remove: () => rmSync(dataDir, { recursive: true, force: true }) };
}

/**
 * The real server with the data of this size. Writing it takes the peer half a second of CPU per run, so it is done once and kept beside the
 * installation; what is measured is a copy. Interrupted filling goes on where it was.
 */
export async function startFilledPeer(size, { tell } = {}) {
  const kept = path.join(referenceHome(), 'bench', `${size.runs}-runs-${size.steps}-steps-${size.pipelines}-pipelines`);
  mkdirSync(kept, { recursive: true });
  const filling = await startReferenceServer({ dataDir: kept });
  let seconds = 0;
  let written = 0;
  try {
    const client = await new Client(filling.url).login(admin.username, admin.password);
    ({ seconds, written } = await fill(client, size, { tell }));
    await client.close();
  } finally {
    await filling.stop();
  }
  const dataDir = temporaryFolder('peer');
  cpSync(kept, dataDir, { recursive: true });
  const server = await startReferenceServer({ dataDir });
  const client = await new Client(server.url).login(admin.username, admin.password);
  const world = { ...(await fill(client, size)), seconds, written };
  return { server, client, world, remove: () => rmSync(dataDir, { recursive: true, force: true }) };
}
