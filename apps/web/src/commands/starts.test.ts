import { PersonCommand, type RowOf, type TableName } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { expect, test } from 'vitest';
import { isLarge, startSize } from './starts.ts';

const RIG = 'rig-1a2b3c4d';
const replica = (tables: Partial<Record<TableName, readonly { id: string }[]>>) => ({
  rows: <T extends TableName>(table: T) => new Map((tables[table] ?? []).map((row) => [row.id, row as unknown as RowOf<T>])),
});
const planned = (many: number, over = {}) =>
  Array.from({ length: many }, (_, at) => aBead({ id: `gt-${String(at).padStart(8, '0')}`, rigId: RIG, hold: 'staged', ...over }));
const start = PersonCommand.parse({ kind: 'bead.start', rigId: RIG });

test('a start of a rig is as large as what is planned there, and no larger (I9)', () => {
  const rigs = [{ id: RIG, name: 'shop', maxPolecats: 3 }];
  const others = [aBead({ id: 'gt-10000000', rigId: RIG }), aBead({ id: 'gt-20000000', rigId: 'rig-2b3c4d5e', hold: 'staged' })];
  const size = startSize(replica({ rigs, beads: [...planned(11), ...others] }), start)!;
  expect(size).toEqual({ many: 11, where: 'shop', slots: 3 });
  expect(isLarge(size)).toBe(true);
  expect(isLarge(startSize(replica({ rigs, beads: planned(10) }), start)!)).toBe(false);
});

test('a start of a convoy is as large as what is open of it (I9)', () => {
  const convoys = [{ id: 'cv-1a2b3c4d', title: 'Checkout', total: 40, closed: 3, failed: 0 }];
  const command = PersonCommand.parse({ kind: 'convoy.start', convoyId: 'cv-1a2b3c4d' });
  expect(startSize(replica({ convoys }), command)).toEqual({ many: 37, where: 'the convoy “Checkout”', slots: 0 });
  const rigs = [{ id: RIG, name: 'shop', maxPolecats: 3 }];
  const own = planned(5, { convoyId: 'cv-1a2b3c4d' });
  const members = [...own, aBead({ id: 'gt-9', rigId: RIG, convoyId: 'cv-1a2b3c4d' })];
  expect(startSize(replica({ convoys, rigs, beads: members }), command)).toMatchObject({ many: 32, slots: 3 });
});

test('a convoy that is made and begins at once is as large as the beads made with it (I9)', () => {
  const rigs = [{ id: RIG, name: 'shop', maxPolecats: 3 }];
  const make = (many: number, staged: boolean) =>
    PersonCommand.parse({
      kind: 'convoy.create',
      title: 'Checkout',
      staged,
      tasks: Array.from({ length: many }, (_, at) => ({ rigId: RIG, title: `Bead ${at}` })),
    });
  const size = startSize(replica({ rigs }), make(25, false))!;
  expect(size).toEqual({ many: 25, where: 'the convoy “Checkout”', slots: 3 });
  expect(isLarge(size)).toBe(true);
  expect(startSize(replica({ rigs }), make(25, true))).toBeNull();
  const of = PersonCommand.parse({ kind: 'convoy.create', title: 'Checkout', staged: false, beadIds: ['gt-00000001'] });
  expect(startSize(replica({ rigs }), of)).toBeNull();
});

test('as many are at work at once as the rigs have slots, and no more than the town has (issue, Build 6)', () => {
  const convoyId = 'cv-1a2b3c4d';
  const convoys = [{ id: convoyId, title: 'Checkout', status: 'open', total: 3, closed: 0, failed: 0 }];
  const other = 'rig-2b3c4d5e';
  const rigs = [RIG, other, 'rig-3c4d5e6f'].map((id) => ({ id, name: id, maxPolecats: 3 }));
  const beads = [
    ...planned(1, { convoyId }),
    aBead({ id: 'gt-9', rigId: other, hold: 'staged', convoyId }),
    aBead({ id: 'gt-8', convoyId }),
  ];
  const command = PersonCommand.parse({ kind: 'bead.start', convoyId });
  const sized = (maxPolecats: number) =>
    startSize(replica({ convoys, rigs, beads, town: [{ id: 't', maxPolecats } as { id: string }] }), command);
  expect(sized(10)).toEqual({ many: 2, where: 'the convoy “Checkout”', slots: 6 });
  expect(sized(4)?.slots).toBe(4);
});

test('a start of one bead is no batch', () => {
  const one = PersonCommand.parse({ kind: 'bead.start', beadId: 'gt-00000001' });
  expect(startSize(replica({ beads: planned(20) }), one)).toBeNull();
});
