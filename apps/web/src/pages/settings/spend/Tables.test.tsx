import { NO_USAGE, type RigRow } from '@gastown/protocol';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../../../replica/connection.ts';
import { TownContext } from '../../../replica/hooks.ts';
import { TownIdContext } from '../../../shell/town-id.ts';
import { Tables } from './Tables.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../../../ui-state.ts', () => ({ useUi: () => ({}) }));
vi.mock('../../../ui/ObjectLink.tsx', () => ({ ObjectLink: 'a' }));
vi.mock('@tanstack/react-router', async (actual) => ({ ...(await actual<object>()), useSearch: () => ({ limit: 'rig:rig-1a2b3c4d' }) }));

function fieldsOpen(spentMicros: number): string[] {
  const connection = new TownConnection('t');
  const rig = { id: 'rig-1a2b3c4d', name: 'shop', state: 'ready', usage: { ...NO_USAGE, costMicros: spentMicros } } as RigRow;
  connection.replica.apply({
    t: 'snapshot',
    rev: 1,
    epoch: 'e',
    put: { rigs: [rig], limits: [{ id: 'rig:rig-1a2b3c4d', level: 'rig', of: rig.id, softMicros: 5_000_000, hardMicros: 9_000_000 }] },
    leftOut: { closed: false, archived: false },
  });
  const html = renderToStaticMarkup(
    <TownIdContext value="t">
      <TownContext value={connection}>
        <Tables />
      </TownContext>
    </TownIdContext>,
  );
  return [...html.matchAll(/<input[^>]* aria-label="([^"]*)"/g)].map(([, label]) => label!);
}

test('a link to raise a limit opens the field of the limit that is reached (RC-32)', () => {
  expect(fieldsOpen(6_000_000)).toEqual(['Soft limit of shop in dollars']);
  expect(fieldsOpen(9_000_000)).toEqual(['Hard limit of shop in dollars']);
  expect(fieldsOpen(0)).toEqual(['Hard limit of shop in dollars']);
});
