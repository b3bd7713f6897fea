import { explainWait, IN_LINE, type BeadRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { convoysById } from '../convoys/store.ts';
import { findMerge } from '../merges/store.ts';
import { findRun } from '../runs/store.ts';
import { figuresOf } from '../spend/reached.ts';
import { beadRows } from './beads.ts';
import { convoyRows } from './convoys.ts';
import { rigRows, townRow } from './places.ts';
import { runnerRows } from './runners.ts';

/** Why it is not moving, in the sentence that a page shows (I10); null where nothing is to be said. */
export function whyNotMoving(sql: Sql, row: BeadRow): string | null {
  return explainWait(row, {
    town: townRow(sql),
    rig: row.rigId ? rigRows(sql, [row.rigId])[0] : undefined,
    bead: (id) => beadRows(sql, [id])[0],
    limit: (ref) => figuresOf(sql, ref),
    convoy: (id) => convoyRows(sql, convoysById(sql, [id]))[0],
    merge: (id) => findMerge(sql, id) ?? undefined,
    run: (id) => findRun(sql, id) ?? undefined,
    runner: (id) => runnerRows(sql, new Set([id]))[0],
  });
}

/** What keeps a ready bead from beginning, in a sentence; null while it is only in line, and begins by itself in a moment. */
export const keptBy = (sql: Sql, row: BeadRow): string | null => (row.wait && IN_LINE.has(row.wait.code) ? null : whyNotMoving(sql, row));
