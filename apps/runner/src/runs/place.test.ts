import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Generation, RunId } from '@gastown/protocol';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { agentGit, context, gitSurroundings, MAYOR, RUN, runStart, tempFolder } from '../testing/fixtures.ts';
import { clearLeftovers, clearWorktree, makePlace, pushRescued } from './place.ts';

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

test('what a runner that died left is kept by the next, from the note beside it: commits and the rest; the next run of the bead is told', async () => {
  const { around, state, path, place, first } = await worktree();
  expect(first.rescued).toBe(null);
  writeFileSync(join(path, 'done.txt'), 'done');
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', 'half of it');
  writeFileSync(join(path, 'half.txt'), 'half');
  const [rescued] = await clearLeftovers(around);
  expect(rescued).toMatchObject({ runId: RUN });
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
  await pushRescued(around, rescued!);
  const next = await place({ runId: RunId.parse('run-000000000002'), generation: Generation.parse(2) });
  expect(next).toMatchObject({ continued: true, rescued: { ref: `refs/gastown/rescue/${RUN}`, commit: rescued!.commit } });
  expect(agentGit(next.cwd, 'log', '-1', '--format=%s')).toBe('half of it');
});

test('a worktree without a note is put aside whole: nobody knows whose it is', async () => {
  const { around, state, path, said } = await worktree();
  rmSync(`${path}.json`);
  await clearLeftovers(around);
  expect(readdirSync(join(state, 'rescued'))).toHaveLength(1);
  expect(said).toEqual(['run.put_aside']);
});

test('the desk of the Mayor stays for its cell, and is made anew for another', async () => {
  const { around } = await worktree();
  const mayor = runStart(null, { agentId: MAYOR, context: context({ rig: null, bead: null, branch: null }) });
  const desk = async (pool: string): Promise<string> => {
    const made = await makePlace(around, mayor, pool);
    if (!made.ok) throw new Error(made.failure.message);
    return made.value.cwd;
  };
  writeFileSync(join(await desk('kilo-mayor'), '.git', 'note'), 'x');
  expect(existsSync(join(await desk('kilo-mayor'), '.git', 'note'))).toBe(true);
  expect(existsSync(join(await desk('kilo-other'), '.git', 'note'))).toBe(around.cells.isolation === 'none');
});
