import type { BeadId, PersonCommand } from '@gastown/protocol';
import { BEGAN, filled, type Filled, type Shape } from './filled.ts';
import { say } from './saying.ts';
import type { Case, Trial } from './trial.ts';

/** Whatever a person says to a town of ten thousand beads costs what it changes, not what exists (P6). */
const BEADS = 10_000;
const BOUNDS: Pick<Trial, 'rowsRead' | 'rowsWritten' | 'statements'> = { rowsRead: () => 300, rowsWritten: 40, statements: 45 };

/** In tens: one waits for another, one is a part of another, one waits for the parts, two are closed, one is put off. */
const mixed = (place: number): Shape => {
  const at = place % 10;
  if (at === 0) return { after: [place + 1] };
  if (at === 2) return { parent: place + 1 };
  if (at === 7 || at === 8) return { status: 'closed' };
  return at === 9 ? { deferUntil: BEGAN * 2 } : {};
};
/** The `at`th of the ten in a different ten each time. */
const pick = ({ id }: Filled, index: number, at: number): BeadId => id(((index * 7) % (BEADS / 10)) * 10 + at) as BeadId;

const SAID: Readonly<Record<string, (filled: Filled, index: number) => PersonCommand>> = {
  'a bead after another': (filled, index) => ({
    kind: 'bead.create',
    rigId: filled.rigId,
    title: `Wish ${index}`,
    dependsOn: [pick(filled, index, 1)],
  }),
  'a part of a bead': (filled, index) => ({
    kind: 'bead.create',
    rigId: filled.rigId,
    title: `Part ${index}`,
    parentId: pick(filled, index, 3),
  }),
  'a staged bead': (filled, index) => ({ kind: 'bead.create', rigId: filled.rigId, title: `Later ${index}`, staged: true }),
  'an edge': (filled, index) => ({ kind: 'bead.add_dependency', beadId: pick(filled, index, 4), dependsOn: pick(filled, index, 5) }),
  'an edge to the parts': (filled, index) => ({
    kind: 'bead.add_dependency',
    beadId: pick(filled, index, 6),
    dependsOn: pick(filled, index, 3),
    type: 'waits-for',
  }),
  'an edge less': (filled, index) => ({
    kind: 'bead.remove_dependency',
    beadId: pick(filled, index, 0),
    dependsOn: pick(filled, index, 1),
  }),
  'a part is closed': (filled, index) => ({ kind: 'bead.set_status', beadId: pick(filled, index, 2), status: 'closed' }),
  'a blocker fails': (filled, index) => ({ kind: 'bead.set_status', beadId: pick(filled, index, 5), status: 'failed' }),
  'a retry': (filled, index) => ({ kind: 'bead.retry', beadId: pick(filled, index, 5) }),
  'a parent is put off': (filled, index) => ({ kind: 'bead.defer', beadId: pick(filled, index, 3), until: BEGAN * 2 }),
  'and starts after all': (filled, index) => ({ kind: 'bead.start', beadId: pick(filled, index, 3) }),
  'a pin': (filled, index) => ({ kind: 'bead.pin', beadId: pick(filled, index, 1) }),
  'out of sight': (filled, index) => ({ kind: 'bead.archive', beadIds: [pick(filled, index, 7)] }),
  'a word to the Mayor': () => ({ kind: 'mayor.tell', text: 'hello' }),
};
export const everyday: Case = (store) => {
  const town = filled(store, BEADS, mixed);
  return Object.entries(SAID).map(([name, command]) => ({
    name,
    ...BOUNDS,
    ours: (index: number) => say(town.town, command(town, index)),
  }));
};
