import { z } from 'zod';
import { model } from '../registry.js';
import { bool, dict, either, enumOf, int, list, num, rule, str } from '../types.js';
import { StatisticsAggregation, StatisticsTimeGranularity } from './enums.js';
import { PipelineRunFilter } from './pipeline-run.js';

export const MetadataGrouping = model(
  'MetadataGrouping',
  z.object({
    name: str({ min: 1 }),
    type: z.literal('metadata'),
    metadata_key: str(),
  }),
);
export type MetadataGrouping = z.infer<typeof MetadataGrouping>;

export const MetadataMetric = model(
  'MetadataMetric',
  z.object({
    name: str({ min: 1 }),
    aggregation: StatisticsAggregation,
    source: z.literal('metadata'),
    metadata_key: str(),
  }),
);
export type MetadataMetric = z.infer<typeof MetadataMetric>;

export const RunStatisticsGroup = model(
  'RunStatisticsGroup',
  z.object({
    group_keys: dict(either([str(), int(), num(), bool()]).nullable()).default({}),
    metrics: dict(num().nullable()).default({}),
    run_count: int(),
  }),
);
export type RunStatisticsGroup = z.infer<typeof RunStatisticsGroup>;

export const SimpleGrouping = model(
  'SimpleGrouping',
  z.object({
    name: str({ min: 1 }),
    type: enumOf(['status', 'pipeline', 'snapshot', 'source_snapshot', 'stack', 'trigger', 'user', 'tag']),
  }),
);
export type SimpleGrouping = z.infer<typeof SimpleGrouping>;

export const TimeGrouping = model(
  'TimeGrouping',
  z.object({
    name: str({ min: 1 }),
    type: z.literal('time'),
    granularity: StatisticsTimeGranularity,
  }),
);
export type TimeGrouping = z.infer<typeof TimeGrouping>;

export const SimpleMetric = model(
  'SimpleMetric',
  z.object({
    name: str({ min: 1 }),
    aggregation: StatisticsAggregation,
    source: enumOf(['duration', 'step_count', 'cached_step_count', 'output_artifact_count']),
  }),
);
export type SimpleMetric = z.infer<typeof SimpleMetric>;

export const RunStatisticsRequest = model(
  'RunStatisticsRequest',
  z
    .object({
      filter: PipelineRunFilter,
      groupings: list(z.discriminatedUnion('type', [SimpleGrouping, TimeGrouping, MetadataGrouping])).default([]),
      metrics: list(z.discriminatedUnion('source', [SimpleMetric, MetadataMetric])).default([]),
      max_groups: int({ max: 10000, above: 0 }).default(1000),
    })
    .check(
      rule(({ groupings }) => new Set(groupings.map(({ name }) => name)).size === groupings.length, 'Two groupings have the same name'),
      rule(({ metrics }) => new Set(metrics.map(({ name }) => name)).size === metrics.length, 'Two metrics have the same name'),
      rule(({ groupings }) => groupings.filter(({ type }) => type === 'time').length <= 1, 'At most one grouping may be over time'),
    ),
);
export type RunStatisticsRequest = z.infer<typeof RunStatisticsRequest>;

export const RunStatisticsResponse = model(
  'RunStatisticsResponse',
  z.object({
    groups: list(RunStatisticsGroup).default([]),
    truncated: bool().default(false),
  }),
);
export type RunStatisticsResponse = z.infer<typeof RunStatisticsResponse>;
