import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../../replica/connection.ts';
import { TownContext } from '../../replica/hooks.ts';
import { TownIdContext } from '../../shell/town-id.ts';
import { Import } from './Import.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../../ui-state.ts', () => ({ useUi: () => ({}) }));

test('what imports could not take is shown where no repository is left, too (issue, Build 6)', () => {
  const client = new QueryClient();
  const line = {
    seq: 1,
    importId: 'im-00000001',
    rigId: 'rig-00000001',
    line: 3,
    id: null,
    field: 'line',
    why: 'no',
    text: 'x',
    cut: false,
  };
  client.setQueryData(['bad-lines', 't'], [{ ...line, at: 1 }]);
  const html = renderToStaticMarkup(
    <QueryClientProvider client={client}>
      <TownIdContext value="t">
        <TownContext value={new TownConnection('t')}>
          <Import />
        </TownContext>
      </TownIdContext>
    </QueryClientProvider>,
  );
  expect(html).toMatch(/Connect a repository first.*Lines not taken.*Line 3/s);
  expect(html).not.toContain('Choose a file');
});
