import { sql } from '#libs/database/sql.js';
import { constant, orEmpty } from '#libs/resource/render.js';
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
  filters: {
    resource_type: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM json_array_elements_text(${t}.resource_types) AS r(name) WHERE ${predicate.on(sql`r.name`, 'str')})`,
    labels_str: () => constant('true')(sql``, undefined as never),
  },
  conflict: ({ name }) => `There is already a service connector named '${name}'.`,
});
