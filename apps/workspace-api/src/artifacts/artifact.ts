import { Controller } from '@nestjs/common';
import { identifier, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertName, assertNameFits } from '#libs/resource/name.js';
import { type Expression, type Resource, resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { ArtifactFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { artifacts } from '#libs/wire/operations/artifacts.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';

/** A column of the newest version, found by index. */
function latest(column: 'id' | 'version' | 'created'): Expression {
  return (t) =>
    sql`(SELECT v.${identifier(column)} FROM workspace.artifact_version v WHERE v.workspace_id = ${t}.workspace_id AND v.artifact_id = ${t}.id ORDER BY v.created DESC, v.id DESC LIMIT 1)`;
}

/** What versions of something have in common: its name, and how far its versions are numbered. */
export const artifact: Resource = resource({
  name: 'artifact',
  table: 'artifact',
  access: 'artifact',
  metadata: { has_custom_name: 'has_custom_name' },
  resources: { latest_version_id: latest('id'), latest_version_name: latest('version') },
  taggable: 'artifact',
  counted: true,
  filter: ArtifactFilter,
  sorts: { latest_version: (t, render) => sql`coalesce(${latest('created')(t, render)}, ${t}.created)` },
  conflict: ({ name }) => `There is already an artifact named '${name}' in this project.`,
});

@Controller()
export class ArtifactController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(artifacts.list_artifacts, { action: 'read', on: 'artifact' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof artifacts.list_artifacts>) {
    return this.store.list(caller, artifact, input);
  }

  @Operation(artifacts.get_artifact, { action: 'read', on: 'artifact' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof artifacts.get_artifact>) {
    return this.store.get(caller, artifact, path.artifact_id, query);
  }

  @Operation(artifacts.create_artifact, { action: 'create', on: 'artifact' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof artifacts.create_artifact>) {
    assertName('artifact', body.name);
    return this.store.write(caller, async (tx) => {
      const id = await this.store.insert(tx, caller, artifact, body);
      await attachTags(tx, caller, 'artifact', id, body.tags);
      return this.store.reply(caller, artifact, id, tx);
    });
  }

  @Operation(artifacts.update_artifact, { action: 'update', on: 'artifact' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof artifacts.update_artifact>) {
    return this.store.write(caller, async (tx) => {
      const id = path.artifact_id;
      await this.store.row(tx, caller, artifact, id, 'update', { columns: ['id'], lock: true });
      assertNameFits(body.name);
      // Whoever renames an artifact gives it a name of its own, unless the request says otherwise.
      const hasCustomName = body.has_custom_name ?? (body.name ? true : undefined);
      await this.store.updateRow(tx, caller, artifact, id, { name: body.name || undefined, has_custom_name: hasCustomName });
      await attachTags(tx, caller, 'artifact', id, body.add_tags);
      await detachTags(tx, caller, 'artifact', id, body.remove_tags);
      return this.store.reply(caller, artifact, id, tx);
    });
  }

  @Operation(artifacts.delete_artifact, { action: 'delete', on: 'artifact' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof artifacts.delete_artifact>) {
    return this.store.delete(caller, artifact, path.artifact_id);
  }
}
