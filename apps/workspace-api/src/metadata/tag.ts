import { sql } from '#libs/database/sql.js';
import { resource } from '#libs/resource/resource.js';
import { TagFilter } from '#libs/wire/filters.js';

export const tag = resource({
  name: 'tag',
  table: 'tag',
  access: 'tag',
  body: { color: 'color', exclusive: 'exclusive' },
  metadata: { tagged_count: (t) => sql`(SELECT count(*) FROM workspace.tag_resource x WHERE x.workspace_id = ${t}.workspace_id AND x.tag_id = ${t}.id)` },
  filter: TagFilter,
  filters: {
    resource_type: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.tag_resource x WHERE x.workspace_id = ${t}.workspace_id AND x.tag_id = ${t}.id AND ${predicate.on(sql`x.resource_type`, 'str')})`,
  },
  conflict: ({ name }) => `There is already a tag named '${name}'.`,
});
