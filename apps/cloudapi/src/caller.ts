import { Access } from '#libs/access/access.js';
import type { OrganizationType } from '#libs/access/roles.js';
import type { Action } from '#libs/access/vocabulary.js';
import { accessWithin, type Holdings, isMember, mayEnter } from '#libs/control-plane/grants.js';
import { bindingOf, type Person } from '#libs/control-plane/people.js';
import type { BaseCaller, RequestFacts } from '#libs/http/caller.js';
import { Problem } from '#libs/http/problem.js';
import type { Actor } from './audit/audit.js';

/** A self-hosted server that is attached as a workspace, logged in with its enrollment key. */
export type Machine = { workspaceId: string; organizationId: string; name: string; enrollmentKeyId: string };

type Place = { organizationId: string; workspaceId: string | null };

/**
 * Who calls the control plane: a person, an organization's service account, or an attached workspace server. What they may do is asked per organization;
 * everything they hold was loaded with the caller, so asking costs no statement.
 */
export class Caller implements BaseCaller {
  readonly principal: string;
  readonly tenant: string;
  /** Counts decisions for the guard's check that a guarded operation asked for one; decisions themselves are made by `within`. */
  readonly access = Access.of('', { roles: [], shares: [] });
  /** Where permission was asked for last, for the record of a refusal. */
  lastAsked: Place | null = null;
  readonly #known = new Map<string, Access>();

  private constructor(
    readonly request: RequestFacts,
    readonly person: Person | null,
    readonly machine: Machine | null,
    readonly actor: Actor,
  ) {
    this.principal = person?.id ?? (machine as Machine).workspaceId;
    this.tenant = person?.organizationId ?? machine?.organizationId ?? this.principal;
  }

  static ofPerson(person: Person, request: RequestFacts): Caller {
    return new Caller(request, person, null, actorOf(person, request));
  }

  static ofMachine(machine: Machine, request: RequestFacts): Caller {
    const credential = { type: 'enrollment_key', id: machine.enrollmentKeyId };
    return new Caller(request, null, machine, { type: 'workspace', id: machine.workspaceId, name: machine.name, credential, request });
  }

  get id(): string {
    return this.principal;
  }

  get isSuperuser(): boolean {
    return this.person?.isSuperuser ?? false;
  }

  get held(): Holdings {
    return this.person?.held ?? { roles: [], shares: [] };
  }

  /** What the caller may do in an organization, or in one workspace of it. */
  within(organizationId: string, workspaceId: string | null = null): Access {
    this.access.checks += 1;
    this.lastAsked = { organizationId, workspaceId };
    if (this.isSuperuser) return Access.unlimited();
    const key = `${organizationId}/${workspaceId ?? ''}`;
    let access = this.#known.get(key);
    if (!access) {
      access = accessWithin(this.id, this.held, organizationId, workspaceId);
      this.#known.set(key, access);
    }
    return access;
  }

  /**
   * Refuses unless the action is allowed. Who has nothing to do with the organization learns nothing: 404, as if it did not exist.
   * @throws AccessDenied 403; Problem 404
   */
  require(action: Action, type: OrganizationType, organizationId: string, workspaceId: string | null = null): void {
    if (!this.mayKnow(organizationId)) throw noOrganization();
    this.within(organizationId, workspaceId).require(action, type, workspaceId && type === 'workspace' ? { id: workspaceId } : {});
  }

  /** Whether the organization exists for the caller: by any role or share in it. */
  mayKnow(organizationId: string): boolean {
    return this.isSuperuser || this.machine?.organizationId === organizationId || this.knownOrganizations().has(organizationId);
  }

  knownOrganizations(): Set<string> {
    const ids = [...this.held.roles, ...this.held.shares].map((one) => one.organizationId);
    if (this.person?.organizationId) ids.push(this.person.organizationId);
    return new Set(ids);
  }

  isMember(organizationId: string): boolean {
    return isMember(this.held, organizationId);
  }

  mayEnter(workspace: { id: string; organizationId: string }): boolean {
    this.access.checks += 1;
    return this.isSuperuser || mayEnter(this.id, this.held, workspace);
  }

  /** Organizations of which the caller may enter every workspace, and the single workspaces besides. */
  enterable(): { organizationIds: string[]; workspaceIds: string[] } {
    const workspaceIds = [...this.held.roles, ...this.held.shares].flatMap((one) => (one.workspaceId ? [one.workspaceId] : []));
    const organizationIds = [...this.knownOrganizations()].filter((id) => accessWithin(this.id, this.held, id, null).isFull('read', 'workspace'));
    return { organizationIds, workspaceIds: [...new Set(workspaceIds)] };
  }

  /** @throws Problem 403 for attached servers, on operations that only make sense for people and service accounts */
  requirePerson(): Person {
    if (!this.person) throw new Problem('forbidden', 'A workspace server has no account of its own; log in as a person or service account.');
    return this.person;
  }
}

export function actorOf(person: Person, request: RequestFacts): Actor {
  const { type, id } = person.credential;
  return { type: person.isServiceAccount ? 'service_account' : 'user', id: person.id, name: person.username, credential: { type, id }, request };
}

/** What tokens made from the caller's credential carry of it. */
export function originOf(person: Person): { session_id?: string; device_id?: string; api_key_id?: string; key_gen?: number } {
  const { apiKeyId, keyGeneration, deviceId, sessionId } = bindingOf(person.credential);
  return {
    ...(apiKeyId ? { api_key_id: apiKeyId } : {}),
    ...(keyGeneration === undefined ? {} : { key_gen: keyGeneration }),
    ...(deviceId ? { device_id: deviceId } : {}),
    ...(sessionId ? { session_id: sessionId } : {}),
  };
}

export function noOrganization(): Problem {
  return new Problem('not_found', 'There is no organization with this id or name, or you are not a member of it.');
}
