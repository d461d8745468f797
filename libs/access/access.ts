import { createMongoAbility, type MongoAbility, type RawRuleOf, subject } from '@casl/ability';
import { rulesToAST } from '@casl/ability/extra';
import { and, or, raw, type Sql, sql } from '#libs/database/sql.js';
import type { OrganizationType, Permission } from './roles.js';
import { type Action, actions, isProjectType, type ResourceType as WorkspaceType } from './vocabulary.js';

type ResourceType = WorkspaceType | OrganizationType;

/** What a caller holds in one workspace, as loaded from the control plane. */
export type Grants = {
  /** Superusers and organization admins: everything is allowed. */
  everything?: boolean;
  /** Roles of the user and of the user's teams; a null project means the whole workspace. */
  roles: { projectId: string | null; permissions: Permission[] }[];
  /** Single resources shared with the user or a team, together where they are shared alike. */
  shares: { type: string; ids: string[]; actions: string[] }[];
};

/** The facts of one row that decisions rest on. */
export type Row = { id?: string | null; userId?: string | null; projectId?: string | null };

/** The same facts as SQL expressions over a table row. */
export type RowColumns = { id: Sql; userId: Sql | null; projectId: Sql | null };

/** Refused: the caller may not do this. Becomes 403. */
export class AccessDenied extends Error {
  constructor(
    readonly action: Action,
    readonly type: string,
    readonly id: string | null = null,
  ) {
    super(`Insufficient permissions to ${action.toUpperCase()} resource '${id ? `${type}/${id}` : type}'.`);
  }
}

type Rule = RawRuleOf<MongoAbility>;
type Node = { operator: string; value: unknown; field?: string };

/** Ownership covers everything but creating, which concerns no existing row. */
const ownerActions = actions.filter((action) => action !== 'create');

/** CASL rules, compiled once for everybody who holds the same. */
export class Rules {
  readonly ability: MongoAbility;
  readonly #trees = new Map<string, Node | null>();

  constructor(
    rules: Rule[],
    readonly isUnlimited: boolean,
  ) {
    this.ability = createMongoAbility(rules);
  }

  /** The condition on rows as CASL gives it; null: none is allowed. */
  tree(action: Action, type: ResourceType): Node | null {
    const key = `${action}:${type}`;
    let tree = this.#trees.get(key);
    if (tree === undefined) {
      tree = rulesToAST(this.ability, action, type) as Node | null;
      this.#trees.set(key, tree);
    }
    return tree;
  }
}

/** Everything in the workspace. */
export const unlimitedRules = new Rules([{ action: 'manage', subject: 'all' }], true);
const compiled = new Map<string, Rules>();
const mostCompiled = 1_000;

/** @param userId workspace-local id of the caller; rows created by it, and rows without owner, are always allowed. */
export function rulesFor(userId: string, grants: Grants): Rules {
  if (grants.everything) return unlimitedRules;
  const key = JSON.stringify([userId, grants.roles, grants.shares]);
  let rules = compiled.get(key);
  if (!rules) {
    rules = new Rules(rulesOf(userId, grants), false);
    if (compiled.size >= mostCompiled) compiled.clear();
    compiled.set(key, rules);
  }
  return rules;
}

/**
 * What one caller may do in one workspace. One set of CASL rules answers single questions (`can`), becomes the SQL condition of lists
 * (`condition`) and therefore cannot disagree with itself. Made per request from the caller's grants as they are now; only what follows from equal
 * grants is kept between requests.
 */
export class Access {
  /** How many decisions were asked for; a guarded operation that never asked is a programming error (see the operation guard). */
  checks = 0;

  private constructor(
    /** The same object for equal rights: what is worked out from them alone may be kept by it. */
    readonly rules: Rules,
  ) {}

  /** Everything in the workspace. */
  static unlimited(): Access {
    return new Access(unlimitedRules);
  }

  static by(rules: Rules): Access {
    return new Access(rules);
  }

  /** What `rulesFor` says of these grants. */
  static of(userId: string, grants: Grants): Access {
    return new Access(rulesFor(userId, grants));
  }

  get isUnlimited(): boolean {
    return this.rules.isUnlimited;
  }

  /** Whether the action is allowed on this row, or, without id, on the type as a whole in that project. */
  can(action: Action, type: ResourceType, row: Row = {}): boolean {
    this.checks += 1;
    if (this.isUnlimited) return true;
    // A missing owner is not "unowned": only a row that was looked at can be owned by nobody.
    const facts = { id: row.id ?? undefined, project_id: row.projectId ?? undefined, user_id: 'userId' in row && row.id ? row.userId : undefined };
    return this.rules.ability.can(action, subject(type, facts));
  }

  /** @throws AccessDenied */
  require(action: Action, type: ResourceType, row: Row = {}): void {
    if (!this.can(action, type, row)) throw new AccessDenied(action, row.projectId && isProjectType(type) ? `${row.projectId}:${type}` : type, row.id ?? null);
  }

  /** Whether the action is allowed on every row of the type (in the project). */
  isFull(action: Action, type: ResourceType, projectId: string | null = null): boolean {
    this.checks += 1;
    return this.isUnlimited || this.rules.ability.can(action, subject(type, { project_id: projectId ?? undefined }));
  }

  /** Ids of single rows on which the action is allowed, ownership aside. */
  sharedIds(action: Action, type: ResourceType): string[] {
    this.checks += 1;
    const ids: string[] = [];
    const visit = (node: Node | null) => {
      if (!node) return;
      if (node.operator === 'or' || node.operator === 'and') for (const child of node.value as Node[]) visit(child);
      else if (node.field === 'id') ids.push(...((Array.isArray(node.value) ? node.value : [node.value]) as string[]));
    };
    if (!this.isUnlimited) visit(this.rules.tree(action, type));
    return ids;
  }

  /** The condition under which rows are allowed; null when all of them are. */
  condition(action: Action, type: ResourceType, columns: RowColumns): Sql | null {
    this.checks += 1;
    if (this.isUnlimited) return null;
    const tree = this.rules.tree(action, type);
    if (!tree) return raw('false');
    if (tree.operator === 'and' && (tree.value as Node[]).length === 0) return null;
    return toSql(tree, columns);
  }

  /**
   * The same for many rows, of which few may be allowed: ids of those that are shared one by one, and the condition under which others are; null when all
   * of them are. A database that looks at rows one after the other cannot make use of a long list of ids, and can where it starts from them.
   */
  parts(action: Action, type: ResourceType, columns: RowColumns): { shared: readonly unknown[]; others: Sql } | null {
    this.checks += 1;
    if (this.isUnlimited) return null;
    const tree = this.rules.tree(action, type);
    if (!tree) return { shared: [], others: raw('false') };
    const children = tree.operator === 'or' || tree.operator === 'and' ? (tree.value as Node[]) : [tree];
    if (tree.operator === 'and') return children.length === 0 ? null : { shared: [], others: toSql(tree, columns) };
    const others = children.filter(({ field }) => field !== 'id').map((child) => rarely(child, columns));
    const shared = () => children.filter(({ field }) => field === 'id').flatMap(({ value }) => value as string | string[]);
    return { shared: presentIn.get(tree) ?? presentOf(tree, shared()), others: others.length === 0 ? raw('false') : or(others) };
  }
}

function rulesOf(userId: string, grants: Grants): Rule[] {
  const rules: Rule[] = [{ action: [...ownerActions], subject: 'all', conditions: { user_id: { $in: [userId, null] } } }];
  for (const role of grants.roles) for (const permission of role.permissions) addRole(rules, permission, role.projectId);
  for (const [key, ids] of sharesByActions(grants.shares)) {
    const [type, allowed] = key.split('|') as [string, string];
    rules.push({ action: allowed.split(','), subject: type, conditions: { id: { $in: ids } } });
  }
  return rules;
}

function addRole(rules: Rule[], permission: Permission, projectId: string | null): void {
  const action = permission.actions.includes('*') ? 'manage' : permission.actions;
  const subjectName = permission.resource_type === '*' ? 'all' : permission.resource_type;
  if (projectId === null) rules.push({ action, subject: subjectName });
  else if (subjectName === 'project') rules.push({ action, subject: 'project', conditions: { id: projectId } });
  // A role in one project never reaches stacks, secrets and whatever else belongs to the workspace.
  else if (isProjectType(subjectName)) rules.push({ action, subject: subjectName, conditions: { project_id: projectId } });
}

/** Shares with the same type and actions become one rule, so that 200 shares do not become 200 conditions. */
function sharesByActions(shares: Grants['shares']): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const share of shares) {
    const key = `${share.type}|${[...share.actions].sort().join(',')}`;
    const ids = groups.get(key);
    if (ids) ids.push(...share.ids);
    else groups.set(key, [...share.ids]);
  }
  return groups;
}

/** The same array for the same rules, frozen, so that whoever compares parameters need not look into it. */
const presentIn = new WeakMap<Node, readonly unknown[]>();

function presentOf(node: Node, values: readonly unknown[]): readonly unknown[] {
  let present = presentIn.get(node);
  if (!present) presentIn.set(node, (present = Object.freeze(values.filter((value) => value !== null))));
  return present;
}

/** Whose owner is somebody or nobody: said so, the planner takes it for rare, which it is where it matters. It knows no plan for a single person. */
function rarely(node: Node, columns: RowColumns): Sql {
  const values = Array.isArray(node.value) ? node.value : [];
  const [owner, another] = node.field === 'user_id' && values.length === 2 ? presentOf(node, values) : [];
  return owner && !another && columns.userId ? sql`coalesce(${columns.userId}, ${owner}::uuid) = ${owner}::uuid` : toSql(node, columns);
}

function toSql(node: Node, columns: RowColumns): Sql {
  switch (node.operator) {
    case 'and':
      return and((node.value as Node[]).map((child) => toSql(child, columns)));
    case 'or':
      return or((node.value as Node[]).map((child) => toSql(child, columns)));
    case 'eq':
    case 'in': {
      const column = node.field === 'id' ? columns.id : node.field === 'user_id' ? columns.userId : columns.projectId;
      const values = Array.isArray(node.value) ? node.value : [node.value];
      // A table without that column: no row of it is owned by somebody or belongs to a project.
      if (!column) return raw('false');
      const present = presentOf(node, values);
      const parts = present.length === 0 ? [] : [present.length === 1 ? sql`${column} = ${present[0]}::uuid` : sql`${column} = ANY(${present}::uuid[])`];
      if (present.length < values.length) parts.push(sql`${column} IS NULL`);
      return or(parts);
    }
    default:
      throw new Error(`Rules use only eq, in, and, or; got ${node.operator}.`);
  }
}
