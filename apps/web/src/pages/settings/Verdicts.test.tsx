import { ImportAnswer } from '@gastown/protocol';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Verdicts } from './Verdicts.tsx';

const lines = Array.from({ length: 3 }, (_, at) => ({
  line: at + 1,
  id: `bd-${at}`,
  verdict: 'created',
  field: null,
  why: null,
  untaken: [],
}));
function shown(counts: object, asks: boolean, dryRun = true): string {
  const answer = ImportAnswer.parse({
    importId: null,
    rigId: 'rig-1a2b3c4d',
    dryRun,
    counts: {
      lines: 3,
      created: 3,
      updated: 0,
      unchanged: 0,
      older: 0,
      skipped: 0,
      bad: 0,
      edges: 0,
      untakenEdges: 0,
      staged: 0,
      ...counts,
    },
    lines,
    more: 0,
  });
  return renderToStaticMarkup(
    <RouterContextProvider router={createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })}>
      <Verdicts answer={answer} ask={asks ? () => Promise.reject(new Error('nobody asks')) : null} />
    </RouterContextProvider>,
  );
}

test('a look at a long file has a way to the lines that its answer left out (DM-17)', () => {
  expect(shown({ lines: 1_500, created: 1_500 }, true)).toMatch(/3 of 1,500 are listed\..*<button type="button"[^>]*>Show more<\/button>/s);
  expect(shown({}, true)).not.toContain('Show more');
});

test('of what was brought in the rest is not to be had any more, and that is said', () => {
  const html = shown({ lines: 1_500, created: 1_500 }, false);
  expect(html).toContain('1,497 more lines are counted above and not listed');
  expect(html).not.toContain('Show more');
});

test('a filter shows the lines with dependencies that were not taken, where there are any', () => {
  expect(shown({ untakenEdges: 4, untakenLines: 2 }, true)).toMatch(
    /<button type="button" aria-pressed="false"[^>]*>Dependencies not taken <span[^>]*>2</,
  );
  expect(shown({}, true)).not.toContain('Dependencies not taken');
});

test('what is here is a link to its bead: what an import made, but not what a look would make', () => {
  expect(shown({}, false, false)).toContain('data-object="bead:bd-0"');
  expect(shown({}, true)).not.toContain('data-object');
});
