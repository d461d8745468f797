import type { Operation } from './operation.js';
import { apiKeys } from './operations/api-keys.js';
import { artifactVersions } from './operations/artifact-versions.js';
import { artifacts } from './operations/artifacts.js';
import { auth } from './operations/auth.js';
import { authorizedDevices } from './operations/authorized-devices.js';
import { builds } from './operations/builds.js';
import { codeRepositories } from './operations/code-repositories.js';
import { curatedVisualizations } from './operations/curated-visualizations.js';
import { deployments } from './operations/deployments.js';
import { extra } from './operations/extra.js';
import { flavors } from './operations/flavors.js';
import { health } from './operations/health.js';
import { hookInvocations } from './operations/hook-invocations.js';
import { logs } from './operations/logs.js';
import { modelVersionArtifacts } from './operations/model-version-artifacts.js';
import { modelVersionPipelineRuns } from './operations/model-version-pipeline-runs.js';
import { modelVersions } from './operations/model-versions.js';
import { models } from './operations/models.js';
import { pipelineDeployments } from './operations/pipeline-deployments.js';
import { pipelines } from './operations/pipelines.js';
import { projects } from './operations/projects.js';
import { resourceRequests } from './operations/resource-requests.js';
import { runMetadata } from './operations/run-metadata.js';
import { runTemplates } from './operations/run-templates.js';
import { runWaitConditions } from './operations/run-wait-conditions.js';
import { runs } from './operations/runs.js';
import { schedules } from './operations/schedules.js';
import { secrets } from './operations/secrets.js';
import { server } from './operations/server.js';
import { serviceConnectors } from './operations/service-connectors.js';
import { services } from './operations/services.js';
import { snapshots } from './operations/snapshots.js';
import { stackComponents } from './operations/stack-components.js';
import { stacks } from './operations/stacks.js';
import { steps } from './operations/steps.js';
import { tagResources } from './operations/tag-resources.js';
import { tags } from './operations/tags.js';
import { triggers } from './operations/triggers.js';
import { users } from './operations/users.js';
import { webhooks } from './operations/webhooks.js';
import { workspaces } from './operations/workspaces.js';

/** The operations of the workspace API by tag and by the name of the reference's handler. */
export const catalogue = {
  apiKeys,
  artifactVersions,
  artifacts,
  auth,
  authorizedDevices,
  builds,
  codeRepositories,
  curatedVisualizations,
  deployments,
  extra,
  flavors,
  health,
  hookInvocations,
  logs,
  modelVersionArtifacts,
  modelVersionPipelineRuns,
  modelVersions,
  models,
  pipelineDeployments,
  pipelines,
  projects,
  resourceRequests,
  runMetadata,
  runTemplates,
  runWaitConditions,
  runs,
  schedules,
  secrets,
  server,
  serviceConnectors,
  services,
  snapshots,
  stackComponents,
  stacks,
  steps,
  tagResources,
  tags,
  triggers,
  users,
  webhooks,
  workspaces,
};

/** The same operations in a row, for code that walks them all. */
export const operations: readonly Operation[] = Object.values(catalogue).flatMap((group) => Object.values<Operation>(group));
