import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

/** One of the programs that `npm start` and its siblings run, as a process of its own. */
export type Program = {
  child: ChildProcess;
  /** Everything it has printed. */
  text(): string;
  exit: Promise<number | null>;
};

const root = path.join(__dirname, '../..');

/** Starts a program with these settings and none of whoever runs the tests, and waits until it says that it is ready. */
export async function startProgram(name: 'standalone' | 'cloudapi' | 'workspace-api', settings: Record<string, string>): Promise<Program> {
  let text = '';
  const inherited = Object.entries(process.env).filter(([known]) => !/^(DATABASE_URL|MASTER_KEY|ADMIN_|CLOUDAPI_|WORKSPACE_|WORKERS|REDIS_|npm_)/.test(known));
  const child = spawn(process.execPath, ['tools/start.mjs', name], { cwd: root, env: { ...Object.fromEntries(inherited), ...settings } });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  let isOver = false;
  void exit.then(() => (isOver = true));
  while (!/^ready in .*\n/m.test(text)) {
    if (isOver) throw new Error(`${name} ended before it was ready:\n${text}`);
    await pause();
  }
  return { child, text: () => text, exit };
}

export const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

/** Looks again and again, until there is something. */
export async function until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await pause();
  }
}
