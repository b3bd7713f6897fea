import { aBead } from '@gastown/protocol/testing';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../../replica/connection.ts';
import { TownContext } from '../../replica/hooks.ts';
import { TownIdContext } from '../../shell/town-id.ts';
import { Steps } from './Steps.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../../ui-state.ts', () => ({ useUi: () => ({}) }));

const shown = (change: object): string =>
  renderToStaticMarkup(
    <TownIdContext value="t">
      <TownContext value={new TownConnection('t')}>
        <Steps bead={aBead(change)} />
      </TownContext>
    </TownIdContext>,
  );

test('only what an agent takes speaks of how its agent goes about it (UI-6)', () => {
  expect(shown({ kind: 'task' })).toContain('its agent decides');
  expect(shown({ kind: 'epic' })).toBe('');
  expect(shown({ kind: 'agent', hold: 'not_work' })).toBe('');
  expect(shown({ kind: 'task', status: 'closed' })).toBe('');
});
