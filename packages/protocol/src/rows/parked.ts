import { z } from 'zod';
import { Failure } from '../failures.ts';
import { EffectId } from '../ids.ts';
import { time } from './time.ts';

/** An effect that could not be performed and waits for a person (parked), with what it was and why. */
export const ParkedEffectRow = z.object({
  id: EffectId,
  kind: z.string(),
  target: z.string(),
  attempts: z.number().int(),
  failure: Failure.nullable(),
  at: time,
});
export type ParkedEffectRow = z.infer<typeof ParkedEffectRow>;
