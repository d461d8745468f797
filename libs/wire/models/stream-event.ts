import { z } from 'zod';
import { model } from '../registry.js';
import { anyDict, int, list, orNull, str, uuid } from '../types.js';

export const StreamEvent = model(
  'StreamEvent',
  z.object({
    pipeline_run_id: uuid(),
    step_run_id: uuid().nullish(),
    step_name: str().nullish(),
    kind: str(),
    correlation_id: str().nullish(),
    index: int().nullish(),
    payload: anyDict().default({}),
  }),
);
export type StreamEvent = z.infer<typeof StreamEvent>;

export const StreamBatchRequest = model(
  'StreamBatchRequest',
  z.object({
    events: list(StreamEvent, { max: 1000 }),
  }),
);
export type StreamBatchRequest = z.infer<typeof StreamBatchRequest>;

export const StreamBatchResponse = model(
  'StreamBatchResponse',
  z.object({
    count: int(),
    last_id: orNull(str()),
  }),
);
export type StreamBatchResponse = z.infer<typeof StreamBatchResponse>;
