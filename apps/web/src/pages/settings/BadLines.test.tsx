import { BadLine } from '@gastown/protocol';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
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
function shown(lines: readonly BadLine[]): string {
  const client = new QueryClient();
  client.setQueryData(['bad-lines', 't', 0], lines);
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
  expect(html).toMatch(/In quarantine.*3/s);
  expect(html).toMatch(
    /im-00000001.*Line 3.*it is not JSON.*\{ &lt;b&gt;no.*Line 7.*bd-7.*title .*is missing.*the file has more.*im-00000002.*Line 1/s,
  );
  expect(html.match(/>Let go</g)).toHaveLength(4);
});

test('where nothing is, nothing is shown', () => {
  expect(shown([])).toBe('');
});
