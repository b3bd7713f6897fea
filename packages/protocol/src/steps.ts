import { z } from 'zod';
import { LIMITS } from './limits.ts';
import { manyLines, oneLine } from './text.ts';

/** The steps of a molecule as somebody writes them down. Without ids they are `step-1`, `step-2`, …; `needs` names steps that come first. */
export const StepId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, 'letters, digits, dots, dashes and underscores, at most 60');
export const NewStep = z.object({
  id: StepId.optional(),
  title: oneLine(LIMITS.titleCharacters.value),
  text: manyLines(LIMITS.stepCharacters.value).optional(),
  needs: z.array(StepId).max(LIMITS.moleculeSteps.value).optional(),
});
export type NewStep = z.infer<typeof NewStep>;
export const NewSteps = z.array(NewStep).min(1).max(LIMITS.moleculeSteps.value);
