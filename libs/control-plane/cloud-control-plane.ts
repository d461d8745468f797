import type { Db, Runner, Scope } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import type { CloudTokens } from '#libs/identity/cloud-token.js';
import { credentialOf } from '#libs/identity/credential.js';
import { emailOrPlaceholder } from '#libs/identity/email.js';
import { TokenRejected } from '#libs/identity/token-rejected.js';
import { type ControlPlane, type CredentialBinding, type ExternalUser, type Feature, NotAuthorized } from './control-plane.js';
import { mayEnter } from './grants.js';
import { bindingOf, type People, type Person } from './people.js';
import { assertEntitled, reportUsage } from './usage.js';

/**
 * The control plane, answered from its tables: by cloudapi for attached servers, and in the process of workspace-api for the workspaces served there.
 * `scopeOf` says under which tenant the application reads.
 */
export class CloudControlPlane implements ControlPlane {
  constructor(
    private readonly db: Db,
    private readonly people: People,
    private readonly tokens: CloudTokens,
    private readonly scopeOf: (workspaceId: string) => Scope,
  ) {}

  async authorize(bearer: string, workspaceId: string): Promise<{ user: ExternalUser; binding: CredentialBinding; person: Person }> {
    const scope = this.scopeOf(workspaceId);
    const person = await this.#personOf(scope, bearer, workspaceId);
    const [workspace] = await this.db.read<{ id: string; organizationId: string; status: string }>(
      scope,
      sql`SELECT id, organization_id AS "organizationId", status FROM cloud.workspace WHERE id = ${workspaceId} AND identity_mode = 'pro' AND status <> 'deleted'`,
    );
    // A workspace that one may not enter answers exactly as one that does not exist.
    if (!workspace || !(person.isSuperuser || mayEnter(person.id, person.held, workspace)))
      throw new NotAuthorized('workspace', 'There is no workspace with this id, or you are not a member of it.');
    if (workspace.status === 'deactivated') throw new NotAuthorized('forbidden', 'The workspace is deactivated.');
    return { user: externalUserOf(person), binding: bindingOf(person.credential), person };
  }

  assertEntitled(runner: Runner, organizationId: string, feature: Feature): Promise<void> {
    return assertEntitled(runner, organizationId, feature);
  }

  reportUsage(runner: Runner, event: { organizationId: string; workspaceId: string; feature: Feature; resourceId: string; total: 1 | -1 }): Promise<void> {
    return reportUsage(runner, event);
  }

  async #personOf(scope: Scope, bearer: string, workspaceId: string): Promise<Person> {
    const credential = credentialOf(bearer);
    switch (credential.kind) {
      case 'pro_key':
        return this.people.byKey(scope, credential);
      case 'token': {
        const claims = this.#verify(credential.token);
        if (claims.typ === 'workspace') throw new NotAuthorized('forbidden', 'A workspace server cannot log in to a workspace.');
        if (claims.typ === 'workspace_authorization' && claims.workspace_id !== workspaceId)
          throw new NotAuthorized('forbidden', 'This token was issued for another workspace.');
        return this.people.byClaims(scope, claims);
      }
      default:
        throw new NotAuthorized('credential', 'The API key is not valid: it is incomplete, mistyped or of another kind.');
    }
  }

  #verify(token: string) {
    try {
      return this.tokens.verify(token);
    } catch (error) {
      if (error instanceof TokenRejected) throw new NotAuthorized('credential', error.message);
      throw error;
    }
  }
}

export function externalUserOf(person: Person): ExternalUser {
  return {
    id: person.id,
    username: person.username,
    // Workspace servers refuse people without an address.
    email: person.isServiceAccount ? null : emailOrPlaceholder(person),
    name: person.name,
    is_superuser: person.isSuperuser,
    is_service_account: person.isServiceAccount,
    avatar_url: person.avatarUrl,
    oidc_claims: person.oidcClaims,
  };
}
