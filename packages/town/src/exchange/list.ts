import type { ReadyBead } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { readyIds } from '../beads/ready.ts';
import { beadsById } from '../beads/store.ts';

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
