import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createErrandRepo } from './errands.ts';
import { brokenPromises } from './verdict.ts';
import type { World } from './world.ts';

interface Landing {
  readonly line: string;
  readonly merge: string;
}
const GOOD: readonly Landing[] = [
  { line: 'errand 1', merge: 'mr-1' },
  { line: 'errand 2', merge: 'mr-2' },
];

/** A repository with these landings on main, and a town that tells of two beads, closed with the first two of them. */
async function told(landings: readonly Landing[], town: { status?: string; beads?: number; audit?: number } = {}): Promise<string[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'verdict-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bare = path.join(folder, 'alpha.git');
  const tree = path.join(folder, 'tree');
  await createErrandRepo(bare);
  const git = (...args: string[]): string => execFileSync('git', ['-C', tree, ...args], { encoding: 'utf8' }).trim();
  execFileSync('git', ['clone', '-q', bare, tree]);
  git('config', 'user.name', 'somebody');
  git('config', 'user.email', 'somebody@example.invalid');
  mkdirSync(path.join(tree, 'errands'));
  const commits = landings.map(({ line, merge }, at) => {
    writeFileSync(path.join(tree, 'errands', `${at}.txt`), `${line}\n`);
    git('add', '-A');
    git('commit', '-qm', `Land\n\nMerge-Request: ${merge}`);
    return git('rev-parse', 'HEAD');
  });
  git('push', '-q', 'origin', 'HEAD:main');
  const ids = ['gt-1', 'gt-2'];
  const rows = new Map(
    ids.map((id, at) => [
      id,
      { id, title: id, rigId: 'rig-1', status: at === 1 ? (town.status ?? 'closed') : 'closed', landedCommit: commits[at] ?? null },
    ]),
  );
  const world = {
    beads: ids,
    rigs: new Map([['alpha', 'rig-1']]),
    town: 'town',
    replica: { get: (_table: string, id: string) => (ids.indexOf(id) < (town.beads ?? 2) ? rows.get(id) : undefined) },
    house: { bare: () => bare, gastown: async () => ({ code: town.audit ?? 0, said: 'something is wrong' }) },
  };
  return brokenPromises(world as unknown as World);
}

test('a town that kept its promises is told so', async () => {
  expect(await told(GOOD)).toEqual([]);
});

test.each<[string, Parameters<typeof told>, RegExp]>([
  ['a bead that is gone', [GOOD, { beads: 1 }], /1 accepted beads are not there any more \(I1\)/],
  ['a bead that is open', [GOOD, { status: 'open' }], /“gt-2” is open/],
  ['a merge that landed twice', [[...GOOD, { line: 'errand 2', merge: 'mr-2' }], {}], /landed twice \(I4\)/],
  ['a commit that no bead made', [[...GOOD, { line: 'errand 3', merge: 'mr-3' }], {}], /2 errands, 3 commits on main \(I4\)/],
  ['a bead that never landed', [GOOD.slice(0, 1), {}], /“gt-2” is on main 0 times/],
  ['a red commit', [[GOOD[0]!, { line: 'a wrong 2', merge: 'mr-2' }], {}], /main is red at [0-9a-f]{40} \(I5\)/],
  ['an audit that finds something', [GOOD, { audit: 1 }], /the doctor: something is wrong/],
])('%s is found', async (_what, wish, line) => {
  expect((await told(...wish)).join('\n')).toMatch(line);
});
