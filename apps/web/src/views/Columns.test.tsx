import { aBead } from '@gastown/protocol/testing';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { questionOf } from '../older.ts';
import type { BoardFilter } from '../ordering.ts';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { Columns } from './Columns.tsx';

/** They read what the browser keeps and how wide it is; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: Object.assign(() => ({}), { getState: () => ({ column: null }) }) }));
vi.mock('../ui/use-media.ts', () => ({ useMedia: () => false }));

const RIG = 'rig-1a2b3c4d';
/** The column Closed of a town that left out closed beads; `total`: what it has said of how many there are, null: nothing yet. */
function closedColumn(total: number | null, filter: BoardFilter = { rig: RIG }, archivedAt: number | null = null): string {
  const connection = new TownConnection('t');
  const beads = [aBead({ id: 'gt-1', title: 'the only one', status: 'closed', rigId: RIG, archivedAt })];
  connection.replica.apply({ t: 'snapshot', rev: 7, epoch: 'e', put: { beads }, leftOut: { closed: true, archived: true } });
  const client = new QueryClient();
  const held = `7 1 ${archivedAt === null ? 0 : 1}`;
  if (total !== null) client.setQueryData(['closed beads', 't', JSON.stringify(questionOf(filter)), held], total);
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  const html = renderToStaticMarkup(
    <RouterContextProvider router={router}>
      <QueryClientProvider client={client}>
        <TownIdContext value="t">
          <TownContext value={connection}>
            <Columns filter={filter} />
          </TownContext>
        </TownIdContext>
      </QueryClientProvider>
    </RouterContextProvider>,
  );
  return /<section aria-label="Closed".*?<\/section>/s.exec(html)![0];
}
const countIn = (html: string) => /data-testid="count"[^>]*>([^<]*)</.exec(html)?.[1];

test('a rig with one closed bead has one, whatever the town left out of others (UI-22)', () => {
  const html = closedColumn(1);
  expect(countIn(html)).toBe('1');
  expect(html).not.toContain('not loaded');
  expect(html).not.toContain('Load older');
});

test('where the town has more, the column says of how many and offers to load them', () => {
  const html = closedColumn(2_804);
  expect(countIn(html)).toBe('1 of 2,804');
  expect(html).toContain('2,803 older closed beads are not loaded.');
  expect(html).toContain('Load older');
  expect(countIn(closedColumn(null))).toBe('1+');
});

test('to archive what the column has is said in words and asked about first; what is archived can be brought back (AR-2, AR-3)', () => {
  expect(closedColumn(1)).toMatch(/<button[^>]*aria-label="Archive the closed bead"[^>]*aria-haspopup="dialog".*>Archive<\/button>/s);
  const shown = closedColumn(1, { rig: RIG, archived: true }, 5);
  expect(shown).toMatch(/<button[^>]*aria-label="Bring back archived beads".*>Bring back<\/button>/s);
  expect(shown).not.toContain('Archive the closed bead');
});
