import path from 'node:path';
import { loadMasterKeys, type MasterKeys } from '#libs/crypto/master-key.js';
import { startEmbeddedPostgres } from '#libs/database/embedded.js';
import { migrate } from '#libs/database/migrate.js';
import { assertMasterKey } from './canary.js';
import { repositoryFile } from './repository.js';

export type PlatformSettings = {
  DATA_DIR: string;
  DATABASE_URL?: string | undefined;
  MASTER_KEY?: string | undefined;
  WORKERS: number;
  DATABASE_CONNECTIONS: number;
};

/** Each process has a pool for the workspaces and two for the control plane, and some connections beside them. */
const connectionsOf = ({ WORKERS, DATABASE_CONNECTIONS }: PlatformSettings) => (WORKERS + 1) * (3 * DATABASE_CONNECTIONS + 4);

/** What every application stands on. */
export type Platform = {
  databaseUrl: string;
  master: MasterKeys;
  dataDir: string;
  /** Whether the database was empty before. */
  isNew: boolean;
  stop(): Promise<void>;
};

/** The database (an embedded one unless a URL is given) with all migrations applied, and the master key. */
export async function openPlatform(settings: PlatformSettings): Promise<Platform> {
  const dataDir = path.resolve(settings.DATA_DIR);
  const embedded = settings.DATABASE_URL
    ? null
    : await startEmbeddedPostgres({ dataDir: path.join(dataDir, 'postgres'), durable: true, connections: connectionsOf(settings) });
  const databaseUrl = settings.DATABASE_URL ?? (embedded as { url: string }).url;
  try {
    const master = loadMasterKeys({ text: settings.MASTER_KEY, file: path.join(dataDir, 'master.key') });
    const { applied } = await migrate({ url: databaseUrl, folder: repositoryFile('prisma/migrations') });
    await assertMasterKey(databaseUrl, master);
    return { databaseUrl, master, dataDir, isNew: applied.includes('0001_workspace'), stop: async () => embedded?.stop() };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}
