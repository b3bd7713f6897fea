import type { RigId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { wholeBeadsAfter } from '../beads/bulk.ts';
import { edgesOf } from '../beads/dependencies.ts';
import { lineOf } from './differ.ts';
import { passengersOf } from './store.ts';

export interface ExportWish {
  readonly rigId: RigId | null;
  /** The town's own records too. */
  readonly all: boolean;
  /** The id after which it goes on; empty: from the start. */
  readonly after: string;
}
export interface ExportPage {
  readonly text: string;
  /** Null: this was the last. */
  readonly next: string | null;
}

/** So that a page of long lines still fits into memory. */
const BEADS = 200;
const CHARACTERS = 2_000_000;

/** Beads as lines, in the order of their ids. A page costs what it returns. */
export function exportPage(sql: Sql, { rigId, all, after }: ExportWish, now: number): ExportPage {
  const beads = wholeBeadsAfter(sql, after, rigId, BEADS);
  const edges = Map.groupBy(
    edgesOf(
      sql,
      beads.map(({ id }) => id),
    ),
    ({ beadId }) => beadId,
  );
  let text = '';
  let last = after;
  for (const bead of beads) {
    last = bead.id;
    if (bead.type !== 'issue' && !all) continue;
    text += `${lineOf(bead, edges.get(bead.id) ?? [], passengersOf(sql, [bead.id]).get(bead.id) ?? null, now)}\n`;
    if (text.length > CHARACTERS) return { text, next: last };
  }
  return { text, next: beads.length < BEADS ? null : last };
}
