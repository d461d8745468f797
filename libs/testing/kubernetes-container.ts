import { type ChildProcess, spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';

/** A container's process and what it has printed. */
export class Container {
  readonly printed: Buffer[] = [];
  readonly readers = new Set<ServerResponse>();
  readonly finished: Promise<{ exitCode: number; reason: string }>;
  isOver = false;
  readonly #child: ChildProcess;
  #reason: string | null = null;

  constructor(
    [program, ...told]: [string, ...string[]],
    folder: string,
    environment: Record<string, string>,
    private readonly graceMs: number,
  ) {
    this.#child = spawn(program, told, { cwd: folder, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const print = (part: Buffer) => {
      this.printed.push(part);
      for (const reader of this.readers) reader.write(part);
    };
    this.#child.stdout?.on('data', print);
    this.#child.stderr?.on('data', print);
    this.finished = new Promise((resolve) => {
      this.#child.on('error', (error) => print(Buffer.from(`${error.message}\n`)));
      this.#child.on('close', (code, signal) => {
        this.isOver = true;
        for (const reader of this.readers) reader.end();
        const exitCode = code !== null && code >= 0 ? code : signal === 'SIGTERM' ? 143 : 137;
        resolve({ exitCode, reason: this.#reason ?? (exitCode === 0 ? 'Completed' : 'Error') });
      });
    });
  }

  kill(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid) process.kill(-this.#child.pid, signal);
    } catch {
      // Over already.
    }
  }

  terminate(): void {
    this.kill('SIGTERM');
    const killer = setTimeout(() => this.kill('SIGKILL'), this.graceMs);
    void this.finished.then(() => clearTimeout(killer));
  }

  end(reason: string): void {
    this.#reason = reason;
    this.kill('SIGKILL');
  }
}
