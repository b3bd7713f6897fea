import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../testing/fixtures.ts';
import { removeUnusedPools } from './unused.ts';

const DAY = 86_400_000;

test('at the start of a runner the folders of pools that nobody used for a month go, and no others; nor one that a worktree left behind belongs to', async () => {
  const state = tempFolder();
  const now = 1_800_000_000_000;
  const pool = (name: string, daysAgo: number): void => {
    for (const folder of [`agents/${name}/home`, `agents/${name}/data`, `agents/${name}.settings/kilo`, `setup/${name}`])
      mkdirSync(join(state, folder), { recursive: true });
    const file = join(state, 'agents', name, 'home', '.gitconfig');
    writeFileSync(file, '');
    utimesSync(file, new Date(now), new Date(now - daysAgo * DAY));
  };
  pool('kilo-old', 31);
  pool('kilo-new', 29);
  pool('kilo-left', 31);
  mkdirSync(join(state, 'worktrees'));
  writeFileSync(join(state, 'worktrees', 'run-1.json'), '{"branch":"gt/x","pool":"kilo-left"}');
  mkdirSync(join(state, 'agents', 'half-made'));
  await removeUnusedPools(state, now, () => undefined);
  expect(readdirSync(join(state, 'agents')).toSorted()).toEqual([
    'half-made',
    'kilo-left',
    'kilo-left.settings',
    'kilo-new',
    'kilo-new.settings',
  ]);
  expect(readdirSync(join(state, 'setup')).toSorted()).toEqual(['kilo-left', 'kilo-new']);
});
