import { Problem } from '#libs/http/problem.js';
import type { ComponentInfo } from '#libs/wire/models/full-stack.js';
import type { StackRequest } from '#libs/wire/models/stack.js';

/** Types of which a stack may have several components; of all others it has at most one. */
const repeatable = new Set(['alerter', 'experiment_tracker', 'step_operator', 'sandbox']);
const mandatory = ['orchestrator', 'artifact_store'];

type Components = Partial<Record<string, readonly unknown[]>>;

/** @throws Problem 422 */
export function assertComplete(components: Components): void {
  for (const [type, list] of Object.entries(components))
    if ((list?.length ?? 0) > 1 && !repeatable.has(type)) throw unfit(`A stack can have only one component of type ${type}.`);
  for (const type of mandatory) if (!components[type]?.length) throw unfit(`A stack needs a component of type ${type}.`);
}

/** Components that are described instead of named point into the list of connectors. @throws Problem 422 */
export function assertIndexes({ components, service_connectors }: Pick<StackRequest, 'components' | 'service_connectors'>): void {
  for (const index of newComponents(components).map(({ info }) => info.service_connector_index))
    if (index != null && (index < 0 || index >= service_connectors.length))
      throw unfit(`The service connector index ${index} is out of range: the request has ${service_connectors.length} service connectors.`);
}

export function newComponents(components: StackRequest['components']): { type: string; info: ComponentInfo }[] {
  return Object.entries(components).flatMap(([type, list]) =>
    (list ?? []).filter((entry): entry is ComponentInfo => typeof entry !== 'string').map((info) => ({ type, info })),
  );
}

export type Requirements = { flavor: string; connectorType: string | null; resourceType: string | null; resourceIdAttribute: string | null };
export type OfferedConnector = { connector_type: string; resource_types: string[]; resource_id: string | null; supports_instances: boolean };

/** Which resource of the connector a described component uses. @throws Problem 400 where the connector is not what its flavor needs */
export function connectorResource(needs: Requirements, connector: OfferedConnector, info: ComponentInfo): string | null {
  if (!needs.resourceType) throw new Problem('invalid', `The flavor '${needs.flavor}' cannot use service connectors.`);
  if (needs.connectorType && needs.connectorType !== connector.connector_type)
    throw new Problem('invalid', `The flavor '${needs.flavor}' needs a service connector of type '${needs.connectorType}', not '${connector.connector_type}'.`);
  if (!connector.resource_types.includes(needs.resourceType))
    throw new Problem('invalid', `The flavor '${needs.flavor}' needs a service connector for resources of type '${needs.resourceType}'.`);
  const configured = needs.resourceIdAttribute ? info.configuration[needs.resourceIdAttribute] : null;
  if (needs.resourceIdAttribute && !configured)
    throw new Problem(
      'invalid',
      `The setting '${needs.resourceIdAttribute}' of the flavor '${needs.flavor}' names the resource of the service connector; give it a value.`,
    );
  const chosen = info.service_connector_resource_id || configured || connector.resource_id;
  if (chosen) return String(chosen);
  if (connector.supports_instances)
    throw new Problem(
      'invalid',
      `The service connector reaches several resources of type '${needs.resourceType}'. Say which one in service_connector_resource_id.`,
    );
  return null;
}

/** Skypilot uses its credentials for longer than temporary ones live. */
export function needsLastingCredentials(orchestratorFlavor: string): boolean {
  return orchestratorFlavor.startsWith('vm_');
}

function unfit(text: string): Problem {
  return new Problem('unprocessable', `1 validation error:\n  ('body', 'components'): ${text}`, { shape: 'validation' });
}
