import { expect, it } from 'vitest';
import { chordOf } from './keys.ts';

const press = (chord: string) => {
  const parts = chord.split('+');
  return chordOf({
    key: parts.at(-1)!,
    ctrlKey: parts.includes('Ctrl'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
    metaKey: parts.includes('Meta'),
  });
};

it.each([
  ['Shift+Enter', { send: '\x1b[13;2u' }],
  ['Enter', null],
  ['Ctrl+Enter', null],
  ['Alt+Enter', null],
  ['Ctrl+Shift+Enter', 'leave'],
  ['Ctrl+c', null],
  ['Ctrl+Shift+C', 'copy'],
  ['Ctrl+v', 'browser'],
  ['Ctrl+Shift+V', 'browser'],
  ['Shift+Insert', 'browser'],
  ['Meta+c', null],
  ['Escape', null],
  ['Tab', null],
] as const)('%s (WS-11, WS-13)', (chord, means) => expect(press(chord)).toEqual(means));
