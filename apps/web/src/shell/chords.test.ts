import { expect, test } from 'vitest';
import { CATALOGUE } from '../commands/catalogue.ts';
import { chords } from './chords.ts';

/** Presses keys one after the other, each with the modifiers before it (`Shift ?`), and tells which bindings ran. */
function pressed(...presses: string[]): string[] {
  const ran: string[] = [];
  const target = new EventTarget() as Window;
  const bindings = CATALOGUE.flatMap(({ keys, id }) => (keys ? [[keys, () => void ran.push(id)] as const] : []));
  const stop = chords(target, Object.fromEntries(bindings));
  for (const press of presses) {
    const held = press.split(' ');
    const key = held.pop()!;
    const event = Object.assign(new Event('keydown'), {
      key,
      code: `Key${key.toUpperCase()}`,
      getModifierState: (mod: string) => held.includes(mod),
    });
    target.dispatchEvent(event);
  }
  stop();
  return ran;
}

test('a sequence uses its first key up: what comes next is a key of its own (UI-20)', () => {
  expect(pressed('g', 'b', 'c')).toEqual(['go.board', 'bead.create']);
  expect(pressed('g', 'a', 'm', 'g', 'c')).toEqual(['go.attention', 'mayor.tell', 'go.convoys']);
  expect(pressed('c')).toEqual(['bead.create']);
});

test('the list of keys opens with ? however a keyboard makes it', () => {
  expect(pressed('?')).toEqual(['page.keys']);
  expect(pressed('Shift ?')).toEqual(['page.keys']);
});
