import { z } from 'zod';
import { QuarantineId } from '../ids.ts';
import { time } from './time.ts';

/** An input over which the town broke, kept for a person (RC-9). The payload is JSON, cut and without credentials. */
export const QuarantineRow = z.object({
  id: QuarantineId,
  source: z.enum(['report', 'outcome', 'tool', 'container', 'spend']),
  kind: z.string(),
  payload: z.string(),
  /** False: only its beginning is kept, so it can be read and discarded. */
  retriable: z.boolean(),
  error: z.string(),
  tries: z.number().int(),
  /** How often the same came. */
  times: z.number().int(),
  firstAt: time,
  at: time,
});
export type QuarantineRow = z.infer<typeof QuarantineRow>;
