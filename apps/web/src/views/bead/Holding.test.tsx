import { aBead } from '@gastown/protocol/testing';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../../replica/connection.ts';
import { TownContext } from '../../replica/hooks.ts';
import { TownIdContext } from '../../shell/town-id.ts';
import { HoldButtons } from './Holding.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../../ui-state.ts', () => ({ useUi: () => ({}) }));

const buttons = (change: object): string[] => {
  const html = renderToStaticMarkup(
    <TownIdContext value="t">
      <TownContext value={new TownConnection('t')}>
        <HoldButtons bead={aBead(change)} puttingOff={false} onPutOff={() => {}} />
      </TownContext>
    </TownIdContext>,
  );
  return [...html.matchAll(/<button.*?<\/button>/gs)].map(([button]) => button.replaceAll(/<[^>]*>/g, ''));
};

test('a start is offered only where it lets a bead begin (UI-7)', () => {
  const blocked = { hold: 'staged', wait: { code: 'blocked_by_open', ref: 'gt-2', until: null } };
  expect(buttons(blocked)).toContain('Start');
  for (const status of ['in_review', 'in_progress', 'closed']) expect(buttons({ ...blocked, status })).not.toContain('Start');
});
