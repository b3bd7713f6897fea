import type { FaultKind } from '../world/faults.ts';
import type { World } from '../world/world.ts';

/** What an agent is like. Decided when its run begins; most are honest. */
const BAD = [
  'agent.slow',
  'agent.silent',
  'agent.crashes',
  'agent.lies_about_done',
  'agent.repeats_itself',
  'agent.late',
  'agent.wrong_tools',
  'agent.never_done',
  'agent.big_spender',
  'agent.breaks_the_build',
] as const satisfies readonly FaultKind[];
export type Nature = (typeof BAD)[number] | 'honest';

export const natureOf = (world: World): Nature => BAD.find((kind) => world.strikes(kind)) ?? 'honest';
