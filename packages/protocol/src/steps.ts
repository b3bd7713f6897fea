import { z } from 'zod';
import { LIMITS } from './limits.ts';
import { manyLines, oneLine } from './text.ts';

/** The steps of a molecule as somebody writes them down. Without ids they are `step-1`, `step-2`, …; `needs` names steps that come first. */
export const StepId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, 'must be letters, digits, dots, dashes and underscores, at most 60');
const fields = {
  id: StepId.optional(),
  title: oneLine(LIMITS.titleCharacters.value),
  text: manyLines(LIMITS.stepCharacters.value).optional(),
  needs: z.array(StepId).max(LIMITS.moleculeSteps.value).optional(),
};
/** Also from an agent: a tool ignores what it does not know (TL-4), but a plan without its `needs` is another plan. */
export const NewStep = z.strictObject(fields, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? `there is no ${issue.keys.join(', ')} in a step; it has ${Object.keys(fields).join(', ')}.`
      : undefined,
});
export type NewStep = z.infer<typeof NewStep>;
export const NewSteps = z.array(NewStep).min(1).max(LIMITS.moleculeSteps.value);
