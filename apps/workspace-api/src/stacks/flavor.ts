import { Controller } from '@nestjs/common';
import { type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { FlavorFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { flavors } from '#libs/wire/operations/flavors.js';
import { syncFlavors } from './built-in-flavors.js';

/** The name in title case; every run of letters begins with a capital, also one after a digit. */
function title(t: Sql): Sql {
  return sql`(SELECT string_agg(initcap(part[1]), '' ORDER BY n) FROM regexp_matches(replace(${t}.name, '_', ' '), '[[:alpha:]]+|[^[:alpha:]]+', 'g') WITH ORDINALITY AS parts(part, n))`;
}

export const flavor = resource({
  name: 'flavor',
  table: 'flavor',
  access: 'flavor',
  body: {
    type: 'type',
    display_name: (t) => sql`coalesce(nullif(${t}.display_name, ''), ${title(t)}, '')`,
    integration: 'integration',
    source: 'source',
    logo_url: 'logo_url',
    is_custom: 'is_custom',
  },
  metadata: {
    config_schema: 'config_schema',
    connector_type: 'connector_type',
    connector_resource_type: 'connector_resource_type',
    connector_resource_id_attr: 'connector_resource_id_attr',
    docs_url: 'docs_url',
    sdk_docs_url: 'sdk_docs_url',
  },
  filter: FlavorFilter,
  conflict: ({ name, type }) => `There is already a ${type ?? ''} flavor named '${name}'.`,
});

const maxSchemaLength = 65_535;

@Controller()
export class FlavorController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(flavors.list_flavors, { action: 'read', on: 'flavor' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof flavors.list_flavors>) {
    return this.store.list(caller, flavor, input);
  }

  @Operation(flavors.get_flavor, { action: 'read', on: 'flavor' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof flavors.get_flavor>) {
    return this.store.get(caller, flavor, path.flavor_id, query);
  }

  @Operation(flavors.create_flavor, { action: 'create', on: 'flavor' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof flavors.create_flavor>) {
    assertSchemaFits(body.config_schema);
    // A display name in the request is ignored, as the original does: until an update sets one, it follows from the name.
    const values = { ...body, display_name: null, integration: body.integration ?? '' };
    return this.store.create(caller, flavor, values, body.is_custom ? {} : { user_id: null });
  }

  @Operation(flavors.update_flavor, { action: 'update', on: 'flavor' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof flavors.update_flavor>) {
    if (body.config_schema) assertSchemaFits(body.config_schema);
    return this.store.update(caller, flavor, path.flavor_id, body);
  }

  @Operation(flavors.delete_flavor, { action: 'delete', on: 'flavor' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof flavors.delete_flavor>) {
    return this.store.delete(caller, flavor, path.flavor_id, async (tx, row) => {
      const [used] = await tx.query(sql`SELECT 1 FROM workspace.stack_component WHERE workspace_id = ${caller.workspaceId} AND flavor = ${row.name} LIMIT 1`);
      if (used) throw new Problem('forbidden', `The flavor '${row.name}' cannot be deleted while components use it. Delete those components first.`);
    });
  }

  @Operation(flavors.sync_flavors, { action: 'update', on: 'flavor' })
  async sync(@CurrentCaller() caller: Caller) {
    caller.access.require('update', 'flavor');
    return this.store.write(caller, async (tx) => {
      await syncFlavors(tx, caller.workspaceId);
      return null;
    });
  }
}

function assertSchemaFits(schema: unknown): void {
  if (JSON.stringify(schema).length > maxSchemaLength)
    throw new Problem('invalid', `The configuration schema of a flavor may have at most ${maxSchemaLength} characters as JSON.`);
}
