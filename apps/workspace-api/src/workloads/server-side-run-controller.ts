import { Controller } from '@nestjs/common';
import type { Tx } from '#libs/database/db.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { extra } from '#libs/wire/operations/extra.js';
import { Installation } from '../installation.js';
import { runTemplate } from '../pipelines/run-template.js';
import { snapshot } from '../pipelines/snapshot.js';
import { run } from '../runs/run.js';
import { type RunOrder, snapshotOfRun, startRun } from './start-run.js';

/** Runs that somebody without Python starts: the server runs the snapshot's code where its runner is. */
@Controller()
export class ServerSideRunController {
  constructor(
    private readonly store: ResourceStore,
    private readonly installation: Installation,
  ) {}

  @Operation(extra.create_snapshot_run, { action: 'create', on: 'pipeline_run', also: 'reads the snapshot, creates another' })
  ofSnapshot(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof extra.create_snapshot_run>) {
    return this.start(caller, async (tx) => {
      await this.store.row(tx, caller, snapshot, path.snapshot_id, 'read', { columns: ['id'] });
      return { snapshotId: path.snapshot_id, configuration: body.run_configuration, stepRunId: body.step_run };
    });
  }

  @Operation(extra.create_template_run, { action: 'create', on: 'pipeline_run', also: 'reads the template, creates a snapshot' })
  ofTemplate(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof extra.create_template_run>) {
    return this.start(caller, async (tx) => {
      const columns = ['source_snapshot_id'];
      const { source_snapshot_id: snapshotId } = await this.store.row<{ source_snapshot_id: string | null }>(
        tx,
        caller,
        runTemplate,
        path.template_id,
        'read',
        { columns },
      );
      if (!snapshotId) throw new Problem('invalid', 'This template cannot be run: the snapshot it was made from does not exist any more.');
      return { snapshotId, configuration: body, templateId: path.template_id };
    });
  }

  @Operation(extra.replay_run, { action: 'create', on: 'pipeline_run', also: 'reads the run, creates a snapshot' })
  again(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof extra.replay_run>) {
    return this.start(caller, async (tx) => {
      await this.store.row(tx, caller, run, path.run_id, 'read', { columns: ['id'] });
      return { snapshotId: await snapshotOfRun(tx, caller, path.run_id), configuration: body, originalRunId: path.run_id };
    });
  }

  private start(caller: Caller, order: (tx: Tx) => Promise<RunOrder>) {
    return this.store.write(caller, async (tx) => {
      const id = await startRun(this.installation, this.store, tx, caller, await order(tx));
      return this.store.reply(caller, run, id, tx);
    });
  }
}
