import { Controller } from '@nestjs/common';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { Caller } from '#libs/resource/caller.js';
import { resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { complete } from '#libs/wire/complete.js';
import { CodeRepositoryFilter } from '#libs/wire/filters.js';
import { CodeRepositoryRequest } from '#libs/wire/models/code-repository.js';
import type { InputOf } from '#libs/wire/operation.js';
import { codeRepositories } from '#libs/wire/operations/code-repositories.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';

export const codeRepository = resource({
  name: 'code repository',
  table: 'code_repository',
  access: 'code_repository',
  body: { source: 'source', logo_url: 'logo_url' },
  metadata: { config: 'config', description: 'description' },
  filter: CodeRepositoryFilter,
  conflict: ({ name }) => `There is already a code repository named '${name}' in this project.`,
});

@Controller()
export class CodeRepositoryController {
  constructor(private readonly store: ResourceStore) {}

  @Operation([codeRepositories.list_code_repositories, workspaces.list_code_repositories], { action: 'read', on: 'code_repository' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof codeRepositories.list_code_repositories>) {
    return this.store.list(caller, codeRepository, input);
  }

  @Operation(codeRepositories.get_code_repository, { action: 'read', on: 'code_repository' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof codeRepositories.get_code_repository>) {
    return this.store.get(caller, codeRepository, path.code_repository_id, query);
  }

  @Operation([codeRepositories.create_code_repository, workspaces.create_code_repository], { action: 'create', on: 'code_repository' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof codeRepositories.create_code_repository>) {
    return this.store.write(caller, async (tx) => {
      const body = complete(CodeRepositoryRequest, await this.store.inProject(tx, caller, input));
      const id = await this.store.insert(tx, caller, codeRepository, body);
      return this.store.reply(caller, codeRepository, id, tx);
    });
  }

  @Operation(codeRepositories.update_code_repository, { action: 'update', on: 'code_repository' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof codeRepositories.update_code_repository>) {
    // Empty values keep what is there, and code stays where it comes from: references to its commits would point nowhere.
    const { name, description, logo_url, config } = body;
    const change = {
      name: name || undefined,
      description: description || undefined,
      logo_url: logo_url || undefined,
      config: config && Object.keys(config).length > 0 ? config : undefined,
    };
    return this.store.update(caller, codeRepository, path.code_repository_id, change);
  }

  @Operation(codeRepositories.delete_code_repository, { action: 'delete', on: 'code_repository' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof codeRepositories.delete_code_repository>) {
    return this.store.delete(caller, codeRepository, path.code_repository_id);
  }
}
