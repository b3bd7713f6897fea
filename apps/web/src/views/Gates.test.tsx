import { DEFAULT_PERMISSIONS, NO_SETUP, NO_USAGE, type RigRow, type TownRow } from '@gastown/protocol';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { gatesIn } from './GatesField.tsx';
import { AddRig, EditRig } from './RigForm.tsx';
import { RigView } from './RigView.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

const rig = (gates: string[] | null) =>
  ({
    id: 'rig-1a2b3c4d',
    name: 'shop',
    gitUrl: '/srv/shop',
    createdAt: 1,
    state: 'ready',
    failure: null,
    defaultBranch: 'main',
    maxPolecats: 3,
    busyPolecats: 0,
    permissions: {},
    setup: null,
    usage: NO_USAGE,
    gates,
  }) as unknown as RigRow;
const town = (gates: string[]) =>
  ({ id: 'k3v9', usage: NO_USAGE, permissions: DEFAULT_PERMISSIONS, setup: NO_SETUP, gates }) as unknown as TownRow;

function shown(own: string[] | null, ofTown: string[]) {
  const connection = new TownConnection('k3v9');
  const row = rig(own);
  const put = { town: [town(ofTown)], rigs: [row] };
  connection.replica.apply({ t: 'snapshot', rev: 1, epoch: 'e', put, leftOut: { closed: false, archived: false } });
  const html = (view: React.ReactNode) =>
    renderToStaticMarkup(
      <RouterContextProvider router={createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })}>
        <QueryClientProvider client={new QueryClient()}>
          <TownIdContext value="k3v9">
            <TownContext value={connection}>{view}</TownContext>
          </TownIdContext>
        </QueryClientProvider>
      </RouterContextProvider>,
    );
  return {
    view: html(<RigView id={row.id} />),
    form: html(<EditRig rig={row} />),
    adding: html(<AddRig sample={null} onAdded={() => undefined} />),
  };
}

describe('the gates of a rig (QG-1)', () => {
  it('are its own, or those of every repository, and it is said which', () => {
    const towns = shown(null, ['npm test']);
    expect(towns.view).toMatch(/of every repository.*npm test/s);
    expect(towns.form).toContain('Gates of its own');
    expect(towns.form).not.toMatch(/<textarea[^>]*>npm test/);
    const own = shown(['make check'], ['npm test']);
    expect(own.view).toContain('make check');
    expect(own.view).not.toMatch(/npm test|of every repository/);
    expect(own.form).toMatch(/<textarea[^>]*>make check<\/textarea>/);
  });

  it('are none where it has none of its own on purpose, or nobody has any', () => {
    expect(shown([], ['npm test']).view).toContain('None: work lands untested.');
    expect(shown(null, []).view).toContain('None: work lands untested.');
  });

  it('may be left out when it is added: what it is tested by then is said', () => {
    expect(shown(null, ['npm test']).adding).toContain('without any, those of Settings › Repositories.');
    expect(shown(null, []).adding).toContain('without any, whatever merges lands.');
  });

  it('are a command a line, without empty ones', () => expect(gatesIn(' npm ci \n\n npm test\n')).toEqual(['npm ci', 'npm test']));
});
