import { expect, test } from 'vitest';
import { relationsOf } from './relations.ts';
import { aBead } from '@gastown/protocol/testing';

const epic = aBead({ id: 'gt-epic', kind: 'epic' });
const part = aBead({
  id: 'gt-part',
  dependsOn: [
    { id: 'gt-epic', type: 'parent-child' },
    { id: 'gt-first', type: 'blocks' },
    { id: 'external:crm-7', type: 'blocks' },
    { id: 'gt-old', type: 'discovered-from' },
    { id: 'cv-1', type: 'tracks' },
  ],
});
const first = aBead({ id: 'gt-first' });
const all = [epic, part, first];

test('a bead tells its parent, what goes first and its notes, each by its type (UI-6)', () => {
  expect(relationsOf(part, all).map(({ id, side, words }) => [id, side, words])).toEqual([
    ['gt-epic', 'parent', 'part of'],
    ['gt-first', 'before', 'after'],
    ['external:crm-7', 'before', 'after'],
    ['gt-old', 'note', 'found while at'],
  ]);
});

test('the other end of an edge is shown too, and cannot be removed from there (UI-6)', () => {
  expect(relationsOf(epic, all)).toEqual([{ id: 'gt-part', type: 'parent-child', side: 'part', own: false, words: 'part' }]);
  expect(relationsOf(first, all)).toMatchObject([{ id: 'gt-part', side: 'after', own: false }]);
});
