import { BeadId } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { RelationFields } from '../shell/RelationFields.tsx';
import { AddBead } from './AddBead.tsx';
import { PickedBeads } from './PickedBeads.tsx';

function shown(children: ReactNode): string {
  const connection = new TownConnection('t');
  const beads = [aBead({ id: 'gt-00000001', title: 'Lay the track' }), aBead({ id: 'gt-00000002', title: 'Paint it' })];
  connection.replica.apply({ t: 'snapshot', rev: 1, epoch: 'e', put: { beads }, leftOut: { closed: false, archived: false } });
  return renderToStaticMarkup(<TownContext value={connection}>{children}</TownContext>);
}
const buttonsOf = (html: string): string[] => [...html.matchAll(/<button[^>]*>[^<]*/g)].map(([button]) => button);
const addOf = (html: string): string | undefined => buttonsOf(html).find((button) => button.endsWith('>Add'));

test('a bead is added by a button that sends no form, and not before one is chosen', () => {
  const html = shown(<AddBead without={[]} onAdd={() => {}} before={<span>This bead is</span>} />);
  expect(html).toMatch(/This bead is.*<label[^>]*>Bead<\/label>.*>Add</s);
  expect(html).not.toContain('<form');
  expect(addOf(html)).toContain('type="button"');
  expect(addOf(html)).toContain('disabled');
});

test('while the town has not answered the field and the button take nothing', () => {
  const html = shown(<AddBead without={[]} onAdd={() => {}} pending />);
  expect(html).toMatch(/<input[^>]*disabled/);
  expect(html).toContain('aria-busy="true"');
});

test('what a form has taken in is listed by title, with a way to leave it out; what is not loaded, by its id', () => {
  const beads = [{ id: 'gt-00000001', words: 'after' }, { id: 'gt-00000009' }];
  const html = shown(<PickedBeads label="Dependencies of the bead" beads={beads} onLeaveOut={() => {}} />);
  expect(html.match(/<li/g)).toHaveLength(2);
  expect(html).toMatch(/aria-label="Dependencies of the bead".*after.*Lay the track.*aria-label="Leave out gt-00000001".*>gt-00000009</s);
  expect(shown(<PickedBeads label="x" beads={[]} onLeaveOut={() => {}} />)).toBe('');
});

test('the dependencies of a new bead are the same parts, with the kind of each edge in words', () => {
  const html = shown(<RelationFields relations={[{ type: 'waits-for', id: BeadId.parse('gt-00000002') }]} onChange={() => {}} />);
  expect(html).toMatch(/after the parts of<\/span>.*Paint it.*aria-label="Leave out gt-00000002"/s);
  expect(addOf(html)).toContain('type="button"');
});
