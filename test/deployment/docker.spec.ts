import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { repositoryFile } from '#libs/boot/repository.js';

const compose = readFileSync(repositoryFile('docker-compose.yml'), 'utf8');
const dockerfile = readFileSync(repositoryFile('Dockerfile'), 'utf8');

/** The settings that some program reads, by the names in their schemas. */
function knownSettings(): string[] {
  const files = ['apps/workspace-api/src/settings.ts', 'apps/cloudapi/src/settings.ts', 'apps/standalone/src/main.ts', 'apps/workspace-api/src/main.ts'];
  return files
    .filter((file) => existsSync(repositoryFile(file)))
    .flatMap((file) => [...readFileSync(repositoryFile(file), 'utf8').matchAll(/\b([A-Z][A-Z_]+[A-Z])\b/g)].map((match) => match[1] as string));
}

describe('the container files', () => {
  it('start programs that the build makes', () => {
    const commands = [...`${compose}\n${dockerfile}`.matchAll(/dist\/(apps\/[\w-]+\/src\/main)\.js/g)].map((match) => `${match[1]}.ts`);
    expect(commands.length).toBeGreaterThanOrEqual(3);
    for (const command of commands) expect({ command, exists: existsSync(repositoryFile(command)) }).toEqual({ command, exists: true });
  });

  it('copy only files that exist', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) => (match[1] as string).split(' ')).filter((file) => file !== '.');
    expect(copied.length).toBeGreaterThan(3);
    for (const file of copied) expect({ file, exists: existsSync(repositoryFile(file)) }).toEqual({ file, exists: true });
  });

  it('set only settings that a program reads', () => {
    const known = new Set([...knownSettings(), 'POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_PASSWORD', 'NODE_ENV']);
    const set = [...compose.matchAll(/^ {6}([A-Z_]+):/gm)].map((match) => match[1] as string);
    expect(set.length).toBeGreaterThan(5);
    expect(set.filter((name) => !known.has(name))).toEqual([]);
  });

  it('do not run as root and leave development packages out', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/npm ci --omit=dev/);
  });

  it('are accepted by docker compose, where its plugin is installed', () => {
    try {
      execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    } catch {
      return; // No plugin here: the checks above are what can be checked.
    }
    const env = { ...process.env, POSTGRES_PASSWORD: 'x', MASTER_KEY: 'x', ADMIN_PASSWORD: 'x' };
    const { services } = JSON.parse(execFileSync('docker', ['compose', 'config', '--format', 'json'], { cwd: repositoryFile('.'), env, encoding: 'utf8' })) as {
      services: object;
    };
    expect(Object.keys(services).sort()).toEqual(['cloudapi', 'postgres', 'redis', 'workspace-api']);
  });
});
