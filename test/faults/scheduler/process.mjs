// A server's part in making triggers fire, as a process of its own with a clock that whoever started it sets: every line read is a time in
// milliseconds, and every line written says, as JSON, that what was due then has been done and when there is more. Arguments: database, workspace.
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createWorkspaceApi } from '../../../dist/apps/workspace-api/src/app.js';
import { Installation } from '../../../dist/apps/workspace-api/src/installation.js';
import { MasterKeys } from '../../../dist/libs/crypto/master-key.js';
import { Db } from '../../../dist/libs/database/db.js';

const [url, workspaceId] = process.argv.slice(2);
let nowMs = 0;
const installation = new Installation({
  db: new Db({ url, role: 'workspace_api', max: 4 }),
  master: new MasterKeys([randomBytes(32)]),
  controlPlane: null,
  cloudUrl: null,
  urls: null,
  workspaceId,
  localTokenMinutes: null,
  defaultProject: 'default',
  dataDir: '/nowhere',
  dashboardDir: null,
  clock: () => nowMs,
  areTriggersOn: false,
  // Runs are queued; nothing takes them, since the application does not listen.
  workloads: { python: '/nowhere', sourceRoot: '', timeoutSeconds: 60, memoryMegabytes: null, concurrency: 1, queueLimit: 1_000_000, serverUrl: null },
});
await createWorkspaceApi({ installation, limits: { perPrincipal: null, perTenant: null, signIn: null }, logger: ['error', 'fatal'] });
const { scheduler, dispatcher } = installation.triggers;
console.log('{}');
for await (const line of createInterface({ input: process.stdin })) {
  nowMs = Number(line);
  const nextDueMs = await scheduler.look();
  const nextDispatchMs = await dispatcher.look();
  console.log(JSON.stringify({ nextDueMs, nextDispatchMs }));
}
process.exit(0);
