/** The families, in the order in which they are worth running. */
import type { Scenario } from '../compare.js';
import { artifacts, artifactVersions } from './artifacts.js';
import { codeRepositories } from './code-repositories.js';
import { components } from './components.js';
import { configurations } from './configurations.js';
import { flavorChecks } from './flavor-checks.js';
import { flavors } from './flavors.js';
import { http } from './http.js';
import { accounts, deviceFlow, machines, settings, signIn } from './identity.js';
import { logs, runMetadata } from './metadata-and-logs.js';
import { models, modelVersions } from './models.js';
import { hookInvocations, serviceConnectors, services, visualizations, waitConditions } from './others.js';
import { auth, devices, server, serviceAccounts, users } from './people.js';
import { pipelines } from './pipelines.js';
import { projects } from './projects.js';
import { requests } from './requests.js';
import { runs } from './runs.js';
import { builds, deployments, runTemplates, schedules, triggers, webhooks } from './scheduling.js';
import { secrets } from './secrets.js';
import { snapshots } from './snapshots.js';
import { stacks } from './stacks.js';
import { statistics } from './statistics.js';
import { steps } from './steps.js';
import { tags } from './tags.js';

export const scenarios: Scenario[] = [
  http,
  requests,
  projects,
  stacks,
  components,
  flavors,
  flavorChecks,
  tags,
  secrets,
  codeRepositories,
  pipelines,
  snapshots,
  configurations,
  runs,
  statistics,
  steps,
  artifacts,
  artifactVersions,
  models,
  modelVersions,
  logs,
  runMetadata,
  auth,
  users,
  serviceAccounts,
  devices,
  accounts,
  machines,
  signIn,
  deviceFlow,
  settings,
  server,
  schedules,
  builds,
  runTemplates,
  services,
  deployments,
  triggers,
  webhooks,
  serviceConnectors,
  visualizations,
  waitConditions,
  hookInvocations,
];
