import type { Ran } from './simulate.ts';
import { START, type Line } from './world/world.ts';

/** A run as a story that a newcomer can read: when, who, what; the rule that broke comes last. */
const clock = (at: number): string => {
  const ms = at - START;
  const hours = Math.floor(ms / 3_600_000);
  const rest = new Date(ms % 3_600_000).toISOString().slice(14, 21);
  return `${hours > 0 ? `${hours}:` : ''}${rest}`.padStart(10);
};

const lineOf = ({ step, at, who, what }: Line): string => `${String(step).padStart(6)}  ${clock(at)}  ${who.padEnd(12)}  ${what}`;

export function storyOf(ran: Ran): string {
  const { plan, violation } = ran;
  const faults = Object.entries(ran.faults).map(([kind, times]) => `${kind} ${times}`);
  return [
    `Seed ${plan.seed}: ${plan.people} people, ${plan.browsers} pages, ${plan.rigs} rigs; ${ran.stormSteps} steps of storm, ${ran.steps} in all,`,
    `${ran.commands} commands to the town, ${(ran.townMs / 3_600_000).toFixed(1)} hours of its time.`,
    `What went wrong on purpose: ${faults.join(', ') || 'nothing'}.`,
    '',
    '  step   min:sec.s  who           what',
    ...ran.story.map(lineOf),
    '',
    violation
      ? `BROKEN ${violation.invariant} at step ${violation.step}: ${violation.message}`
      : 'Every invariant held, and the town came to rest.',
  ].join('\n');
}

/** The run as a test to keep. */
export function testOf({ plan, violation }: Ran): string {
  const title = `seed ${plan.seed}: ${violation?.message.split('\n')[0]?.slice(0, 120) ?? ''} (${violation?.invariant ?? ''})`;
  return `test(${JSON.stringify(title)}, () => {\n  expect(simulate(${JSON.stringify(plan)}).violation).toBeNull();\n});`;
}
