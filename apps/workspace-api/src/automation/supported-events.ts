import { Controller } from '@nestjs/common';
import { Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { platformEvents } from '#libs/wire/models/triggers.js';
import type { InputOf } from '#libs/wire/operation.js';
import { triggers } from '#libs/wire/operations/triggers.js';

const subjects = { pipeline: 'A run of the pipeline', pipeline_run: 'The run', pipeline_snapshot: 'A run of the snapshot' };

/** What a trigger can wait for. */
@Controller()
export class SupportedEventsController {
  @Operation(triggers.list_supported_events, { public: 'it says what this software can do, nothing about its data' })
  list(@Input() { query }: InputOf<typeof triggers.list_supported_events>) {
    const subject = subjects[query.source_type];
    return platformEvents[query.source_type].map((value) => ({
      value,
      description: value.endsWith('failed') ? `${subject} failed.` : `${subject} completed.`,
    }));
  }
}
