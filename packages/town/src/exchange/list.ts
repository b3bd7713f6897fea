import { explainWait, type BeadAnswer, type ReadyBead, type RigId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { readyIds } from '../beads/ready.ts';
import { beadsById } from '../beads/store.ts';
import { liveRigs } from '../rigs/store.ts';
import { beadRows } from '../sync/beads.ts';
import { rigRows, townRow } from '../sync/places.ts';
import { runnerRows } from '../sync/runners.ts';

/** The list `ready`, in its order. */
export function readyBeads(sql: Sql, order: 'newest' | 'oldest', limit: number): ReadyBead[] {
  const ids = readyIds(sql, order, limit);
  const beads = new Map(beadsById(sql, ids).map((bead) => [bead.id as string, bead]));
  return ids.flatMap((id) => {
    const bead = beads.get(id);
    if (!bead) return [];
    const { title, rigId, priority, kind, labels, createdAt } = bead;
    return [{ id: bead.id, title, rigId, priority, kind, labels, createdAt }];
  });
}

/** One bead that is work, as a page shows it. */
export function beadAnswer(sql: Sql, id: string): BeadAnswer | null {
  const find = (other: string) => beadRows(sql, [other])[0];
  const bead = find(id);
  if (!bead) return null;
  const rig = bead.rigId === null ? undefined : rigRows(sql, [bead.rigId])[0];
  return { bead, why: explainWait(bead, { rig, town: townRow(sql), bead: find, runner: (other) => runnerRows(sql, new Set([other]))[0] }) };
}

export const rigNames = (sql: Sql): string[] => liveRigs(sql).map(({ name }) => name);

/** A rig by its id or its name. */
export const rigNamed = (sql: Sql, named: string): RigId | null =>
  liveRigs(sql).find((rig) => rig.id === named || rig.name.toLowerCase() === named.toLowerCase())?.id ?? null;
