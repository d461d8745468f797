import type { Runner } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';

export type OnboardingStep =
  | 'device_verified'
  | 'project_created'
  | 'pipeline_run'
  | 'stack_with_remote_orchestrator_created'
  | 'stack_with_remote_artifact_store_created'
  | 'pipeline_run_with_remote_orchestrator'
  | 'pipeline_run_with_remote_artifact_store'
  | 'pipeline_deployed'
  | 'oss_onboarding_completed'
  | 'pro_onboarding_completed';

/** Adds steps to the workspace's set of completed ones; writes nothing when all of them are there. */
export async function markOnboarding(runner: Runner, workspaceId: string, ...steps: OnboardingStep[]): Promise<void> {
  await runner.query(
    sql`UPDATE workspace.server_settings SET onboarding_state = (SELECT json_agg(DISTINCT s.step) FROM (SELECT json_array_elements_text(coalesce(onboarding_state, '[]'::json)) AS step UNION SELECT unnest(${steps}::text[])) s) WHERE workspace_id = ${workspaceId} AND NOT (coalesce(onboarding_state, '[]'::json)::jsonb @> to_jsonb(${steps}::text[]))`,
  );
}
