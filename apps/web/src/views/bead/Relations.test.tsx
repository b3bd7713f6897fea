import type { BeadAnswer } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../../replica/connection.ts';
import { TownContext } from '../../replica/hooks.ts';
import { TownIdContext } from '../../shell/town-id.ts';
import { Relations } from './Relations.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../../ui-state.ts', () => ({ useUi: () => ({}) }));

const old = { ...aBead({ id: 'gt-0old', title: 'Lay the track', status: 'closed' }), body: '' };
const bead = aBead({ id: 'gt-1', dependsOn: [{ id: 'gt-0old', type: 'blocks' }] });
function shown(names: boolean, asked: BeadAnswer['bead'] | null = old): string {
  const client = new QueryClient();
  if (asked) client.setQueryData(['bead', 't', 'gt-0old'], { bead: asked, why: null, about: null });
  const connection = new TownConnection('t');
  const beads = [bead, ...(names ? [aBead({ id: 'gt-2', title: 'Paint it', dependsOn: [{ id: 'gt-1', type: 'blocks' }] })] : [])];
  connection.replica.apply({ t: 'snapshot', rev: 1, epoch: 'e', put: { beads }, leftOut: { closed: true, archived: false } });
  return renderToStaticMarkup(
    <RouterContextProvider router={createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })}>
      <QueryClientProvider client={client}>
        <TownIdContext value="t">
          <TownContext value={connection}>
            <Relations bead={bead} />
          </TownContext>
        </TownIdContext>
      </QueryClientProvider>
    </RouterContextProvider>,
  );
}

test('a dependency that closed long ago is named by its title and says what became of it (UI-5; issue, Build 6)', () => {
  expect(shown(false)).toMatch(/after<\/span>.*Closed.*<span class="truncate">Lay the track</s);
  expect(shown(false, null)).toContain('<span class="truncate">gt-0old<');
});

test('that some who name it may be missing is told where some are listed', () => {
  expect(shown(true)).toContain('only the recent ones are listed');
  expect(shown(false)).not.toContain('only the recent ones');
});
