import { explainHold, type AgentRow, type HoldCode, type LimitFigures, type TownRow } from '@gastown/protocol';
import { reachOf, reachSays } from '../spending.ts';

type Figures = (ref: string) => LimitFigures | undefined;

/**
 * Why a message reaches its agent not for now, in the words that a bead has for the same; null: nothing but its turn is in its way. In a paused town the
 * Mayor answers and what is at work goes on.
 */
export function heldWords(agent: AgentRow, town: TownRow | undefined, limit: Figures): string | null {
  if (!town) return null;
  const hold = townHolds(agent, town, limit);
  if (hold) return explainHold(...hold, { rig: undefined, limit });
  const own = limit(`agent:${agent.id}`);
  if (own && reachOf(own) === 'hard') return `The hard limit of ${agent.name} is reached: ${reachSays('hard', own)}`;
  if (agent.runId !== null) return null;
  if (agent.paused) return `${agent.name} is paused.`;
  return agent.role === 'mayor' ? null : `${agent.name} is not at work, and reads this when it works again.`;
}

type Hold = [HoldCode, { ref: string | null; until: number | null }];
/** The gates that the town has for the Mayor, in their order; and for others. */
function townHolds(agent: AgentRow, town: TownRow, limit: Figures): Hold | null {
  const ref = `town:${town.id}`;
  const spent = limit(ref);
  if (town.stopped) return ['town_stopped', { ref: null, until: null }];
  if (town.model === null && !town.scripted) return ['no_model', { ref: null, until: null }];
  if (town.modelHeld) return ['model_held', { ref: town.modelHeld.failure.code, until: town.modelHeld.until }];
  if (spent && reachOf(spent) === 'hard') return ['budget_spent', { ref, until: null }];
  const startsNothing = town.paused && agent.role !== 'mayor' && agent.runId === null;
  return startsNothing ? ['town_paused', { ref: null, until: null }] : null;
}
