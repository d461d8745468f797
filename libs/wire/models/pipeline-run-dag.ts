import { z } from 'zod';
import { model } from '../registry.js';
import { anyDict, list, orNull, str, uuid } from '../types.js';
import { ExecutionStatus } from './enums.js';

export const Edge = model(
  'Edge',
  z.object({
    source: str(),
    target: str(),
    metadata: anyDict().default({}),
  }),
);
export type Edge = z.infer<typeof Edge>;

export const Node = model(
  'Node',
  z.object({
    node_id: str(),
    type: str(),
    id: orNull(uuid()),
    name: str(),
    metadata: anyDict().default({}),
  }),
);
export type Node = z.infer<typeof Node>;

export const PipelineRunDAG = model(
  'PipelineRunDAG',
  z.object({
    id: uuid(),
    status: ExecutionStatus,
    nodes: list(Node),
    edges: list(Edge),
  }),
);
export type PipelineRunDAG = z.infer<typeof PipelineRunDAG>;
