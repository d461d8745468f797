import type { Tx } from '#libs/database/db.js';
import type { Caller } from '#libs/resource/caller.js';
import { type ConfiguredModel, getOrCreateModelVersion, linkRunToModelVersion } from '../models/model-version-for-run.js';
import { fillTemplate } from '../pipelines/configuration.rules.js';

type Configured = { projectId: string; runId: string; model: unknown; substitutions: Record<string, string> };

/** The model version that the configuration of a run or step asks for, linked to the run; null when it asks for none. */
export async function configuredModelVersion(tx: Tx, caller: Caller, { projectId, runId, model, substitutions }: Configured): Promise<string | null> {
  if (!model) return null;
  const { name, version, ...rest } = model as ConfiguredModel;
  const filled = {
    ...rest,
    name: fillTemplate(name, substitutions),
    version: version === null || version === undefined ? null : fillTemplate(String(version), substitutions),
  };
  const id = await getOrCreateModelVersion(tx, caller, { project: projectId, model: filled, runId });
  await linkRunToModelVersion(tx, caller, id, runId);
  return id;
}
