import { failure, type BeadAnswer } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { Refused } from '../api.ts';
import type { DrawerRef } from '../drawers.ts';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { Elsewhere } from './Elsewhere.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

type Asked = Partial<BeadAnswer> | Refused | null;
const refused = (code: 'unknown_bead' | 'overloaded') =>
  new Refused({ ok: false, failure: failure(code), next: '', status: 0, unanswered: false });

/** What the town has answered, or refused; null: nothing yet. */
function shown(at: DrawerRef, asked: Asked, lend = false): string {
  const client = new QueryClient({ defaultOptions: { queries: { retryOnMount: false } } });
  const connection = new TownConnection('t');
  const key = ['bead', 't', at.id];
  if (asked instanceof Refused) {
    const query = client.getQueryCache().build(client, { queryKey: key });
    query.setState({ status: 'error', error: asked, fetchStatus: 'idle' });
  } else if (asked) client.setQueryData(key, { why: null, about: null, ...asked });
  if (lend && asked && 'bead' in asked) connection.replica.lend(asked.bead!);
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  return renderToStaticMarkup(
    <RouterContextProvider router={router}>
      <QueryClientProvider client={client}>
        <TownIdContext value="t">
          <TownContext value={connection}>
            <Elsewhere at={at} />
          </TownContext>
        </TownIdContext>
      </QueryClientProvider>
    </RouterContextProvider>,
  );
}
const old = { ...aBead({ id: 'gt-wmhj', title: 'Count words', status: 'closed' }), body: 'each once' };
const AT = { kind: 'bead', id: 'gt-wmhj' } as const;

test('a bead that the replica does not hold is what the town says of it, as any other (DM-1, UI-5)', () => {
  const html = shown(AT, { bead: old }, true);
  expect(html).toMatch(/<h1[^>]*>Count words<\/h1>.*aria-label="Timeline"/s);
  expect(html).toContain('None among the recent runs.');
  expect(html).not.toContain('There is no such');
});

test('there is no such bead only where the town says so; before it says anything, and when it cannot, that is said (UI-18)', () => {
  expect(shown(AT, refused('unknown_bead'))).toMatch(/There is no such bead.*gt-wmhj is not in this town/s);
  expect(shown(AT, null)).toContain('Loading bead');
  const silent = shown(AT, refused('overloaded'));
  expect(silent).toMatch(/role="alert".*too much to do.*Try again/s);
  expect(silent).not.toContain('There is no such');
});

test('what is a bead of another type is read: its words, what it is about, how it ended (DM-1)', () => {
  const bead = { ...old, id: aBead({ id: 'es-00000000000f' }).id, type: 'escalation' as const, title: 'Which of the two?' };
  const html = shown({ kind: 'bead', id: bead.id }, { bead, about: { kind: 'bead', id: 'gt-wmhj' } });
  expect(html).toMatch(/<h1[^>]*>Which of the two\?<\/h1>.*Question.*closed.*data-object="bead:gt-wmhj"/s);
  expect(html).not.toMatch(/Edit|Archive/);
});

test('a run is no bead: one that is not among the newest is not said to be nothing', () => {
  expect(shown({ kind: 'run', id: 'run-00000000' }, null)).toMatch(/Not among the recent runs.*run-00000000/s);
});
