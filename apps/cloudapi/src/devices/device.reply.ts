import type { Prisma } from '#libs/database/prisma.js';
import { naive, naiveOrNull } from '../wire.js';

export const deviceFields = {
  id: true,
  created: true,
  updated: true,
  userId: true,
  clientId: true,
  workspaceId: true,
  name: true,
  status: true,
  failedAttempts: true,
  trustedDevice: true,
  expires: true,
  lastPolled: true,
  lastLogin: true,
  hostname: true,
  os: true,
  pythonVersion: true,
  zenmlVersion: true,
  ipAddress: true,
  city: true,
  region: true,
  country: true,
  metadata: true,
} as const satisfies Prisma.CloudDeviceSelect;

export type DeviceRow = Prisma.CloudDeviceGetPayload<{ select: typeof deviceFields }>;

export function deviceReply(row: DeviceRow) {
  return {
    id: row.id,
    created: naive(row.created),
    updated: naive(row.updated),
    user_id: row.userId,
    client_id: row.clientId,
    workspace_id: row.workspaceId,
    name: row.name,
    status: row.status as 'pending' | 'verified' | 'active' | 'locked',
    failed_auth_attempts: row.failedAttempts,
    trusted_device: row.trustedDevice,
    expires: naiveOrNull(row.expires),
    last_login: naiveOrNull(row.lastLogin),
    hostname: row.hostname,
    os: row.os,
    python_version: row.pythonVersion,
    zenml_version: row.zenmlVersion,
    ip_address: row.ipAddress,
    city: row.city,
    region: row.region,
    country: row.country,
    device_metadata: row.metadata as Record<string, unknown>,
  };
}
