import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import type { Caller } from '#libs/resource/caller.js';
import { toOne } from '#libs/resource/render.js';
import { type Resource, resource } from '#libs/resource/resource.js';
import type { CodeReferenceRequest } from '#libs/wire/models/code-reference.js';
import { codeRepository } from './code-repository.js';

const declared = resource({
  name: 'code reference',
  table: 'code_reference',
  access: null,
  named: false,
  body: { commit: 'commit', subdirectory: 'subdirectory', code_repository: toOne(() => codeRepository, 'code_repository_id') },
  metadata: {},
  resources: false,
});

/** A commit and folder of a code repository. It has a project but does not show it. */
export const codeReference: Resource = { ...declared, isProjectScoped: false };

/** The id of the reference to that commit and folder, made if it does not exist yet. */
export async function codeReferenceId(tx: Tx, caller: Caller, projectId: string, reference: CodeReferenceRequest): Promise<string> {
  // The update changes nothing; without it a reference that exists already would not be returned.
  const [row] = await tx.query<{ id: string }>(
    sql`INSERT INTO workspace.code_reference (workspace_id, project_id, code_repository_id, "commit", subdirectory) VALUES (${caller.workspaceId}, ${projectId}, ${reference.code_repository}, ${reference.commit}, ${reference.subdirectory}) ON CONFLICT (workspace_id, project_id, code_repository_id, "commit", subdirectory) DO UPDATE SET "commit" = excluded."commit" RETURNING id`,
  );
  return (row as { id: string }).id;
}
