import { expect, test } from 'vitest';
import { partsOfNotice } from './parts-of-notice.ts';

test('of how long a start took the sum is told, its parts stand behind it (MY-16)', () => {
  expect(partsOfNotice('A new session. Ready in 18 s (place 0.1, setup 0, process 13.2).')).toEqual({
    said: 'A new session. Ready in 18 s.',
    figures: 'place 0.1, setup 0, process 13.2',
  });
  expect(partsOfNotice('The run was stopped (by You).')).toEqual({ said: 'The run was stopped (by You).', figures: null });
});
