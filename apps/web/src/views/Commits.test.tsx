import { Commit, type MergeRow, type RigRow, type RunRow } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { Work } from './bead/Work.tsx';
import { MergeView } from './MergeView.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

const [WORK, LANDED] = ['a'.repeat(40), 'f'.repeat(40)] as const;
const usage = { costMicros: 0, inputTokens: 0, outputTokens: 0 };
const over = { state: 'ended', endReason: 'done', away: null, startedAt: 1, endedAt: 2, failure: null };
const by = { beadId: 'gt-1', rigId: 'rig-1a2b3c4d', agentId: 'ag-1', branch: 'gt/toast/1' };
const commits = [Commit.parse({ sha: WORK, subject: 'Add a greeting', author: 'Ada', at: 1 })];
const run = { ...by, ...over, id: 'run-1', attempt: 1, generation: 1, model: null, effort: null, usage, commits } as unknown as RunRow;
const into = { targetBranch: 'main', headCommit: WORK, baseCommit: null, mergeCommit: LANDED };
const tested = { id: 'mr-1a2b3c4d', runId: 'run-1', runnerId: null, position: null, builds: 1, gates: [], failure: null };
const merge = (landedAt: number | null) =>
  ({
    ...by,
    ...into,
    ...tested,
    phase: landedAt === null ? 'landing' : 'landed',
    landedAt,
    createdAt: 1,
    updatedAt: 1,
  }) as unknown as MergeRow;

function shown(gitUrl: string, landedAt: number | null): { work: string; merge: string } {
  const connection = new TownConnection('t');
  const bead = aBead({ id: 'gt-1', rigId: 'rig-1a2b3c4d', mergeId: 'mr-1a2b3c4d' });
  const rig = { id: 'rig-1a2b3c4d', name: 'web', gitUrl } as RigRow;
  connection.replica.apply({
    t: 'snapshot',
    rev: 1,
    epoch: 'e',
    put: { beads: [bead], rigs: [rig], runs: [run], merges: [merge(landedAt)] },
    leftOut: { closed: false, archived: false },
  });
  const html = (view: React.ReactNode) =>
    renderToStaticMarkup(
      <RouterContextProvider router={createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })}>
        <TownIdContext value="t">
          <TownContext value={connection}>{view}</TownContext>
        </TownIdContext>
      </RouterContextProvider>,
    );
  return { work: html(<Work bead={bead} />), merge: html(<MergeView id="mr-1a2b3c4d" />) };
}
const links = (html: string): string[] => [...html.matchAll(/href="(https?:[^"]+)"/g)].map(([, href = '']) => href);

describe('the commits of a bead', () => {
  it('have the one that landed before those that it was made of; before it landed there are the latter alone (GT-16)', () => {
    const after = shown('/srv/web.git', 5).work;
    expect(after).toMatch(/fffffff.*Landed on main.*aaaaaaa.*Add a greeting/s);
    const before = shown('/srv/web.git', null).work;
    expect(before).toMatch(/aaaaaaa.*Add a greeting/s);
    expect(before).not.toContain('fffffff');
  });

  it('lead to the forge where it is known, and nowhere else (GT-10, GT-15)', () => {
    const gitlab = 'https://gitlab.example.org/acme/web/-';
    expect(links(shown('git@gitlab.example.org:acme/web.git', 5).work)).toEqual([`${gitlab}/commit/${LANDED}`, `${gitlab}/commit/${WORK}`]);
    expect(links(shown('https://github.com/acme/web', 5).work)[0]).toBe(`https://github.com/acme/web/commit/${LANDED}`);
    const elsewhere = shown('https://code.example/acme/web', 5);
    expect(links(elsewhere.work + elsewhere.merge)).toEqual([]);
  });
});

it('a merge leads to what the forge has of it: its work branch until it landed, its result from then on (GT-15)', () => {
  const page = 'https://gitlab.com/acme/web/-';
  const at = (landedAt: number | null) => links(shown('https://gitlab.com/acme/web.git', landedAt).merge);
  expect(at(null)).toEqual([`${page}/tree/gt/toast/1`, `${page}/tree/main`, `${page}/commit/${WORK}`]);
  expect(at(5)).toEqual([`${page}/tree/main`, `${page}/commit/${WORK}`, `${page}/commit/${LANDED}`]);
});
