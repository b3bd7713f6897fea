import { BadLine, failure } from '@gastown/protocol';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { Refused } from '../../api.ts';
import { TownConnection } from '../../replica/connection.ts';
import { TownContext } from '../../replica/hooks.ts';
import { TownIdContext } from '../../shell/town-id.ts';
import { BadLines } from './BadLines.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../../ui-state.ts', () => ({ useUi: () => ({}) }));

const bad = (line: number, more: object = {}): BadLine =>
  BadLine.parse({
    seq: line,
    importId: 'im-00000001',
    rigId: 'rig-00000001',
    line,
    id: null,
    field: 'line',
    why: 'it is not JSON',
    text: '{ <b>no',
    cut: false,
    at: 1,
    ...more,
  });
/** What the town has answered last, and what it refused since. */
function shown(lines: readonly BadLine[] | null, refused?: Error): string {
  const client = new QueryClient({ defaultOptions: { queries: { retryOnMount: false } } });
  const queryKey = ['bad-lines', 't'];
  if (lines) client.setQueryData(queryKey, lines);
  if (refused) client.getQueryCache().build(client, { queryKey }).setState({ status: 'error', error: refused, fetchStatus: 'idle' });
  return renderToStaticMarkup(
    <QueryClientProvider client={client}>
      <TownIdContext value="t">
        <TownContext value={new TownConnection('t')}>
          <BadLines />
        </TownContext>
      </TownIdContext>
    </QueryClientProvider>,
  );
}

test('lines that imports could not take stand by their import: where, which bead, why, and what they say to open (issue, Build 6)', () => {
  const html = shown([bad(3), bad(7, { id: 'bd-7', field: 'title', why: 'is missing', cut: true }), bad(1, { importId: 'im-00000002' })]);
  expect(html).toMatch(/Lines not taken.*3/s);
  expect(html).toMatch(
    /im-00000001.*Line 3.*it is not JSON.*\{ &lt;b&gt;no.*Line 7.*bd-7.*title .*is missing.*the file has more.*im-00000002.*Line 1/s,
  );
  expect(html.match(/>Let go</g)).toHaveLength(3);
  expect(html.match(/>Let all go</g)).toHaveLength(1);
});

test('where nothing is, nothing is shown', () => {
  expect(shown([])).toBe('');
  expect(shown(null)).toBe('');
});

test('where the town refuses, that is said, with a way to ask again, beside what it said before (UI-18)', () => {
  const refused = new Refused({ ok: false, failure: failure('overloaded'), next: 'Wait a little.', status: 503, unanswered: false });
  const unread = /Lines not taken.*role="alert".*could not be read: .*too much to do.*Wait a little\..*Try again/s;
  expect(shown(null, refused)).toMatch(unread);
  expect(shown([bad(3)], refused)).toMatch(unread);
  expect(shown([bad(3)], refused)).toContain('Line 3');
});
