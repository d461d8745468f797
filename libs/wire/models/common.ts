import { z } from 'zod';
import { model } from '../registry.js';
import { int, openObject, str } from '../types.js';

export const BaseResponseMetadata = model('BaseResponseMetadata', z.object({}));
export type BaseResponseMetadata = z.infer<typeof BaseResponseMetadata>;

export const ExceptionInfo = model(
  'ExceptionInfo',
  openObject({
    traceback: str(),
    source: str().nullish(),
    message: str().nullish(),
    user_code_line: int().nullish(),
  }),
);
export type ExceptionInfo = z.infer<typeof ExceptionInfo>;
