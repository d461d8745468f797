import { z } from 'zod';
import { before } from '../before.js';
import { model } from '../registry.js';
import { int, openObject, reportText, str } from '../types.js';

export const BaseResponseMetadata = model('BaseResponseMetadata', z.object({}));
export type BaseResponseMetadata = z.infer<typeof BaseResponseMetadata>;

/** Older clients call it `step_code_line`. */
function namedUserCodeLine(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('step_code_line' in value) || !value.step_code_line || 'user_code_line' in value) return value;
  return { ...value, user_code_line: value.step_code_line };
}

export const ExceptionInfo = model(
  'ExceptionInfo',
  before(
    openObject({
      traceback: reportText(),
      source: str().nullish(),
      message: reportText().nullish(),
      user_code_line: int().nullish(),
    }),
    namedUserCodeLine,
  ),
);
export type ExceptionInfo = z.infer<typeof ExceptionInfo>;
