import { readyIds } from '@gastown/town/testing';
import { filled, type Filled } from '../filled.ts';
import { say } from '../saying.ts';
import type { Case, Trial } from '../trial.ts';

/** Changes of a store of the shapes that beads measures itself with, each a command as a person says it. */
const BOUNDS: Pick<Trial, 'rowsRead' | 'rowsWritten' | 'statements'> = { rowsRead: () => 280, rowsWritten: 20, statements: 40 };
const one = ({ id }: Filled, count: number, index: number) => id((index * 7 + 3) % count) as never;
const inTenThousand =
  (name: string, ours: (filled: Filled, index: number) => number, more: Partial<Trial> = {}): Case =>
  (store) => {
    const town = filled(store, 10_000, () => ({}));
    const naive = (index: number) => store.run('UPDATE beads SET updated_at = ? WHERE id = ?', index, town.id(index % 10_000));
    return [{ name, ...BOUNDS, ours: (index) => ours(town, index), naive, ...more }];
  };

export const createOne = inTenThousand('create-in-10k', ({ town, rigId }, index) =>
  say(town, { kind: 'bead.create', rigId, title: `New ${index}` }),
);
export const updateOne = inTenThousand('update-in-10k', (filled, index) =>
  say(filled.town, { kind: 'bead.set_status', beadId: one(filled, 10_000, index), status: 'closed' }),
);
export const closeHundred = inTenThousand(
  'bulk-close-100',
  (filled, index) => say(filled.town, { kind: 'bead.set_status', beadId: one(filled, 10_000, index), status: 'closed' }),
  { calls: 100 },
);
const LONG = 'x'.repeat(99_999);
export const longText = inTenThousand('description-100kb', ({ town, rigId }, index) =>
  say(town, { kind: 'bead.create', rigId, title: `Long ${index}`, body: LONG }),
);
export const createAndUpdate = inTenThousand(
  'sync-merge-20',
  (filled, index) =>
    index % 2 === 0
      ? say(filled.town, { kind: 'bead.create', rigId: filled.rigId, title: `New ${index}` })
      : say(filled.town, { kind: 'bead.update', beadId: one(filled, 10_000, index), title: `Changed ${index}` }),
  { calls: 20 },
);

/** Ten layers of two, each of a layer after both of the next: the ways double at each layer. One more bead comes to wait for the top, and does not any more. */
export const diamonds: Case = (store) => {
  const { town, id } = filled(store, 21, (place) => {
    const next = (Math.floor(place / 2) + 1) * 2;
    return { after: place < 20 ? [next, next + 1].filter((other) => other < 20) : [] };
  });
  const edge = { beadId: id(20) as never, dependsOn: id(0) as never };
  const ours = () => say(town, { kind: 'bead.add_dependency', ...edge }) && say(town, { kind: 'bead.remove_dependency', ...edge });
  return [{ name: 'cycle-check-diamonds', ...BOUNDS, rowsWritten: 40, statements: 80, ours }];
};

/** Groups of seven: a leaf; one with a dependant; one with three. */
export const closeWithDependents: Case = (store) => {
  const { town, id } = filled(store, 4_483, (place) => ({
    after: { 2: [place - 1], 4: [place - 1], 5: [place - 2], 6: [place - 3] }[place % 7] ?? [],
  }));
  return [0, 1, 3].map((dependants) => ({
    name: `close-with-dependents: ${dependants}`,
    ...BOUNDS,
    ours: (index: number) => say(town, { kind: 'bead.set_status', beadId: id(7 * index + dependants) as never, status: 'closed' }),
  }));
};

const CHAINS = 2_000;
const DEPTH = 100;
/** 100,000 beads, 85,000 edges, behind each new edge a chain of a hundred: 80 operations, a third each: ready, a new edge, a change. */
export const production: Case = (store) => {
  const { town, id } = filled(store, 100_000, (place) => {
    if (place < CHAINS) return { after: place % DEPTH === DEPTH - 1 ? [] : [place + 1] };
    return { after: place >= 16_980 ? [place - 14_980] : [] };
  });
  const operations = [
    () => readyIds(store, 'newest', 50).length,
    (index: number) =>
      say(town, { kind: 'bead.add_dependency', beadId: id(3_000 + index) as never, dependsOn: id((index % 20) * DEPTH) as never }),
    (index: number) => say(town, { kind: 'bead.update', beadId: id(60_000 + index) as never, title: `Changed ${index}` }),
  ];
  return [
    {
      name: 'production-shape',
      calls: 80,
      ...BOUNDS,
      rowsRead: () => 5 * DEPTH,
      ours: (index) => operations[index % 3]!(index),
      goalMs: 30_000,
    },
  ];
};
