import type { BeadAnswer, BeadRow, BeadsPage, BeadsQuery, ReadyAnswer, RigId } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { countOpen, countReady, plannedByRig, readyIds } from '../beads/ready.ts';
import { searchBeads } from '../beads/search.ts';
import { mergesOfBeads } from '../merges/store.ts';
import { liveRigs } from '../rigs/store.ts';
import { beadRows } from '../sync/beads.ts';
import { aboutBeads, anyBeadRows, textlessRows } from '../sync/records.ts';
import { originOf } from './origin.ts';
import { keptBy, whyNotMoving } from '../sync/why.ts';

/** The list `ready`, in its order, with how many there are; with none, what a person could start. */
export function readyBeads(sql: Sql, order: 'newest' | 'oldest', limit: number): ReadyAnswer {
  const beads = listed(sql, order, limit);
  return beads.length === 0
    ? { beads, total: 0, nothing: { planned: planned(sql), open: countOpen(sql) } }
    : { beads, total: beads.length < limit ? beads.length : countReady(sql), nothing: null };
}
function planned(sql: Sql): { rig: string; beads: number }[] {
  const names = new Map<string, string>(liveRigs(sql).map(({ id, name }) => [id, name]));
  return [...plannedByRig(sql)].flatMap(([id, beads]) => (names.has(id) ? [{ rig: names.get(id)!, beads }] : []));
}
function listed(sql: Sql, order: 'newest' | 'oldest', limit: number): ReadyAnswer['beads'] {
  const ids = readyIds(sql, order, limit);
  const rows = new Map<string, BeadRow>(beadRows(sql, ids).map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = rows.get(id);
    if (!row) return [];
    const { title, rigId, priority, kind, labels, createdAt } = row;
    return [{ id: row.id, title, rigId, priority, kind, labels, createdAt, kept: keptBy(sql, row) }];
  });
}

/** A page of all beads. A list shows no texts. */
export function beadsPage(sql: Sql, query: BeadsQuery): BeadsPage {
  const { ids, total, next } = searchBeads(sql, query);
  return { beads: textlessRows(sql, ids), total, next };
}

/** One bead of any type (DM-1), work as a page shows it. */
export function beadAnswer(sql: Sql, id: string): BeadAnswer | null {
  const bead = anyBeadRows(sql, [id])[0];
  if (!bead) return null;
  const merge = mergesOfBeads(sql, [bead.id]).at(-1);
  return {
    bead,
    why: whyNotMoving(sql, bead),
    about: aboutBeads(sql, [bead]).get(bead.id) ?? null,
    origin: originOf(sql, bead.id),
    agent: (bead.assigneeId && findAgent(sql, bead.assigneeId)?.name) ?? null,
    merge: merge ? { id: merge.id, phase: merge.phase, targetBranch: merge.targetBranch } : null,
  };
}

export const rigNames = (sql: Sql): string[] => liveRigs(sql).map(({ name }) => name);

/** A rig by its id or its name. */
export const rigNamed = (sql: Sql, named: string): RigId | null =>
  liveRigs(sql).find((rig) => rig.id === named || rig.name.toLowerCase() === named.toLowerCase())?.id ?? null;
