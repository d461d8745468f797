// Installs the real ZenML client and server, the peer whose wire this project speaks, into a private virtual environment,
// once per machine. Everything that compares with the real server (differential suite, real-client tests, exporters) starts here.
//
//   node tools/reference/install.mjs          prints the folder
//
// Layout: <home>/venv, <home>/openapi.json (the server's own OpenAPI document), <home>/<version>.ready.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const REFERENCE_VERSION = process.env.ZENML_REFERENCE_VERSION ?? '0.98.0';

export function referenceHome() {
  return process.env.ZENML_REFERENCE_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'zenml-reference');
}

const OPENAPI_SCRIPT = `
import json, sys
from zenml.zen_server.zen_server_api import app
with open(sys.argv[1], "w") as target:
    json.dump(app.openapi(), target, indent=1)
`;

/**
 * Installs client and server unless they are there already, and says where they are.
 * @returns {Promise<{ home: string, venv: string, python: string, openapi: string, version: string }>}
 */
export async function installReference() {
  const home = referenceHome();
  const venv = join(home, 'venv');
  const place = { home, venv, python: join(venv, 'bin', 'python'), openapi: join(home, 'openapi.json'), version: REFERENCE_VERSION };
  const ready = join(home, `${REFERENCE_VERSION}.ready`);
  await once(ready, async () => {
    await createVenv(venv, [`zenml[server]==${REFERENCE_VERSION}`]);
    await run(place.python, ['-c', OPENAPI_SCRIPT, place.openapi], {
      env: {
        ...process.env,
        ZENML_CONFIG_PATH: join(home, 'openapi-config'),
        ZENML_ANALYTICS_OPT_IN: 'false',
        ZENML_SERVER_AUTH_SCHEME: 'OAUTH2_PASSWORD_BEARER',
      },
    });
  });
  return place;
}

/**
 * Installs the client with the packages that its cloud service connectors need, so that all connector types register themselves.
 * @returns {Promise<{ venv: string, python: string }>}
 */
export async function installConnectorTypes() {
  const venv = join(referenceHome(), 'connectors-venv');
  const extras = 'server,connectors-aws,connectors-gcp,connectors-azure,connectors-kubernetes';
  // paramiko: what the HyperAI connector imports.
  await once(join(referenceHome(), `${REFERENCE_VERSION}.connectors.ready`), () => createVenv(venv, [`zenml[${extras}]==${REFERENCE_VERSION}`, 'paramiko']));
  return { venv, python: join(venv, 'bin', 'python') };
}

/**
 * Installs moto's server (an AWS look-alike) and boto3, apart from the reference so that neither disturbs the other's dependencies.
 * @returns {Promise<{ venv: string, python: string }>}
 */
export async function installMoto() {
  const venv = join(referenceHome(), 'moto-venv');
  await once(join(referenceHome(), 'moto.ready'), () => createVenv(venv, ['moto[server]', 'boto3']));
  return { venv, python: join(venv, 'bin', 'python') };
}

async function createVenv(venv, packages) {
  await rm(venv, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', venv]);
  const pip = join(venv, 'bin', 'pip');
  // uv resolves this tree in seconds where pip takes minutes; without it pip does the same, slowly.
  const hasUv = await run(pip, ['install', '-q', '--disable-pip-version-check', 'uv']).then(
    () => true,
    () => false,
  );
  const limits = { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, VIRTUAL_ENV: venv } };
  if (hasUv) await run(join(venv, 'bin', 'uv'), ['pip', 'install', '-q', ...packages], limits);
  else await run(pip, ['install', '-q', '--disable-pip-version-check', ...packages], limits);
}

/** Runs `work` unless `ready` exists, in one process at a time: the lock is a folder holding the owner's pid. */
async function once(ready, work) {
  if (existsSync(ready)) return;
  const lock = `${ready}.lock`;
  await mkdir(join(ready, '..'), { recursive: true });
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (existsSync(ready)) return;
      if (!(await isOwnerAlive(lock))) {
        await rm(lock, { recursive: true, force: true });
        continue;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  try {
    await writeFile(join(lock, 'pid'), String(process.pid));
    if (!existsSync(ready)) {
      await work();
      await writeFile(ready, '');
    }
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function isOwnerAlive(lock) {
  // The owner writes its pid right after taking the lock; give it a moment before calling the lock abandoned.
  for (let attempt = 0; attempt < 4; attempt++) {
    const pid = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => ''));
    if (pid > 0) {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    }
    if (!existsSync(lock)) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  installReference().then(({ home }) => console.log(home));
}
