// Starting, watching and stopping a server process of somebody else's make.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** A free loopback port. Another process could take it in between; callers retry on a failed start if they care. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts a process, waits until `probe` answers 2xx, and returns a handle.
 * @returns {Promise<{ pid: number, stop: () => Promise<void>, log: () => string }>}
 */
export async function startProcess(command, args, { env, cwd, probe, timeoutMs = 120_000 }) {
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  // The tail is enough to explain a failure, and a noisy server must not fill our memory.
  const keep = (chunk) => {
    output = (output + chunk).slice(-2_000_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let ended;
  const exit = new Promise((resolve) => {
    child.once('error', (error) => {
      ended = `could not start: ${error.message}`;
      resolve();
    });
    child.once('exit', (code, signal) => {
      ended ??= `ended with ${signal ?? code}`;
      resolve();
    });
  });
  const killOnExit = () => child.kill('SIGKILL');
  process.once('exit', killOnExit);

  const stop = async () => {
    process.removeListener('exit', killOnExit);
    if (ended) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exit;
    clearTimeout(force);
  };

  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (ended) throw new Error(`${command} ${ended}\n${output.slice(-4000)}`);
    const isUp = await fetch(probe, { signal: AbortSignal.timeout(2000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) break;
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${command} did not answer ${probe} within ${timeoutMs} ms\n${output.slice(-4000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return { pid: child.pid, stop, log: () => output };
}
