import { limitRef, SpendLevel, type LimitFigures, type RowOf, type TableName, type Usage } from '@gastown/protocol';

type Rows = { rows<T extends TableName>(table: T): ReadonlyMap<string | number, RowOf<T>> };

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
