import { randomUUID } from 'node:crypto';
import type { Tx } from '#libs/database/db.js';
import { databaseFault } from '#libs/database/errors.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { attachTags } from '../metadata/tag-resource.js';

export type NewModelVersion = {
  projectId: string;
  modelId: string;
  /** The next number, as text, when there is none. */
  name?: string | null | undefined;
  description?: string | null | undefined;
  stage?: string | null | undefined;
  tags?: readonly string[] | null | undefined;
  /** The run that the version belongs to, so that all steps of one run share one numbered version. */
  producerRunId?: string | null;
};

/** Numbers and inserts a version. The counter's update locks the model, so numbers are given one after the other. @returns the new id */
export async function createModelVersion(tx: Tx, caller: Caller, version: NewModelVersion): Promise<string> {
  const [counter] = await tx.query<{ number: number }>(
    sql`UPDATE workspace.model SET latest_version_number = latest_version_number + 1 WHERE workspace_id = ${caller.workspaceId} AND id = ${version.modelId} RETURNING latest_version_number AS number`,
  );
  if (!counter) throw new Problem('not_found', `No model with the ID ${version.modelId} found.`);
  const id = randomUUID();
  const name = version.name || String(counter.number);
  const producer = version.name ? id : (version.producerRunId ?? id);
  try {
    await tx.query(
      sql`INSERT INTO workspace.model_version (workspace_id, id, model_id, project_id, user_id, name, number, description, stage, producer_run_id_if_numeric) VALUES (${caller.workspaceId}, ${id}, ${version.modelId}, ${version.projectId}, ${caller.userId}, ${name}, ${counter.number}, ${version.description ?? null}, ${version.stage ?? null}, ${producer})`,
    );
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique') throw new Problem('exists', `There is already a version '${name}' of this model.`, { cause: error });
    throw error;
  }
  await attachTags(tx, caller, 'model_version', id, version.tags);
  return id;
}
