import { failure, ok, refuse, type NewStep, type Result } from '@gastown/protocol';
import type { PlannedStep } from './store.ts';

/** The steps as they are kept: with ids, each once, needing only steps that are there, and none itself by a detour. */
export function planSteps(steps: readonly NewStep[]): Result<PlannedStep[]> {
  const planned = steps.map((step, at) => ({
    id: step.id ?? `step-${at + 1}`,
    title: step.title,
    text: step.text ?? '',
    needs: [...new Set(step.needs ?? [])],
  }));
  const ids = new Set<string>();
  for (const [at, step] of planned.entries()) {
    if (ids.has(step.id)) return wrong(`steps[${at}].id`, `${step.id} is the id of an earlier step; give each step its own.`);
    ids.add(step.id);
  }
  for (const [at, step] of planned.entries()) {
    const unknown = step.needs.find((id) => !ids.has(id));
    if (unknown) return wrong(`steps[${at}].needs`, `there is no step ${unknown}; the steps are ${[...ids].join(', ')}.`);
  }
  const circle = circleIn(planned);
  return circle ? refuse(failure('dependency_cycle', `The steps need each other: ${circle.join(' → ')}.`, { steps: circle })) : ok(planned);
}
const wrong = (field: string, says: string): Result<never> => refuse(failure('invalid_input', `${field}: ${says}`, { field }));

/** Takes away what can be done until nothing more can; who is left then goes round, and the first of them tells how. */
function circleIn(steps: readonly PlannedStep[]): string[] | null {
  const left = new Map(steps.map((step) => [step.id, step.needs]));
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const [id, needs] of left) if (!needs.some((need) => left.has(need))) left.delete(id);
  }
  const way: string[] = [];
  for (let at = left.keys().next().value; at !== undefined; at = left.get(at)?.find((need) => left.has(need))) {
    const seen = way.indexOf(at);
    if (seen >= 0) return [...way.slice(seen), at];
    way.push(at);
  }
  return null;
}
