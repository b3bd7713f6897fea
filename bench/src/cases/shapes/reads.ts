import { beadRows, dispatchableBeads, readyIds } from '@gastown/town/testing';
import type { BeadRow } from '@gastown/protocol';
import { filled, type Shape } from '../filled.ts';
import { naively } from '../ready.ts';
import type { Case, Trial } from '../trial.ts';

/** Questions to a store of the shapes that beads measures itself with. What only a page asks, its replica answers: rows it has already, no statement. */
const COSTS_WHAT_IT_GIVES: Pick<Trial, 'rowsRead' | 'rowsWritten' | 'statements'> = {
  rowsRead: (found) => 2 * found + 50,
  rowsWritten: 0,
  statements: 3,
};
const ASKS_NOTHING = { rowsRead: () => 0, rowsWritten: 0, statements: 0 };
const TOMORROW = 2_000_000_000_000;

const page =
  (name: string, count: number, shape: (place: number) => Shape, expects: number, wanted: (row: BeadRow) => boolean, naive: string): Case =>
  (store) => {
    const rows = filled(store, count, shape).town.rows().beads;
    return [{ name, expects, ...ASKS_NOTHING, ours: () => rows.filter(wanted).length, naive: () => store.all(naive).length }];
  };
const first =
  (name: string, count: number, shape: (place: number) => Shape, limit: number, expects: number): Case =>
  (store) => {
    filled(store, count, shape);
    return [
      {
        name,
        expects,
        ...COSTS_WHAT_IT_GIVES,
        ours: () => readyIds(store, 'newest', limit).length,
        naive: () => naively(store, 'newest', limit),
      },
    ];
  };

const labels = (place: number): string[] => [`bucket-${place % 500}`, ...(place % 40 === 0 ? ['perf-hot'] : [])];
export const searchTypedLabel = page(
  'search-typed-label-5k',
  5_000,
  (place) => ({ rank: place % 4, kind: place % 40 === 0 ? 'task' : place % 3 === 0 ? 'feature' : 'bug', labels: labels(place) }),
  125,
  (row) => row.kind === 'task' && row.labels.includes('perf-hot'),
  `SELECT * FROM beads WHERE kind = 'task' AND EXISTS (SELECT 1 FROM json_each(labels) WHERE value = 'perf-hot')`,
);
export const searchAll = page(
  'search-10k',
  10_000,
  () => ({}),
  10_000,
  (row) => row.status === 'open',
  `SELECT * FROM beads WHERE type = 'issue' AND status = 'open'`,
);

/** 2,500 closed pairs and ten open ones. */
const skewed = (place: number): Shape => {
  const open = place >= 5_000;
  return { status: open ? 'open' : 'closed', after: place % 2 === 0 ? [place + 1] : [] };
};
export const blockedSkew = page(
  'blocked-closed-skew',
  5_020,
  skewed,
  10,
  (row) => row.wait?.code === 'blocked_by_open',
  `SELECT b.* FROM beads b WHERE b.status <> 'closed' AND EXISTS (SELECT 1 FROM dependencies d JOIN beads t ON t.id = d.depends_on WHERE d.bead_id = b.id AND d.type = 'blocks' AND t.status <> 'closed')`,
);

export const partialId: Case = (store) => {
  const { town } = filled(store, 5_000, () => ({}));
  const wish = { kind: 'bead.update', beadId: 'gt-ffffffff' as never, title: 'x' } as const;
  const refused = () => {
    const answer = town.person(wish);
    return answer.ok || answer.failure.code !== 'unknown_bead' ? 1 : 0;
  };
  const naive = () => store.all(`SELECT id FROM beads WHERE id LIKE '%ffffffff%'`).length;
  return [{ name: 'partial-id-invalid-5k', expects: 0, rowsRead: () => 20, rowsWritten: 0, statements: 5, ours: refused, naive }];
};

/** A hundred ready ones, 2,500 pairs of a blocker and who waits for it. */
export const readyLargeBlocked = first(
  'ready-limited-large-blocked',
  5_100,
  (place) => (place < 100 ? { rank: 0 } : { rank: 1, after: place % 2 === 0 ? [place + 1] : [] }),
  50,
  50,
);
export const readyDeferredParents = first(
  'ready-deferred-parents',
  5_150,
  (place) => (place < 100 ? { rank: 1 } : place < 5_100 ? { rank: 0, deferUntil: TOMORROW } : { rank: 0, parent: 100 + place - 5_100 }),
  50,
  50,
);
export const readyTenThousand = first('ready-10k', 10_000, (place) => (place % 50 === 0 ? {} : { status: 'closed' }), 10_000, 200);

export const getAmongWisps: Case = (store) => {
  const { id } = filled(store, 5_001, (place) => ({ ephemeral: place > 0 }));
  const naive = () => store.all('SELECT * FROM beads WHERE id = ?', id(0)).length;
  return [
    {
      name: 'get-with-many-wisps',
      expects: 1,
      rowsRead: () => 50,
      rowsWritten: 0,
      statements: 16,
      ours: () => beadRows(store, [id(0)]).length,
      naive,
    },
  ];
};
/** Nobody is named before a bead starts here, so this is the front of the line of a rig, short-lived work included. */
export const readyWisps: Case = (store) => {
  const { rigId } = filled(store, 8_000, (place) => ({ ephemeral: true, rank: place % 4 }));
  const naive = () => store.all(`SELECT id FROM beads WHERE type = 'issue' AND status = 'open' ORDER BY rank, created_at LIMIT 20`).length;
  return [{ name: 'ready-wisp-heavy', expects: 20, ...COSTS_WHAT_IT_GIVES, ours: () => dispatchableBeads(store, rigId, 20).length, naive }];
};
