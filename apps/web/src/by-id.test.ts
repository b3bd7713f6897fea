import { expect, test } from 'vitest';
import { idIn } from './by-id.ts';

test('what is typed is an id when it could be that of a bead, also of one that came from elsewhere (UI-22)', () => {
  for (const id of ['gt-wmhj', 'gt-0a1b2c3d', ' bd-12.3 ', 'my_project-a1', 'mr-0123456789ab']) expect(idIn(id)).toBe(id.trim());
  for (const words of ['', 'retry', 'gt-', '-x', 'two words', 'gt-1/../x', 'board?', `gt-${'x'.repeat(70)}`])
    expect(idIn(words)).toBeNull();
});
