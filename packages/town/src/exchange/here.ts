import { wholeBeads, type WholeBead } from '../beads/bulk.ts';
import { edgesOf, type Edge } from '../beads/dependencies.ts';
import type { Tx } from '../tx.ts';
import { inPages } from './edges.ts';
import type { BeadLine } from './read.ts';
import { passengersOf, type Passenger } from './store.ts';

/** What the town has already of the beads of a file. */
export interface Here {
  readonly beads: ReadonlyMap<string, WholeBead>;
  readonly passengers: ReadonlyMap<string, Passenger>;
  readonly edges: ReadonlyMap<string, Edge[]>;
}
export function whatIsHere(tx: Tx, lines: readonly BeadLine[]): Here {
  const beads = inPages(
    lines.map(({ id }) => id),
    (ids) => wholeBeads(tx.sql, ids),
  );
  const ids = beads.map(({ id }) => id as string);
  return {
    beads: new Map(beads.map((bead) => [bead.id as string, bead])),
    passengers: new Map(inPages(ids, (page) => [...passengersOf(tx.sql, page)])),
    edges: Map.groupBy(
      inPages(ids, (page) => edgesOf(tx.sql, page)),
      ({ beadId }) => beadId as string,
    ),
  };
}
