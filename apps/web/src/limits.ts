import { limitRef, SpendLevel, type LimitFigures, type Usage } from '@gastown/protocol';
import type { Replica } from './replica/store.ts';

/** What was spent and what may be, for the `ref` of a wait for money (`rig:rig-1a2b3c4d`). */
export function figuresOf(replica: Replica, ref: string): LimitFigures | undefined {
  const at = ref.indexOf(':');
  const level = SpendLevel.safeParse(ref.slice(0, at)).data;
  const id = ref.slice(at + 1);
  const limit = level && (replica.row('limits', ref) ?? replica.row('limits', limitRef(level, '*')));
  const usage = level && usageOf(replica, level, id);
  return limit && usage && { spentMicros: usage.costMicros, softMicros: limit.softMicros, hardMicros: limit.hardMicros };
}

function usageOf(replica: Replica, level: SpendLevel, id: string): Usage | undefined {
  switch (level) {
    case 'run':
      return replica.row('runs', id)?.usage;
    case 'bead':
      return replica.row('beads', id)?.usage;
    case 'agent':
      return replica.row('agents', id)?.usage;
    case 'rig':
      return replica.row('rigs', id)?.usage;
    case 'town':
      return replica.row('town', id)?.usage;
    // A convoy's page shows its figures.
    case 'convoy':
      return undefined;
  }
}
