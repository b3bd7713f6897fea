import { BeadAnswer, type BeadRow, type Origin } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../../replica/connection.ts';
import { TownContext } from '../../replica/hooks.ts';
import { TownIdContext } from '../../shell/town-id.ts';
import { BeadView } from '../BeadView.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../../ui-state.ts', () => ({ useUi: () => ({}) }));

const ORIGIN: Origin = {
  came: { by: 'Ada', at: 1_750_000_000_000, importId: 'im-0123abcd' },
  importId: 'im-0123abcd',
  at: 1_750_000_000_000,
  createdBy: null,
  createdAt: null,
  assignee: null,
  closeReason: null,
  comments: [],
  earlierComments: 0,
  untaken: [],
  moreUntaken: 0,
};
/** The page of a bead of which the town has said this already. */
function page(origin: Partial<Origin> | null, change: Partial<BeadRow> = {}): string {
  const bead = { ...aBead({ id: 'bd-0vu3q', createdBy: 'Ada' }), ...change, body: '' };
  const client = new QueryClient();
  const answer = BeadAnswer.parse({ bead, why: null, origin: origin && { ...ORIGIN, ...origin } });
  client.setQueryData(['bead', 't', bead.id, bead.updatedAt], answer);
  const connection = new TownConnection('t');
  connection.replica.apply({ t: 'snapshot', rev: 1, epoch: 'e', put: { beads: [bead] }, leftOut: { closed: false, archived: false } });
  return renderToStaticMarkup(
    <RouterContextProvider router={createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })}>
      <QueryClientProvider client={client}>
        <TownIdContext value="t">
          <TownContext value={connection}>
            <BeadView id={bead.id} />
          </TownContext>
        </TownIdContext>
      </QueryClientProvider>
    </RouterContextProvider>,
  );
}
const words = (html: string): string => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

test('what people wrote in the file is on the page of the bead, and in its raw JSON (issue, Build 6)', () => {
  const text = 'BG found a regression <img src=x onerror=alert(1)>';
  const html = page({
    comments: [{ author: 'beads/crew/wolf', at: null, text, cut: true }],
    earlierComments: 3,
    assignee: 'wolf',
    closeReason: 'done\nreally',
  });
  expect(words(html)).toMatch(
    /From the file it came with 1 Assignee wolf Closed because done really 3 earlier comments are not shown; the export has all\. beads\/crew\/wolf BG found a regression .* It goes on; the export has all of it\./,
  );
  expect(html).not.toContain('<img');
  expect(html).toMatch(/Raw JSON.*&quot;comments&quot;/s);
  expect(page(null)).not.toContain('From the file');
  expect(page({})).not.toContain('From the file');
});

test('a dependency that was not taken is told where the others are, and nobody says that nothing has to come first', () => {
  const html = words(page({ untaken: [{ dependsOn: 'zz-404', type: 'blocks', why: 'zz-404 is not here' }], moreUntaken: 2 }));
  expect(html).toContain('The file named zz-404 too (after), which was not taken: zz-404 is not here. And 2 more.');
  expect(html).not.toContain('nothing has to land before it');
  expect(words(page({}))).toContain('None: nothing has to land before it.');
});

test('who brought a bead is not said to have made it', () => {
  const made = (origin: Partial<Origin> | null, change: Partial<BeadRow> = {}): string =>
    /Created (.*?) Rig/.exec(words(page(origin, change)))![1]!;
  expect(made({})).toMatch(/^in another tool ; its file does not say when or by whom Brought here .* by Ada with import im-0123abcd$/);
  expect(made({ createdAt: 1 })).toMatch(/^\S.* in another tool ; its file does not say by whom Brought/);
  expect(made({ createdBy: 'wolf', createdAt: 1 })).toMatch(/^\S.* in another tool by wolf Brought here .* by Ada/);
  expect(made({ came: null })).toMatch(/^\S.* by Ada$/);
  expect(made(null)).toMatch(/^\S.* by Ada$/);
  expect(made(null, { createdBy: '' })).toMatch(/^\S.* in another tool$/);
});
