import { aBead } from '@gastown/protocol/testing';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { notReady } from '../not-ready.ts';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { NothingReady } from './NothingReady.tsx';

const shown = (beads: readonly ReturnType<typeof aBead>[]) =>
  renderToStaticMarkup(
    <RouterContextProvider router={createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })}>
      <TownIdContext value="t">
        <TownContext value={new TownConnection('t')}>
          <NothingReady told={notReady(beads, { ready: true }, new Map())!} onShowAll={() => {}} />
        </TownContext>
      </TownIdContext>
    </RouterContextProvider>,
  );

test('with nothing ready the board says how much is planned, put off and blocked, and the way to all of it (I10; issue, Build 6)', () => {
  const planned = Array.from({ length: 1_780 }, (_, at) => aBead({ id: `gt-${at}`, hold: 'staged' }));
  const html = shown([...planned, aBead({ id: 'gt-a', wait: { code: 'blocked_by_open', ref: 'gt-1', until: null } })]);
  expect(html).toMatch(/Nothing is ready.*>1,780<.*planned in.*they begin when you start them.*>1<.*blocked by other beads/s);
  expect(html).toContain('Show all beads');
  expect(html).not.toMatch(/put off|paused/);
});

test('where nothing is open there is nothing to show', () => {
  expect(shown([])).toMatch(/No bead here is open/);
  expect(shown([])).not.toContain('<button');
});
