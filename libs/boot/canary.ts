import { checkCanary, createCanary } from '#libs/crypto/canary.js';
import type { MasterKeys } from '#libs/crypto/master-key.js';
import { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';

/** Refuses a master key that the data was not written with; the first start leaves what later ones are compared with. @throws MasterKeyProblem */
export async function assertMasterKey(databaseUrl: string, master: MasterKeys): Promise<void> {
  const db = new Db({ url: databaseUrl, role: 'cloudapi', max: 1 });
  const platform = { workspaceId: null, isPlatform: true };
  try {
    const stored = () => db.read<{ value: string }>(platform, sql`SELECT value FROM cloud.setting WHERE name = 'master_key_canary'`);
    let [row] = await stored();
    if (!row) {
      await db.read(platform, sql`INSERT INTO cloud.setting (name, value) VALUES ('master_key_canary', ${createCanary(master)}) ON CONFLICT DO NOTHING`);
      [row] = await stored();
    }
    checkCanary(master, (row as { value: string }).value);
  } finally {
    await db.close();
  }
}
