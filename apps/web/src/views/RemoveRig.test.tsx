import type { RigRow } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { RemoveRig } from './RigForm.tsx';

const rig = { id: 'rig-1a2b3c4d', name: 'shop' } as RigRow;
function shown(beads: readonly object[]): string {
  const connection = new TownConnection('t');
  connection.replica.apply({
    t: 'snapshot',
    rev: 1,
    epoch: 'e',
    put: { beads: beads.map((over, at) => aBead({ id: `gt-0000000${at}`, rigId: rig.id, ...over })) },
    leftOut: { closed: false, archived: false },
  });
  return renderToStaticMarkup(
    <TownIdContext value="t">
      <TownContext value={connection}>
        <RemoveRig rig={rig} />
      </TownContext>
    </TownIdContext>,
  );
}

test('who removes a rig is told first what ends with it and what stays (DL-8)', () => {
  const html = shown([{}, { status: 'failed' }, { status: 'closed' }, { rigId: 'rig-3c4d5e6f' }]);
  expect(html).toContain('its 2 beads that are not closed are closed undone');
  expect(html).toContain('The repository stays as it is');
  expect(html).toMatch(/<button[^>]*>.*Remove the repository/s);
  expect(html).not.toContain('Remove shop and close');
  expect(shown([{}])).toContain('its 1 bead that is not closed is closed undone');
  expect(shown([{ status: 'closed' }])).toContain('it has no open beads');
});
