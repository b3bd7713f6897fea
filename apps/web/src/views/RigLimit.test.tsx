import { NO_USAGE, type LimitRow, type RigRow, type TownRow } from '@gastown/protocol';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { SignWord } from '../ui/Sign.tsx';
import { RigLimit, useRigSign } from './RigLimit.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

const usage = { ...NO_USAGE, costMicros: 6_000_000 };
const rig = { id: 'rig-1a2b3c4d', name: 'shop', state: 'ready', paused: false, busyPolecats: 0, usage } as RigRow;
const town = { id: 'k3v9', usage } as TownRow;
const limit = (level: 'rig' | 'town', softMicros: number | null, hardMicros: number | null): LimitRow => {
  const of = level === 'rig' ? rig.id : town.id;
  return { id: `${level}:${of}`, level, of, softMicros, hardMicros };
};
const Sign = () => <SignWord sign={useRigSign(rig.id)!} />;
function shown(limits: readonly LimitRow[], over: Partial<RigRow> = {}): string {
  const connection = new TownConnection('k3v9');
  connection.replica.apply({
    t: 'snapshot',
    rev: 1,
    epoch: 'e',
    put: { town: [town], rigs: [{ ...rig, ...over }], limits: [...limits] },
    leftOut: { closed: false, archived: false },
  });
  return renderToStaticMarkup(
    <RouterContextProvider router={createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })}>
      <TownIdContext value="k3v9">
        <TownContext value={connection}>
          <Sign />
          <RigLimit id={rig.id} />
        </TownContext>
      </TownIdContext>
    </RouterContextProvider>,
  );
}

describe('a rig that a limit holds (I9, I10)', () => {
  it('is not ready: it says which limit is reached, and leads to raise that one', () => {
    const html = shown([limit('rig', null, 5_000_000)]);
    expect(html).toMatch(
      /Hard limit reached.*role="alert".*The hard limit of the rig is reached: \$6\.00 of \$5\.00.*<a [^>]*>Raise<\/a>/s,
    );
    expect(html).toContain('rig%3Arig-1a2b3c4d');
    expect(html).not.toContain('Ready');
  });

  it('is held by the limit of its town too, a hard one before a soft one', () => {
    const html = shown([limit('rig', 5_000_000, 9_000_000), limit('town', null, 6_000_000)]);
    expect(html).toMatch(/Hard limit reached.*The hard limit of the town is reached/s);
    expect(html).toContain('town%3Ak3v9');
    expect(shown([limit('rig', 5_000_000, null)])).toMatch(/Soft limit reached.*The soft limit of the rig is reached/s);
  });

  it('keeps its own word while it works or is paused, and is ready below its limits', () => {
    expect(shown([limit('rig', 5_000_000, null)], { busyPolecats: 1 })).toMatch(/Working.*The soft limit of the rig/s);
    expect(shown([limit('rig', 5_000_000, null)], { paused: true })).toMatch(/Paused.*The soft limit of the rig/s);
    const html = shown([limit('rig', 7_000_000, 9_000_000)]);
    expect(html).toContain('Ready');
    expect(html).not.toContain('alert');
  });
});
