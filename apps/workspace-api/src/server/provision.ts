import { randomUUID } from 'node:crypto';
import type { Db, Runner } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { syncFlavors } from '../stacks/built-in-flavors.js';
import { markOnboarding } from './onboarding.js';

export type Provisioning = { workspaceId: string; name: string; defaultProject: string };

/** Everything a new workspace starts with. Safe to repeat: what is there stays as it is. */
export async function provisionWorkspace(db: Db, { workspaceId, name, defaultProject }: Provisioning): Promise<void> {
  await db.tx({ workspaceId }, async (tx) => {
    const [settings] = await tx.query(
      sql`INSERT INTO workspace.server_settings (workspace_id, id, server_name, active, enable_analytics, display_announcements, display_updates, last_user_activity) VALUES (${workspaceId}, ${workspaceId}, ${name}, false, false, true, true, (now() AT TIME ZONE 'utc')) ON CONFLICT DO NOTHING RETURNING id`,
    );
    if (!settings) return;
    await syncFlavors(tx, workspaceId, { isNew: true });
    await tx.query(
      sql`INSERT INTO workspace.project (workspace_id, name, display_name, description) VALUES (${workspaceId}, ${defaultProject}, ${defaultProject}, '')`,
    );
    await createDefaultStack(tx, workspaceId);
    await markOnboarding(tx, workspaceId, 'project_created');
  });
}

async function createDefaultStack(runner: Runner, workspaceId: string): Promise<void> {
  const stackId = randomUUID();
  const components = ['orchestrator', 'deployer', 'artifact_store'].map((type) => ({ id: randomUUID(), type }));
  const list = JSON.stringify(components);
  await runner.query(
    sql`INSERT INTO workspace.stack_component (workspace_id, id, name, type, flavor, configuration) SELECT ${workspaceId}::uuid, c.id, 'default', c.type, 'local', '{}'::json FROM json_to_recordset(${list}::json) AS c(id uuid, type text)`,
  );
  await runner.query(
    sql`INSERT INTO workspace.stack (workspace_id, id, name, description, labels) VALUES (${workspaceId}, ${stackId}, 'default', '', '{}'::json)`,
  );
  await runner.query(
    sql`INSERT INTO workspace.stack_composition (workspace_id, stack_id, component_id, default_for_type) SELECT ${workspaceId}::uuid, ${stackId}::uuid, c.id, c.type FROM json_to_recordset(${list}::json) AS c(id uuid, type text)`,
  );
}
