import { failure, type FailureCode, type RigRow } from '@gastown/protocol';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { ConnectRig } from './ConnectRig.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

function shown(code: FailureCode): string {
  const rig = { id: 'rig-1a2b3c4d', name: 'shop', gitUrl: 'https://example.com/shop', failure: failure(code) } as RigRow;
  return renderToStaticMarkup(
    <TownIdContext value="t">
      <TownContext value={new TownConnection('t')}>
        <ConnectRig rig={rig} failed onAnother={() => {}} onStop={() => {}} />
      </TownContext>
    </TownIdContext>,
  );
}

test('the wizard names its own buttons for a repository that is not connected, and sends nobody to Settings (UI-1)', () => {
  for (const code of ['repository_not_found', 'repository_unreachable', 'repository_refused'] as const) {
    const html = shown(code);
    expect(html).toMatch(/role="alert".*(Try again|Give another).*<button/s);
    expect(html).not.toContain('Settings');
  }
});
