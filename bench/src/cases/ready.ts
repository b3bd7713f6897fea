import { readyIds } from '@gastown/town/testing';
import type { Sql } from '@gastown/town';
import { filled, type Shape } from './filled.ts';
import type { Case, Trial } from './trial.ts';

/** P1: three of ten beads wait for another one; the last of ten is closed. */
const mixed = (place: number): Shape => (place % 10 === 9 ? { status: 'closed' } : place % 10 < 3 ? { after: [place + 3] } : {});

export const ready =
  (count: number): Case =>
  (store) => {
    filled(store, count, mixed);
    const asked = (name: string, order: 'newest' | 'oldest', limit: number): Trial => ({
      name: `${count} beads, ${name}`,
      ours: () => readyIds(store, order, limit).length,
      naive: () => naively(store, order, limit),
      rowsRead: (found) => found + 50,
      statements: 1,
      goalMs: count / 2_000,
    });
    return [asked('first 50', 'newest', 50), asked('first 50, oldest first', 'oldest', 50), asked('all', 'newest', count)];
  };

/** The same question to the same rows without anything kept on write. */
export const naively = (store: Sql, order: 'newest' | 'oldest', limit: number): number =>
  store.all(
    `SELECT b.id FROM beads b WHERE b.type = 'issue' AND b.status = 'open' AND b.hold IS NULL AND b.ephemeral = 0 AND b.archived_at IS NULL
       AND (b.defer_until IS NULL OR b.defer_until <= 0)
       AND NOT EXISTS (SELECT 1 FROM dependencies d JOIN beads t ON t.id = d.depends_on WHERE d.bead_id = b.id AND d.type = 'blocks' AND t.status <> 'closed')
       AND NOT EXISTS (SELECT 1 FROM dependencies d JOIN beads p ON p.id = d.depends_on WHERE d.bead_id = b.id AND d.type = 'parent-child' AND p.defer_until IS NOT NULL)
     ORDER BY ${order === 'newest' ? 'b.rank, b.created_at DESC, b.id' : 'b.created_at, b.id'} LIMIT ?`,
    limit,
  ).length;
