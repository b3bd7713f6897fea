import { z } from 'zod';
import { SpendLevel } from '../states.ts';

/** What may be spent on one thing, or (`of` is `*`) on each of its level that has no limit of its own. */
export const LimitRow = z.object({
  id: z.string(),
  level: SpendLevel,
  of: z.string(),
  softMicros: z.number().int().nullable(),
  hardMicros: z.number().int().nullable(),
});
export type LimitRow = z.infer<typeof LimitRow>;
