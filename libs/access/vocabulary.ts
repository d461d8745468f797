/** Actions a grant can allow, as they stand on the wire. */
export const actions = ['create', 'read', 'update', 'delete', 'read_secret_value', 'prune', 'client', 'promote', 'backup_restore', 'share'] as const;
export type Action = (typeof actions)[number];

/** Resource types that live inside a project. Snapshots are called `pipeline_deployment` on the wire. */
export const projectTypes = [
  'artifact',
  'artifact_version',
  'code_repository',
  'model',
  'model_version',
  'pipeline',
  'pipeline_run',
  'pipeline_deployment',
  'pipeline_build',
  'deployment',
  'schedule',
  'run_template',
  'service',
  'run_metadata',
  'trigger',
  'webhook',
] as const;

/** Resource types that belong to the whole workspace. */
export const workspaceTypes = ['flavor', 'secret', 'service_connector', 'stack', 'stack_component', 'tag', 'service_account', 'project'] as const;

export type ResourceType = (typeof projectTypes)[number] | (typeof workspaceTypes)[number];
export const resourceTypes: readonly ResourceType[] = [...workspaceTypes, ...projectTypes];

const inProject: ReadonlySet<string> = new Set(projectTypes);
const known: ReadonlySet<string> = new Set(resourceTypes);

export function isProjectType(type: string): boolean {
  return inProject.has(type);
}

export function isResourceType(type: string): type is ResourceType {
  return known.has(type);
}

/** `[<project uuid>:]<type>[/<uuid>]`, the way servers ask the control plane about a resource. */
export type ResourceName = { type: string; id: string | null; projectId: string | null };

export function parseResourceName(text: string): ResourceName {
  const slash = text.indexOf('/');
  const id = slash < 0 ? null : text.slice(slash + 1);
  const head = slash < 0 ? text : text.slice(0, slash);
  const colon = head.indexOf(':');
  return { type: colon < 0 ? head : head.slice(colon + 1), id, projectId: colon < 0 ? null : head.slice(0, colon) };
}
