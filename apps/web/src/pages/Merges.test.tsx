import { failure, MergeRow } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { Merges } from './Merges.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

const merge = (id: string) =>
  MergeRow.parse({
    id,
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
    failure: failure('gate_failed', 'The gate npm test failed.'),
    createdAt: 1,
    updatedAt: 1,
    landedAt: null,
  });
const MERGES = ['mr-00000001', 'mr-00000002', 'mr-00000003'].map(merge);

function shown(status: 'failed' | 'closed'): string {
  const connection = new TownConnection('t');
  const beads = [aBead({ id: 'gt-1', title: 'Add X', status, mergeId: 'mr-00000003' })];
  connection.replica.apply({
    t: 'snapshot',
    rev: 1,
    epoch: 'e',
    put: { beads, merges: MERGES },
    leftOut: { closed: false, archived: false },
  });
  return renderToStaticMarkup(
    <RouterContextProvider router={createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })}>
      <TownIdContext value="t">
        <TownContext value={connection}>
          <Merges />
        </TownContext>
      </TownIdContext>
    </RouterContextProvider>,
  ).replaceAll(/<[^>]*>/g, ' ');
}

test('of a bead that failed three times the merge that waits stands above, and the log says that it does (RC-31)', () => {
  const words = /Needs your attention\s+1\s.*Log\s+2\s+What waits for you stands above, not here/s;
  expect(shown('failed')).toMatch(words);
  const over = shown('closed');
  expect(over).toMatch(/Log\s+3\s/);
  expect(over).not.toContain('stands above');
});
