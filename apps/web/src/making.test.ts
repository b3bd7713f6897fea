import { expect, test } from 'vitest';
import { BeadId, PersonCommand, RigId } from '@gastown/protocol';
import { fromLocalInput, labelsOf, laterTimes, localInput, makingOf, rigHere, type BeadForm } from './making.ts';

const id = (text: string) => BeadId.parse(text);
const form = (change: Partial<BeadForm> = {}): BeadForm => ({
  rigId: RigId.parse('rig-1a2b3c4d'),
  title: ' Add a flag ',
  body: '',
  priority: 'medium',
  kind: 'task',
  labels: '',
  parentId: null,
  relations: [],
  notBefore: null,
  staged: false,
  timeoutMs: null,
  force: false,
  ...change,
});

test('a new bead goes to the repository of the page or of the board, if that is there, else to the first (issue, Build 6)', () => {
  const rigs = [{ id: 'rig-1a2b3c4d' }, { id: 'rig-2b3c4d5e' }];
  expect(rigHere(rigs, 'rig-2b3c4d5e')).toBe('rig-2b3c4d5e');
  for (const named of [undefined, '', 'rig-00000000']) expect(rigHere(rigs, named)).toBe('rig-1a2b3c4d');
  expect(rigHere([], 'rig-1a2b3c4d')).toBeUndefined();
});

test('a plain bead is one command with nothing that was not asked for', () => {
  const { create, next } = makingOf(form());
  expect(create).toEqual({ kind: 'bead.create', rigId: 'rig-1a2b3c4d', title: 'Add a flag', body: '', priority: 'medium' });
  expect(next(id('gt-1'))).toEqual([]);
});

test('a bead whose edges come after it is staged until they are there, so that nobody starts it too early', () => {
  const { create, next } = makingOf(form({ relations: [{ type: 'waits-for', id: id('gt-9') }] }));
  expect(create.staged).toBe(true);
  expect(next(id('gt-1'))).toEqual([
    { kind: 'bead.add_dependency', beadId: 'gt-1', dependsOn: 'gt-9', type: 'waits-for' },
    { kind: 'bead.start', beadId: 'gt-1' },
  ]);
});

test('what the person staged or dated stays so: it is not started behind them', () => {
  const relations = [{ type: 'related', id: id('gt-9') }];
  expect(makingOf(form({ relations, staged: true })).next(id('gt-1'))).toHaveLength(1);
  const dated = makingOf(form({ relations, notBefore: 5_000 }));
  expect(dated.create).toMatchObject({ deferUntil: 5_000 });
  expect(dated.create.staged).toBeUndefined();
  expect(dated.next(id('gt-1'))).toHaveLength(1);
});

test('every command that the form makes is one the town takes', () => {
  const { create, next } = makingOf(
    form({
      kind: 'bug',
      labels: 'api, docs, api',
      parentId: id('gt-7'),
      timeoutMs: 60_000,
      relations: [
        { type: 'blocks', id: id('gt-8') },
        { type: 'related', id: id('gt-9') },
      ],
    }),
  );
  for (const command of [create, ...next(id('gt-1'))]) expect(PersonCommand.safeParse(command).error).toBeUndefined();
  expect(create).toMatchObject({ workKind: 'bug', labels: ['api', 'docs'], dependsOn: ['gt-8'], parentId: 'gt-7', timeoutMs: 60_000 });
});

test('labels are words between commas, each once', () => expect(labelsOf(' a, b ,,a')).toEqual(['a', 'b']));

test('a date in the field comes back as the same minute', () => {
  const at = new Date(2026, 10, 22, 9, 30).getTime();
  expect(fromLocalInput(localInput(at))).toBe(at);
  expect(fromLocalInput('')).toBeNull();
});

test('next Monday is never today', () => {
  const monday = new Date(2026, 10, 23, 8, 0).getTime();
  expect(new Date(laterTimes(monday)[1]!.at).getDate()).toBe(30);
});
