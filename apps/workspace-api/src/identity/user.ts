import { sql } from '#libs/database/sql.js';
import { constant, orEmpty } from '#libs/resource/render.js';
import { column, resource } from '#libs/resource/resource.js';
import { ServiceAccountFilter, UserFilter } from '#libs/wire/filters.js';

const body = {
  active: 'active',
  activation_token: constant('null'),
  full_name: 'full_name',
  email_opted_in: 'email_opted_in',
  is_service_account: 'is_service_account',
  is_admin: 'is_admin',
  default_project_id: 'default_project_id',
  avatar_url: 'avatar_url',
} as const;

/** People, and machines where they stand in for people (the owner of a resource may be a service account). E-mail and password times are private. */
export const user = resource({
  name: 'user',
  table: 'user',
  access: null,
  body,
  metadata: {
    password_changed_at: constant('null'),
    email: constant('null'),
    external_user_id: 'external_user_id',
    user_metadata: orEmpty('user_metadata'),
    oidc_claims: orEmpty('oidc_claims'),
  },
  resources: false,
  filter: UserFilter,
  conflict: ({ name }) => `There is already a user named '${name}'.`,
});

/** One's own record, private fields included. */
export const ownUser = { ...user, metadata: { ...(user.metadata as object), password_changed_at: 'password_changed_at', email: 'email' } };

export const serviceAccount = resource({
  name: 'service account',
  table: 'user',
  access: 'service_account',
  body: { active: 'active', avatar_url: 'avatar_url' },
  metadata: { description: (t) => sql`coalesce(${column(t, 'description')}, '')` },
  resources: false,
  filter: ServiceAccountFilter,
  where: (t) => sql`${t}.is_service_account`,
  conflict: ({ name }) => `There is already a service account named '${name}'.`,
});
