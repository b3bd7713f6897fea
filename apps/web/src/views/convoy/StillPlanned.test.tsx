import { ConvoyRow, NO_USAGE } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../../replica/connection.ts';
import { TownContext } from '../../replica/hooks.ts';
import { TownIdContext } from '../../shell/town-id.ts';
import { StillPlanned } from './StillPlanned.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../../ui-state.ts', () => ({ useUi: () => ({}) }));

const convoy = (status: 'open' | 'staged' | 'cancelled') =>
  ConvoyRow.parse({
    id: 'cv-1a2b3c4d',
    title: 'Checkout',
    status,
    paused: false,
    mergeMode: 'review-and-merge',
    total: 3,
    closed: 0,
    failed: 0,
    usage: NO_USAGE,
    wait: null,
    createdBy: 'Mayor',
    createdAt: 1,
    landedAt: null,
    archivedAt: null,
  });
const staged = ['gt-1', 'gt-2'].map((id) => aBead({ id, hold: 'staged' }));
const shown = (of: ConvoyRow, members = [...staged, aBead({ id: 'gt-3' }), aBead({ id: 'gt-4', hold: 'staged', status: 'closed' })]) =>
  renderToStaticMarkup(
    <TownIdContext value="t">
      <TownContext value={new TownConnection('t')}>
        <StillPlanned convoy={of} members={members} />
      </TownContext>
    </TownIdContext>,
  );

test('a convoy says which of its beads do not begin with it, and starts them (CV-16; issue, Build 6)', () => {
  expect(shown(convoy('open'))).toMatch(/2 of its beads are planned by themselves: they do not begin with the convoy\..*Start 2 planned</);
  expect(shown(convoy('staged'), staged.slice(1))).toMatch(/1 of its beads is planned by itself: it does not begin when you start/);
  expect(shown(convoy('open'), [aBead({ id: 'gt-3' })])).toBe('');
  expect(shown(convoy('cancelled'))).toBe('');
});
