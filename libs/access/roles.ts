import { type Action, actions, projectTypes, type ResourceType, resourceTypes } from './vocabulary.js';

export type Level = 'organization' | 'workspace' | 'project';

/** One line of a role: these actions on this type; `*` means all of them, later types included. */
export type Permission = { resource_type: ResourceType | '*' | OrganizationType; actions: (Action | '*')[] };

/** What organization-level roles speak of in the control plane itself. */
export const organizationTypes = ['organization', 'workspace', 'member', 'team', 'role', 'billing', 'audit_log'] as const;
export type OrganizationType = (typeof organizationTypes)[number];

export type BuiltInRole = { name: string; level: Level; description: string; permissions: Permission[] };

const everything: Permission[] = [{ resource_type: '*', actions: ['*'] }];

function onAll(types: readonly ResourceType[], allowed: Action[]): Permission[] {
  return types.map((type) => ({ resource_type: type, actions: allowed }));
}

const stackTypes: ResourceType[] = ['stack', 'stack_component', 'service_connector', 'flavor'];
const manageAll: Permission['actions'] = ['create', 'read', 'update', 'delete'];

/** Using connectors and secret values is what it takes to run a pipeline on a stack. */
const useStacks: Permission[] = [
  { resource_type: 'secret', actions: ['read_secret_value'] },
  { resource_type: 'service_connector', actions: ['client', 'read_secret_value'] },
];

/** The roles every organization starts with. Roles add up over a user and the user's teams; whoever created a resource may always do everything with it. */
export const builtInRoles: readonly BuiltInRole[] = [
  { name: 'Organization Admin', level: 'organization', description: 'Everything in the organization and in every workspace of it.', permissions: everything },
  {
    name: 'Organization Manager',
    level: 'organization',
    description: 'Manages workspaces, members, teams and roles; no billing, cannot delete the organization.',
    permissions: [
      { resource_type: 'organization', actions: ['read', 'update'] },
      { resource_type: 'workspace', actions: manageAll },
      { resource_type: 'member', actions: manageAll },
      { resource_type: 'team', actions: manageAll },
      { resource_type: 'role', actions: manageAll },
      { resource_type: 'audit_log', actions: ['read'] },
      ...onAll(resourceTypes, [...actions]),
    ],
  },
  {
    name: 'Organization Viewer',
    level: 'organization',
    description: 'Sees all workspaces and members and may connect to every workspace.',
    permissions: [
      { resource_type: 'organization', actions: ['read'] },
      { resource_type: 'workspace', actions: ['read'] },
      { resource_type: 'member', actions: ['read'] },
      { resource_type: 'team', actions: ['read'] },
      { resource_type: 'role', actions: ['read'] },
    ],
  },
  {
    name: 'Billing Admin',
    level: 'organization',
    description: 'Billing, plans and usage only.',
    permissions: [
      { resource_type: 'organization', actions: ['read'] },
      { resource_type: 'billing', actions: manageAll },
    ],
  },
  {
    name: 'Organization Member',
    level: 'organization',
    description: 'Belongs to the organization; sees only what is granted elsewhere.',
    permissions: [
      { resource_type: 'organization', actions: ['read'] },
      { resource_type: 'role', actions: ['read'] },
    ],
  },
  {
    name: 'Workspace Admin',
    level: 'workspace',
    description: 'Full control of the workspace.',
    permissions: [{ resource_type: 'workspace', actions: ['*'] }, ...onAll(resourceTypes, [...actions])],
  },
  {
    name: 'Workspace Developer',
    level: 'workspace',
    description: "Creates and views everything in all projects, and updates others' stacks.",
    permissions: [...onAll(resourceTypes, ['create', 'read']), ...onAll(['stack', 'stack_component', 'service_connector'], ['update']), ...useStacks],
  },
  {
    name: 'Workspace Contributor',
    level: 'workspace',
    description: 'Creates resources and manages own ones; no projects.',
    permissions: onAll(
      resourceTypes.filter((type) => type !== 'project' && !(projectTypes as readonly string[]).includes(type)),
      ['create'],
    ),
  },
  { name: 'Workspace Viewer', level: 'workspace', description: 'Reads everything in all projects.', permissions: onAll(resourceTypes, ['read']) },
  {
    name: 'Stack Admin',
    level: 'workspace',
    description: 'Full control of stacks, components, connectors and flavors; no projects.',
    permissions: [...onAll(stackTypes, [...actions]), { resource_type: 'secret', actions: ['create', 'read', 'read_secret_value'] }],
  },
  {
    name: 'Project Admin',
    level: 'project',
    description: 'Full control of one project.',
    permissions: [{ resource_type: 'project', actions: ['read', 'update', 'delete', 'share'] }, ...onAll(projectTypes, [...actions])],
  },
  {
    name: 'Project Developer',
    level: 'project',
    description: 'Creates and views everything in one project.',
    permissions: [{ resource_type: 'project', actions: ['read'] }, ...onAll(projectTypes, ['create', 'read', 'update'])],
  },
  {
    name: 'Project Contributor',
    level: 'project',
    description: 'Creates in one project and manages own resources.',
    permissions: [{ resource_type: 'project', actions: ['read'] }, ...onAll(projectTypes, ['create'])],
  },
  {
    name: 'Project Viewer',
    level: 'project',
    description: 'Reads everything in one project.',
    permissions: [{ resource_type: 'project', actions: ['read'] }, ...onAll(projectTypes, ['read'])],
  },
];

const byName = new Map(builtInRoles.map((role) => [`${role.level}:${role.name}`, role.permissions]));

/** What a role allows: what it was given, or, for a built-in one, what this version of the code says. */
export function permissionsOf(role: { level: Level; name: string; permissions: Permission[] | null }): Permission[] {
  return role.permissions ?? byName.get(`${role.level}:${role.name}`) ?? [];
}
