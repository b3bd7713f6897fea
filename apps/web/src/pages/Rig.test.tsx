import { ConvoyRow, NO_USAGE } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { StartPlanned } from './Rig.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

const rigId = 'rig-1a2b3c4d';
const convoy = ConvoyRow.parse({
  id: 'cv-1a2b3c4d',
  title: 'Checkout',
  status: 'staged',
  paused: false,
  mergeMode: 'review-and-merge',
  total: 2,
  closed: 0,
  failed: 0,
  usage: NO_USAGE,
  wait: null,
  createdBy: 'Mayor',
  createdAt: 1,
  landedAt: null,
  archivedAt: null,
});
const blocked = { code: 'blocked_by_open', ref: 'gt-1', until: null } as const;

test('a rig tells what its start begins, and apart from that what begins with its convoys (CV-11)', () => {
  const connection = new TownConnection('t');
  const beads = [
    aBead({ id: 'gt-1', rigId, hold: 'staged' }),
    aBead({ id: 'gt-2', rigId, hold: 'staged', wait: blocked }),
    aBead({ id: 'gt-3', rigId, hold: 'staged' }),
    aBead({ id: 'gt-4', rigId, convoyId: convoy.id, wait: { code: 'staged', ref: convoy.id, until: null } }),
    aBead({ id: 'gt-5', rigId, convoyId: convoy.id, wait: blocked }),
    aBead({ id: 'gt-6', rigId: 'rig-2b3c4d5e', hold: 'staged' }),
  ];
  connection.replica.apply({
    t: 'snapshot',
    rev: 1,
    epoch: 'e',
    put: { beads, convoys: [convoy] },
    leftOut: { closed: false, archived: false },
  });
  const html = renderToStaticMarkup(
    <RouterContextProvider router={createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })}>
      <TownIdContext value="t">
        <TownContext value={connection}>
          <StartPlanned id={rigId} />
        </TownContext>
      </TownIdContext>
    </RouterContextProvider>,
  );
  expect(html).toMatch(/<a [^>]*>2 planned in convoys<\/a>.*<button[^>]*>Start 3 planned<\/button>/);
});
