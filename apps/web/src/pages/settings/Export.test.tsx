import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { VERDICTS } from '../../importing.ts';
import { WhatIsInIt } from './Export.tsx';

test('who exports is told in plain words what becomes of beads that were deleted in their own tool', () => {
  const words = renderToStaticMarkup(<WhatIsInIt />).replaceAll(/<[^>]+>/g, '');
  expect(words).toContain('closed, failed and archived ones too');
  expect(words).toContain('A bead that had been deleted in its own tool never came in (its line there has the status tombstone)');
  expect(words).toContain('one that was deleted there later is still a bead here, so it is in it');
});

test('so is who looks at a file before its import', () => {
  expect(VERDICTS.find(({ verdict }) => verdict === 'skipped')?.says).toContain('deleted in its own tool');
});
