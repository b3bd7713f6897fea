import { COMMAND_KINDS } from './people/wishes.ts';
import type { Plan } from './plan.ts';
import { simulate, type Ran } from './simulate.ts';
import { FAULT_KINDS } from './world/faults.ts';

/**
 * Makes a failing run small: fewer steps, people, pages and rigs, fewer kinds of faults and commands, and at last single faults left out, as long as the same rule
 * is still broken. What is left is what it takes.
 */
export interface Shrunk {
  readonly ran: Ran;
  readonly tries: number;
}
type Attempt = (plan: Plan) => boolean;

export function shrink(first: Ran, mostTries = 600): Shrunk {
  let best = first;
  let tries = 0;
  const attempt: Attempt = (plan) => {
    if (tries >= mostTries) return false;
    tries += 1;
    const ran = simulate(plan);
    if (ran.violation?.invariant !== first.violation?.invariant) return false;
    best = ran;
    return true;
  };
  const plan = (): Plan => best.plan;
  cutTheTail(best, attempt);
  for (const smaller of [{ browsers: 0 }, { browsers: 1 }, { people: 1 }, { rigs: 1 }]) attempt({ ...plan(), ...smaller });
  attempt({ ...plan(), only: [] });
  attempt({ ...plan(), only: FAULT_KINDS.filter((kind) => best.faults[kind]) });
  for (const kind of plan().only ?? []) attempt({ ...plan(), only: (plan().only ?? []).filter((other) => other !== kind) });
  for (const kind of COMMAND_KINDS)
    if (best.accepted.has(kind)) attempt({ ...plan(), withoutCommands: [...(plan().withoutCommands ?? []), kind] });
  spareFaults(() => best, attempt);
  cutTheTail(best, attempt);
  return { ran: best, tries };
}

/** The storm ends where the rule broke; when it broke only in the calm, as early as it still does. */
function cutTheTail(from: Ran, attempt: Attempt): void {
  const { plan, violation } = from;
  let high = Math.min(plan.steps, violation?.step ?? plan.steps);
  const { commands: _commands, ...counted } = plan;
  if (!attempt({ ...counted, steps: high })) return;
  let low = 0;
  while (high - low > 4) {
    const middle = (low + high) >> 1;
    if (attempt({ ...counted, steps: middle })) high = middle;
    else low = middle;
  }
}

/** Single occurrences, in ever smaller groups. */
function spareFaults(best: () => Ran, attempt: Attempt): void {
  attempt({ ...best().plan, strikes: [...best().occurred] });
  for (let size = Math.ceil(best().occurred.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best().occurred.length; at += size) {
      const { plan, occurred } = best();
      if (attempt({ ...plan, strikes: occurred.toSpliced(at, size) })) at -= size;
    }
  }
}
