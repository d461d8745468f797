import { z } from 'zod';
import { model } from '../registry.js';
import { int, openObject, reportText, str } from '../types.js';

export const BaseResponseMetadata = model('BaseResponseMetadata', z.object({}));
export type BaseResponseMetadata = z.infer<typeof BaseResponseMetadata>;

export const ExceptionInfo = model(
  'ExceptionInfo',
  openObject({
    traceback: reportText(),
    source: str().nullish(),
    message: reportText().nullish(),
    user_code_line: int().nullish(),
  }),
);
export type ExceptionInfo = z.infer<typeof ExceptionInfo>;
