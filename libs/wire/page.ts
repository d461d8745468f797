import { z } from 'zod';
import { int } from './types.js';

/** One page of a list. An empty list is one page; `index` and `max_size` repeat what was asked for. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({
    index: int({ above: 0 }),
    max_size: int({ above: 0 }),
    total_pages: int({ min: 0 }),
    total: int({ min: 0 }),
    items: z.array(item),
  });
}
