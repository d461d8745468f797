import { Controller, Inject } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { stacks } from '#libs/wire/operations/stacks.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { Installation } from '../installation.js';
import { defaultName } from './component.js';
import { createStack } from './create-stack.js';
import { linkSecrets } from './linked-secrets.js';
import { compose, stack } from './stack.js';
import { assertComplete } from './stack.rules.js';

@Controller()
export class StackController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation([stacks.list_stacks, workspaces.list_stacks], { action: 'read', on: 'stack' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof stacks.list_stacks>) {
    return this.store.list(caller, stack, input);
  }

  @Operation(stacks.get_stack, { action: 'read', on: 'stack' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof stacks.get_stack>) {
    return this.store.get(caller, stack, path.stack_id, query);
  }

  @Operation([stacks.create_stack, workspaces.create_stack], { action: 'create', on: 'stack' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof stacks.create_stack>) {
    return createStack(this.installation, this.store, caller, body);
  }

  @Operation(stacks.update_stack, { action: 'update', on: 'stack' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof stacks.update_stack>) {
    if (body.components) assertComplete(body.components);
    return this.store.write(caller, async (tx) => {
      const id = path.stack_id;
      const row = await this.store.row<{ name: string }>(tx, caller, stack, id, 'update', { columns: ['name'], lock: true });
      if (row.name === defaultName) throw new Problem('forbidden', 'The default stack cannot be updated.');
      await this.store.updateFrom(tx, caller, stack, id, body);
      if (body.components) {
        await tx.query(sql`DELETE FROM workspace.stack_composition WHERE workspace_id = ${caller.workspaceId} AND stack_id = ${id}`);
        await compose(tx, caller, id, body.components);
      }
      await linkSecrets(tx, caller, 'stack', id, { add: body.add_secrets, remove: body.remove_secrets });
      return this.store.reply(caller, stack, id, tx);
    });
  }

  @Operation(stacks.delete_stack, { action: 'delete', on: 'stack' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof stacks.delete_stack>) {
    return this.store.delete(caller, stack, path.stack_id, async (_tx, row) => {
      if (row.name === defaultName) throw new Problem('forbidden', 'The default stack cannot be deleted.');
    });
  }
}
