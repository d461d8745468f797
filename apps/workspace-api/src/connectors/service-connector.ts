import { orEmpty } from '#libs/resource/render.js';
import { resource } from '#libs/resource/resource.js';
import { ServiceConnectorFilter } from '#libs/wire/filters.js';

export const serviceConnector = resource({
  name: 'service connector',
  table: 'service_connector',
  access: 'service_connector',
  body: {
    description: 'description',
    connector_type: 'connector_type',
    auth_method: 'auth_method',
    resource_types: 'resource_types',
    resource_id: 'resource_id',
    supports_instances: 'supports_instances',
    expires_at: 'expires_at',
    expires_skew_tolerance: 'expires_skew_tolerance',
  },
  metadata: { configuration: orEmpty('configuration'), expiration_seconds: 'expiration_seconds', labels: orEmpty('labels') },
  filter: ServiceConnectorFilter,
  // Both are taken literally, without operators: the lists add them as conditions of their own.
  filters: { resource_type: () => null, labels_str: () => null },
  conflict: ({ name }) => `There is already a service connector named '${name}'.`,
});
