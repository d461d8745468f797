import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installReference } from '../../tools/reference/install.mjs';

export type Finished = { code: number | null; text: string };
export type Started = { /** What it has printed so far. */ text(): string; finished: Promise<Finished> };

/** The real `zenml` command with a configuration of its own, as one person on one computer has it. */
export class CommandLine {
  readonly #configPath = mkdtempSync(path.join(tmpdir(), 'zenml-'));

  constructor(private readonly env: Record<string, string> = {}) {}

  start(args: string[], input = '', env: Record<string, string> = {}): Started {
    return this.#spawn('zenml', args, input, env);
  }

  /** A script of the same person on the same computer. Returns what it printed; one that fails throws it. */
  async script(file: string, args: string[] = []): Promise<string> {
    const { code, text } = await this.#spawn('python', [file, ...args], '', {}).finished;
    if (code !== 0) throw new Error(`${file} ended with ${code}:\n${text}`);
    return text;
  }

  #spawn(program: 'zenml' | 'python', args: string[], input: string, env: Record<string, string>): Started {
    let text = '';
    const finished = installReference().then(
      ({ venv }) =>
        new Promise<Finished>((resolve, reject) => {
          const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ZENML_'));
          const child = spawn(path.join(venv, 'bin', program), args, {
            env: {
              ...Object.fromEntries(inherited),
              ZENML_CONFIG_PATH: this.#configPath,
              ZENML_ANALYTICS_OPT_IN: 'false',
              AUTO_OPEN_DASHBOARD: 'false',
              // Tables and links would otherwise be cut where a terminal ends.
              COLUMNS: '400',
              NO_COLOR: '1',
              ...this.env,
              ...env,
            },
          });
          const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
          for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
          child.stdin.end(input);
          child.on('error', reject);
          child.on('close', (code) => {
            clearTimeout(timer);
            resolve({ code, text });
          });
        }),
    );
    return { text: () => text, finished };
  }

  /** What a command printed; one that fails throws it. */
  async run(args: string[], input = '', env: Record<string, string> = {}): Promise<string> {
    const { code, text } = await this.start(args, input, env).finished;
    if (code !== 0) throw new Error(`zenml ${args.join(' ')} ended with ${code}:\n${text}`);
    return text;
  }

  dispose(): void {
    rmSync(this.#configPath, { recursive: true, force: true });
  }
}

/** Waits until what a command prints matches. */
export async function waitFor(command: Started, pattern: RegExp, timeoutMs = 60_000): Promise<RegExpExecArray> {
  const deadline = Date.now() + timeoutMs;
  let isOver = false;
  void command.finished.finally(() => (isOver = true)).catch(() => {});
  for (;;) {
    // Links are wrapped at the width of a terminal.
    const found = pattern.exec(command.text().replace(/\s*\n\s*/g, ''));
    if (found) return found;
    if (isOver || Date.now() > deadline) throw new Error(`Nothing like ${pattern} was printed:\n${command.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
