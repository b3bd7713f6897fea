import { limitRef, money, SpendLevel, type LimitFigures, type Usage } from '../index.ts';
import type { Rows } from './need.ts';

/** What was spent and what may be, for the `ref` of a wait for money (`rig:rig-1a2b3c4d`). */
export function figuresOf(replica: Rows, ref: string): LimitFigures | undefined {
  const at = ref.indexOf(':');
  const level = SpendLevel.safeParse(ref.slice(0, at)).data;
  const id = ref.slice(at + 1);
  const limits = replica.rows('limits');
  const limit = level && (limits.get(ref) ?? limits.get(limitRef(level, '*')));
  const usage = level && usageOf(replica, level, id);
  return limit && usage && { spentMicros: usage.costMicros, softMicros: limit.softMicros, hardMicros: limit.hardMicros };
}

function usageOf(replica: Rows, level: SpendLevel, id: string): Usage | undefined {
  switch (level) {
    case 'run':
      return replica.rows('runs').get(id)?.usage;
    case 'bead':
      return replica.rows('beads').get(id)?.usage;
    case 'agent':
      return replica.rows('agents').get(id)?.usage;
    case 'rig':
      return replica.rows('rigs').get(id)?.usage;
    case 'town':
      return replica.rows('town').get(id)?.usage;
    case 'convoy':
      return replica.rows('convoys').get(id)?.usage;
  }
}

/** Limits of spend as people are told of them. */
export type Reach = 'hard' | 'soft' | null;
export function reachOf({ spentMicros, softMicros, hardMicros }: LimitFigures): Reach {
  if (hardMicros !== null && spentMicros >= hardMicros) return 'hard';
  return softMicros !== null && spentMicros >= softMicros ? 'soft' : null;
}

/** What a reached limit means, in one sentence. */
export function reachSays(reach: Exclude<Reach, null>, figures: LimitFigures): string {
  const most = reach === 'hard' ? figures.hardMicros : figures.softMicros;
  const told = `${money(figures.spentMicros)} of ${money(most ?? 0)}`;
  return reach === 'hard'
    ? `${told}: its agents are stopped and no model call goes through.`
    : `${told}: what runs goes on, nothing new starts.`;
}
