import { expect, test } from 'vitest';
import { PersonCommand } from '@gastown/protocol';
import { noteIn, tellsDone } from './done.ts';

test('what was so already is told as that; a retry says what it looked for', () => {
  const retry = PersonCommand.parse({ kind: 'bead.retry', beadId: 'gt-1a2b3c4d' });
  const pause = PersonCommand.parse({ kind: 'town.pause' });
  expect(tellsDone(retry, { beadId: 'gt-1a2b3c4d', changed: true }, 'Back')).toBe('Back');
  expect(tellsDone(retry, { beadId: 'gt-1a2b3c4d', changed: false }, 'Back')).toBe('Nothing of it failed: nothing was to be done');
  expect(tellsDone(pause, { changed: false }, 'Paused')).toBe('Nothing was to be done');
  for (const answer of [null, undefined, 3, {}]) expect(tellsDone(pause, answer, 'Paused')).toBe('Paused');
});

test('what the town says of the reader of a message is told to its writer (AG-13)', () => {
  expect(noteIn({ nudgeId: 'nu-1', note: 'Its work is handed in.' })).toBe('Its work is handed in.');
  for (const answer of [null, undefined, 'note', { nudgeId: 'nu-1' }, { note: 3 }]) expect(noteIn(answer)).toBeNull();
});
