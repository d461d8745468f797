import type { Prisma } from '#libs/database/prisma.js';
import { naive, naiveOrNull } from '../wire.js';

/** The columns that replies show; never the password. */
export const userFields = {
  id: true,
  username: true,
  email: true,
  name: true,
  description: true,
  avatarUrl: true,
  company: true,
  jobTitle: true,
  metadata: true,
  passwordExpired: true,
  oauthProvider: true,
  oauthId: true,
  isActive: true,
  isSuperuser: true,
  isServiceAccount: true,
  isOnboarded: true,
  organizationId: true,
  lastLogin: true,
  created: true,
  updated: true,
} as const satisfies Prisma.CloudUserSelect;

export type UserRow = Prisma.CloudUserGetPayload<{ select: typeof userFields }>;

export function userReply(row: UserRow) {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    name: row.name,
    description: row.description,
    avatar_url: row.avatarUrl,
    company: row.company,
    job_title: row.jobTitle,
    metadata: row.metadata as Record<string, unknown>,
    password_expired: row.passwordExpired,
    oauth_provider: row.oauthProvider,
    oauth_id: row.oauthId,
    is_active: row.isActive,
    is_superuser: row.isSuperuser,
    is_service_account: row.isServiceAccount,
    is_onboarded: row.isOnboarded,
    organization_id: row.organizationId,
    last_login: naiveOrNull(row.lastLogin),
    created: naive(row.created),
    updated: naive(row.updated),
  };
}
