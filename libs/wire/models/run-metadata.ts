import { z } from 'zod';
import { model } from '../registry.js';
import { dict, list, metadataValue, rule, uuid } from '../types.js';
import { MetadataResourceTypes, MetadataTypeEnum } from './enums.js';

export const RunMetadataResource = model(
  'RunMetadataResource',
  z.object({
    id: uuid(),
    type: MetadataResourceTypes,
  }),
);
export type RunMetadataResource = z.infer<typeof RunMetadataResource>;

export const RunMetadataRequest = model(
  'RunMetadataRequest',
  z
    .object({
      user: uuid().nullish(),
      project: uuid(),
      resources: list(RunMetadataResource),
      stack_component_id: uuid().nullish(),
      values: dict(metadataValue()),
      types: dict(MetadataTypeEnum),
      publisher_step_id: uuid().nullish(),
    })
    // Filters and merged views use the colon to take keys apart.
    .check(rule(({ values }) => !Object.keys(values).some((key) => key.includes(':')), 'Keys of metadata must not contain a colon')),
);
export type RunMetadataRequest = z.infer<typeof RunMetadataRequest>;
