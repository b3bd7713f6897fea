import type { Sql } from '@gastown/town';
import { filled, type Shape } from './filled.ts';
import type { Case } from './trial.ts';

/** P3: an edge that would close a circle is asked for and refused, so nothing changes and it can be asked again. */
const cycles =
  (name: string, count: number, from: number, to: number, shape: (place: number) => Shape, goalMs: number): Case =>
  (store) => {
    const { town, id } = filled(store, count, shape);
    const wish = { kind: 'bead.add_dependency', beadId: id(from) as never, dependsOn: id(to) as never } as const;
    return [
      {
        name,
        ours() {
          const answer = town.person(wish);
          if (answer.ok || answer.failure.code !== 'dependency_cycle') throw new Error('the circle was not seen');
          return count;
        },
        naive: () => walked(store, id(to), id(from)),
        rowsRead: (found) => 60 * found,
        rowsWritten: 0,
        statements: 12,
        goalMs,
      },
    ];
  };

/** A walk that asks for the edges of one bead after the other. */
function walked(store: Sql, from: string, wanted: string): number {
  const seen = new Set([from]);
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const row of store.all(`SELECT depends_on FROM dependencies WHERE bead_id = ? AND type = 'blocks'`, at)) {
      const next = String(row['depends_on']);
      if (!seen.has(next)) open.push(next);
      seen.add(next);
    }
  }
  if (!seen.has(wanted)) throw new Error('the circle was not seen');
  return seen.size;
}

const later = (place: number, count: number, many: number): number[] =>
  Array.from({ length: many }, (_, step) => place + step + 1).filter((other) => other < count);

export const chain = cycles('cycle-5000-linear', 5_000, 4_999, 0, (place) => ({ after: later(place, 5_000, 1) }), 12);
export const dense = cycles('1,000 beads with 20 edges each', 1_000, 999, 0, (place) => ({ after: later(place, 1_000, 20) }), 12);
