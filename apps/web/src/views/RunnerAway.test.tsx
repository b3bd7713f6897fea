import { AgentRow, RunnerRow, type Snapshot } from '@gastown/protocol';
import { aBead, noUsage } from '@gastown/protocol/testing';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { AgentRowLine } from './AgentRowLine.tsx';
import { BeadCard } from './BeadCard.tsx';
import { RunnerAway } from './RunnerAway.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

const SINCE = Date.UTC(2026, 1, 3, 12, 0, 5);
const UNTIL = SINCE + 70_000;
const laptop = RunnerRow.parse({
  id: 'rn-000000000001',
  name: 'laptop',
  kind: 'machine',
  createdAt: 1,
  rigs: null,
  places: null,
  busy: 1,
  paused: false,
  connected: false,
  linkSince: SINCE,
  drainingAt: null,
  failure: null,
  isolation: null,
  agentKinds: [],
  tokenSerial: 1,
});
const toast = AgentRow.parse({
  id: 'ag-00000001',
  name: 'Toast',
  role: 'polecat',
  identity: 'shop/polecats/Toast',
  rigId: null,
  status: 'away',
  paused: false,
  beadId: 'gt-1',
  runId: 'run-000000000001',
  asks: null,
  statusLine: 'Reading the parser',
  lastActivityAt: SINCE,
  createdAt: 1,
  usage: noUsage,
});
const bead = aBead({
  id: 'gt-1',
  status: 'in_progress',
  assigneeId: toast.id,
  wait: { code: 'runner_away', ref: laptop.id, until: UNTIL },
});

function shown(what: ReactNode): string {
  const put: Snapshot['put'] = { runners: [laptop], agents: [toast], beads: [bead] };
  const connection = new TownConnection('t');
  connection.replica.apply({ t: 'snapshot', rev: 1, epoch: 'e1', put, leftOut: { closed: false, archived: false } });
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  const html = renderToStaticMarkup(
    <RouterContextProvider router={router}>
      <TownIdContext value="t">
        <TownContext value={connection}>{what}</TownContext>
      </TownIdContext>
    </RouterContextProvider>,
  );
  return html.replaceAll(/<[^>]*>/g, ' ');
}
const WHY =
  'Its runner laptop is not connected since 12:00:05 UTC: nothing is heard of what is done there. ' +
  'If it is not back by 12:01:15 UTC, the work goes back in line.';

test('a run whose runner is away says since when, and what happens next; so does the card of its bead, before what its agent said last (I10)', () => {
  expect(shown(<RunnerAway run={{ runnerId: laptop.id, beadId: bead.id, away: { since: SINCE, until: UNTIL } }} />)).toContain(WHY);
  expect(shown(<RunnerAway run={{ runnerId: laptop.id, beadId: null, away: { since: SINCE, until: UNTIL } }} />)).toContain(
    'If it is not back by 12:01:15 UTC, what it was told goes to its next session.',
  );
  expect(shown(<RunnerAway run={{ runnerId: laptop.id, beadId: bead.id, away: null }} />)).toBe('');
  const card = shown(<BeadCard id="gt-1" />);
  expect(card).toContain(WHY);
  expect(card).not.toContain('Reading the parser');
  expect(shown(<AgentRowLine id={toast.id} />)).toMatch(/Toast .*runner away/);
});
