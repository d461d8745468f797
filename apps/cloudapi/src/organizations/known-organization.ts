import { type Caller, noOrganization } from '../caller.js';
import { type CloudInstallation, platform } from '../installation.js';
import { findOrganization } from './organization.service.js';

/** The id of an organization that exists for the caller. @throws Problem 404 */
export async function knownOrganization(installation: CloudInstallation, caller: Caller, idOrName: string): Promise<string> {
  const { id } = await installation.prisma.tx(platform, (tx) => findOrganization(tx, idOrName));
  if (!caller.mayKnow(id)) throw noOrganization();
  return id;
}
