import { z } from 'zod';
import { model } from '../registry.js';
import { anyDict, bool, dict, textSet, uuid } from '../types.js';
import { PipelineRunConfiguration } from './configuration.js';

export const PipelineSnapshotRunRequest = model(
  'PipelineSnapshotRunRequest',
  z.object({
    run_configuration: PipelineRunConfiguration.nullish(),
    step_run: uuid().nullish(),
  }),
);
export type PipelineSnapshotRunRequest = z.infer<typeof PipelineSnapshotRunRequest>;

export const ReplayRunConfiguration = model(
  'ReplayRunConfiguration',
  PipelineRunConfiguration.extend({
    skip_successful_steps: bool().nullish(),
    steps_to_skip: textSet().nullish(),
    step_input_overrides: dict(anyDict()).nullish(),
    step_default_input_overrides: dict(anyDict()).nullish(),
  }),
);
export type ReplayRunConfiguration = z.infer<typeof ReplayRunConfiguration>;
