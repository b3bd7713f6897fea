import { failure, MergeRow, nextStep, type Failure, type Snapshot } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { BeadCard } from './BeadCard.tsx';
import { MergeLine } from './MergeLine.tsx';
import { FailureBanner } from './parts.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

function shown(what: ReactNode, put: Snapshot['put'] = {}): string {
  const connection = new TownConnection('t');
  connection.replica.apply({ t: 'snapshot', rev: 1, epoch: 'e1', put, leftOut: { closed: false, archived: false } });
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  return renderToStaticMarkup(
    <RouterContextProvider router={router}>
      <TownIdContext value="t">
        <TownContext value={connection}>{what}</TownContext>
      </TownIdContext>
    </RouterContextProvider>,
  );
}
const GATE: Failure = {
  ...failure('gate_failed', 'The gate npm test failed.', { gate: 'npm test', exit: 1, output: 'not ok 3 adds\n<b>' }),
  source: 'refinery',
};

test('a failure is an alert with its message, what to do, its code, who decided and when, its particulars to open, and what was printed (FR-4)', () => {
  const html = shown(<FailureBanner failure={GATE} at={Date.UTC(2026, 1, 3, 12)} />);
  expect(html).toMatch(/<div role="alert" class="[^"]*bg-failed-wash/);
  expect(html).toContain('<p class="text-failed">The gate npm test failed.</p>');
  expect(html.replaceAll(/<[^>]*>/g, '')).toContain(nextStep(GATE).slice(0, 30));
  expect(html).toMatch(/gate_failed.*decided by the refinery.*<time[^>]*2026-02-03/s);
  expect(html).toMatch(/aria-label="What it printed"[^>]*><span>not ok 3 adds\n&lt;b&gt;/);
  expect(html).toMatch(/<details.*Details.*<dt[^>]*>gate<\/dt><dd[^>]*>npm test<\/dd>.*<dt[^>]*>exit<\/dt><dd[^>]*>1<\/dd>/s);
  expect(html).not.toMatch(/<dt[^>]*>output/);
});

test('the card of a failed bead and the line of a failed merge say why (FR-4)', () => {
  const bead = aBead({ id: 'gt-1', title: 'Add X', status: 'failed', failure: failure('attempts_exhausted', 'Three attempts failed.') });
  const merge = MergeRow.parse({
    id: 'mr-00000001',
    beadId: 'gt-1',
    rigId: 'rig-00000001',
    runId: 'run-000000000001',
    agentId: 'ag-00000001',
    branch: 'b',
    targetBranch: 'main',
    headCommit: 'a'.repeat(40),
    phase: 'failed',
    runnerId: null,
    position: null,
    builds: 1,
    baseCommit: null,
    mergeCommit: null,
    gates: [],
    failure: GATE,
    createdAt: 1,
    updatedAt: 1,
    landedAt: null,
  });
  const put = { beads: [bead], merges: [merge] };
  expect(shown(<BeadCard id="gt-1" />, put)).toContain('Three attempts failed.');
  expect(shown(<MergeLine id="mr-00000001" />, put)).toContain('The gate npm test failed.');
});
