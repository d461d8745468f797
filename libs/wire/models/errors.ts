import { z } from 'zod';
import { model } from '../registry.js';
import { anyDict, either, int, json, list, orNull, str } from '../types.js';

export const ErrorModel = model(
  'ErrorModel',
  z.object({
    detail: orNull(json()),
  }),
);
export type ErrorModel = z.infer<typeof ErrorModel>;

export const ValidationError = model(
  'ValidationError',
  z.object({
    loc: list(either([str(), int()])),
    msg: str(),
    type: str(),
    input: orNull(json()),
    ctx: anyDict().optional(),
  }),
);
export type ValidationError = z.infer<typeof ValidationError>;

export const HTTPValidationError = model(
  'HTTPValidationError',
  z.object({
    detail: list(ValidationError).optional(),
  }),
);
export type HTTPValidationError = z.infer<typeof HTTPValidationError>;
