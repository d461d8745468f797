/**
 * Runs the Python scripts of this folder with the real `zenml` client against any server, and returns the JSON they hand back.
 * Each run has its own client configuration, so nothing is remembered between scripts unless `configPath` is passed on
 * (the local artifact store lives in that folder: who wants to load artifacts again needs the folder of the script that wrote them).
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installReference } from '../../tools/reference/install.mjs';

const run = promisify(execFile);
const folder = join(dirname(fileURLToPath(import.meta.url)));

export type Script = 'pipeline' | 'failing' | 'cached' | 'dynamic' | 'parallel' | 'read_back';
export type ClientServer = { url: string } & ({ apiKey: string } | { username: string; password: string });
export type ScriptOptions = {
  /** A folder to use (and keep) as the client's configuration. Default: a new one, removed afterwards. */
  configPath?: string;
  /** Goes in front of every name the script creates. */
  prefix?: string;
  env?: Record<string, string>;
  timeoutMs?: number;
};

/** A run that ended with another code than 0 throws with the script's output. */
export async function runScript(script: Script, server: ClientServer, options: ScriptOptions = {}): Promise<unknown> {
  const { python } = await installReference();
  const scratch = await mkdtemp(join(tmpdir(), 'real-client-'));
  const configPath = options.configPath ?? join(scratch, 'config');
  await mkdir(configPath, { recursive: true });
  const output = join(scratch, 'output.json');
  try {
    await run(python, [join(folder, `${script}.py`), output], {
      cwd: folder,
      timeout: options.timeoutMs ?? 300_000,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...clientEnv(server, configPath), REAL_CLIENT_PREFIX: options.prefix ?? '', TMPDIR: scratch, ...options.env },
    });
    return JSON.parse(await readFile(output, 'utf8'));
  } catch (error) {
    const { stdout, stderr, message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${script}.py failed: ${message}\n${stdout ?? ''}\n${stderr ?? ''}`, { cause: error });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The environment of a `zenml` client (library or command line) that talks to `server` and to nothing else. */
export function clientEnv(server: ClientServer, configPath: string): Record<string, string> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('ZENML_')),
  );
  return {
    ...inherited,
    ZENML_CONFIG_PATH: configPath,
    ZENML_STORE_URL: server.url,
    ...('apiKey' in server ? { ZENML_STORE_API_KEY: server.apiKey } : { ZENML_STORE_USERNAME: server.username, ZENML_STORE_PASSWORD: server.password }),
    ZENML_ANALYTICS_OPT_IN: 'false',
    AUTO_OPEN_DASHBOARD: 'false',
    ZENML_LOGGING_COLORS_DISABLED: 'true',
    ZENML_LOGGING_VERBOSITY: 'WARN',
    ZENML_ENABLE_RICH_TRACEBACK: 'false',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONWARNINGS: 'ignore',
  };
}

/** Pipelines that succeed, fail, retry, map and come from the cache, with everything read back: what two servers must agree on literally. */
export async function runComparableSession(server: ClientServer): Promise<Record<string, unknown>> {
  const scratch = await mkdtemp(join(tmpdir(), 'real-client-session-'));
  try {
    const options = { configPath: join(scratch, 'config') };
    const results: Record<string, unknown> = {};
    for (const script of ['pipeline', 'failing', 'cached', 'read_back', 'dynamic'] as const) results[script] = await runScript(script, server, options);
    return results;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
