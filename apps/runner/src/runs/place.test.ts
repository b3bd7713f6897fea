import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { agentGit, gitSurroundings, RUN, runStart, tempFolder } from '../testing/fixtures.ts';
import { clearLeftovers, clearWorktree, makePlace } from './place.ts';

async function worktree() {
  const state = tempFolder();
  const forge = join(state, 'forge.git');
  await seedRepo(await createBareRepo(forge), [{ path: 'a.txt', content: 'a\n' }], 'first');
  const surroundings = await gitSurroundings(state);
  const said: string[] = [];
  const around = { ...surroundings, state, locks: makeKeyedLock(), log: (event: string) => void said.push(event) };
  const place = async (changes: Parameters<typeof runStart>[1] = {}) => {
    const made = await makePlace(around, runStart(forge, changes), 'kilo-test');
    if (!made.ok) throw new Error(made.failure.message);
    return made.value;
  };
  return { around, state, forge, path: join(state, 'worktrees', RUN), place, first: await place(), said };
}

test('work that git cannot take whole is put aside as files, never deleted', async () => {
  const { around, state, path, said } = await worktree();
  writeFileSync(join(path, 'precious.txt'), 'hours of work\n');
  agentGit(path, 'init', '-q', 'nested');
  await clearWorktree(around, RUN);
  const [aside] = readdirSync(join(state, 'rescued'));
  expect(readFileSync(join(state, 'rescued', aside!, 'precious.txt'), 'utf8')).toBe('hours of work\n');
  expect(existsSync(path)).toBe(false);
  expect(said).toEqual(['run.put_aside']);
});

test('a worktree with nothing to keep is removed; again does nothing', async () => {
  const { around, state, path, said } = await worktree();
  await clearLeftovers(around);
  await clearLeftovers(around);
  expect(existsSync(path)).toBe(false);
  expect(existsSync(join(state, 'rescued'))).toBe(false);
  expect(said).toEqual([]);
});
