// The Prisma CLI with our bridge as its schema engine, so that nothing is downloaded. See schema-engine.mjs.
// `migrate` and `db` commands use DATABASE_URL, or a temporary empty server when it is not set.
import { spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = createRequire(import.meta.url).resolve('prisma/build/index.js');
const engine = fileURLToPath(new URL('./schema-engine.mjs', import.meta.url));
const mode = 0o755;
try {
  chmodSync(engine, mode);
} catch {
  // A read-only checkout keeps the mode that git recorded, which is executable.
}

/** Runs the CLI; resolves to its exit code and, with `quiet`, to what it printed. */
export function prisma(args, { quiet = false, env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], {
      stdio: ['inherit', 'pipe', 'pipe'],
      env: { PRISMA_SCHEMA_ENGINE_BINARY: engine, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', ...process.env, ...env },
    });
    let output = '';
    const take = (stream) => {
      let rest = '';
      const show = (line) => {
        // Every optional reference is SET NULL on its own column only, which the migration says and the Prisma schema cannot.
        if (line.includes('https://pris.ly/d/postgres-set-null') || line === 'Prisma schema warnings:') return;
        output += line + '\n';
        if (!quiet) (stream === child.stdout ? process.stdout : process.stderr).write(line + '\n');
      };
      stream.setEncoding('utf8');
      stream.on('data', (data) => {
        const lines = (rest + data).split('\n');
        rest = lines.pop();
        lines.forEach(show);
      });
      stream.on('end', () => rest && show(rest));
    };
    take(child.stdout);
    take(child.stderr);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** A server for the commands that need one, gone afterwards. */
async function temporaryServer() {
  const { compile } = await import('./build.mjs');
  await compile();
  const { startEmbeddedPostgres } = await import('../dist/libs/database/embedded.js');
  const dataDir = await mkdtemp(path.join(tmpdir(), 'prisma-'));
  const server = await startEmbeddedPostgres({ dataDir, durable: false, database: 'postgres' });
  const stop = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: server.url, stop };
}

async function main(args) {
  const server = ['migrate', 'db'].includes(args[0]) && !process.env.DATABASE_URL ? await temporaryServer() : undefined;
  const { code } = await prisma(args, { env: server ? { DATABASE_URL: server.url } : {} });
  await server?.stop();
  process.exitCode = code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
