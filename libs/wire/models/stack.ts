import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, dict, dictBy, either, list, orNull, str, uuid } from '../types.js';
import { ComponentResponse } from './component.js';
import { StackComponentType } from './enums.js';
import { ComponentInfo, ServiceConnectorInfo } from './full-stack.js';
import { UserResponse } from './user.js';

export const StackResponseBody = model(
  'StackResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
  }),
);
export type StackResponseBody = z.infer<typeof StackResponseBody>;

export const StackResponseMetadata = model(
  'StackResponseMetadata',
  z.object({
    components: dictBy(StackComponentType, list(ComponentResponse)),
    description: str({ max: 255 }).nullable().default(''),
    stack_spec_path: orNull(str()),
    environment: dict(str()).default({}),
    secrets: list(uuid()).default([]),
    labels: orNull(anyDict()),
  }),
);
export type StackResponseMetadata = z.infer<typeof StackResponseMetadata>;

export const StackResponseResources = model(
  'StackResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type StackResponseResources = z.infer<typeof StackResponseResources>;

export const StackResponse = model(
  'StackResponse',
  z.object({
    body: orNull(StackResponseBody),
    metadata: orNull(StackResponseMetadata),
    resources: orNull(StackResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type StackResponse = z.infer<typeof StackResponse>;

export const Page_StackResponse_ = model('Page_StackResponse_', page(StackResponse));
export type Page_StackResponse_ = z.infer<typeof Page_StackResponse_>;

export const StackRequest = model(
  'StackRequest',
  z.object({
    user: uuid().nullish(),
    name: str({ max: 255 }),
    description: str({ max: 255 }).default(''),
    stack_spec_path: str().nullish(),
    components: dictBy(StackComponentType, list(either([uuid(), ComponentInfo]))),
    environment: dict(str()).nullish(),
    secrets: list(either([uuid(), str()])).nullish(),
    labels: anyDict().nullish(),
    service_connectors: list(either([uuid(), ServiceConnectorInfo])).default([]),
  }),
);
export type StackRequest = z.infer<typeof StackRequest>;

export const StackUpdate = model(
  'StackUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    description: str({ max: 255 }).nullish(),
    stack_spec_path: str().nullish(),
    components: dictBy(StackComponentType, list(uuid())).nullish(),
    environment: dict(str()).nullish(),
    labels: anyDict().nullish(),
    add_secrets: list(either([uuid(), str()])).nullish(),
    remove_secrets: list(either([uuid(), str()])).nullish(),
  }),
);
export type StackUpdate = z.infer<typeof StackUpdate>;
