import type { RowOf, TableName } from '@gastown/protocol';
import { needsOf, type Need } from '@gastown/protocol/needs';
import type { World } from './world.ts';

/** What of the town waits for a person, as its page lists it. */
export function needsIn({ replica }: Pick<World, 'replica'>): Need[] {
  return needsOf({
    rows: <T extends TableName>(table: T): ReadonlyMap<string | number, RowOf<T>> =>
      new Map(replica.all(table).map((row) => [row.id, row])),
  });
}

/** That the provider wants no calls, until a person has put it right. */
export const modelNeed = (world: Pick<World, 'replica'>): Need | null =>
  needsIn(world).find(({ escalation }) => escalation?.topic === 'model') ?? null;
