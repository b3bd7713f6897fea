import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failure, Generation, RunId } from '@gastown/protocol';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import type { Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import { deleteWorkBranch, dropRescues, pushWorkBranch } from '../git/push.ts';
import { takeWork } from '../git/take.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { agentGit, BRANCH, context, gitSurroundings, MAYOR, person, RIG, RUN, runStart, tempFolder } from '../testing/fixtures.ts';
import { performInRepository } from '../repository-effects.ts';
import { until } from '../testing/until.ts';
import { gatesOf } from '../testing/worktree-rig.ts';
import { findLeftovers } from './leftovers.ts';
import { clearWorktree, makePlace, noteHandIn, pushLeft } from './place.ts';

const OTHER = RunId.parse('run-000000000002');

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

const clearLeftovers = async (around: Parameters<typeof findLeftovers>[0]) => (await findLeftovers(around)).cleared;

test('work that git cannot take whole is put aside as files, never deleted', async () => {
  const { around, state, path, said } = await worktree();
  writeFileSync(join(path, 'precious.txt'), 'hours of work\n');
  agentGit(path, 'init', '-q', 'nested');
  await clearWorktree(around, RUN);
  const [aside] = readdirSync(join(state, 'rescued'));
  expect(readFileSync(join(state, 'rescued', aside!, 'precious.txt'), 'utf8')).toBe('hours of work\n');
  expect(existsSync(path)).toBe(false);
  expect(said).toEqual(['run.put_aside']);
  expect(JSON.parse(readFileSync(join(state, 'rescued-notes', `${aside}.json`), 'utf8'))).toEqual({
    rigId: RIG,
    branch: BRANCH,
    landedAt: null,
  });
});

test('a worktree whose git does not come to an end is put aside in time, whatever an agent planted', async () => {
  const { around, state, path, said } = await worktree();
  writeFileSync(join(path, 'precious.txt'), 'hours of work\n');
  const stuck = { ...around, gitOf: () => () => new Promise<never>(() => undefined) };
  expect(await clearWorktree(stuck, RUN, 50)).toBe(null);
  const [aside] = readdirSync(join(state, 'rescued'));
  expect(readFileSync(join(state, 'rescued', aside!, 'precious.txt'), 'utf8')).toBe('hours of work\n');
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
  expect(said).toEqual(['run.put_aside']);
});

test('a landing and a look do not wait for a worktree of their rig that takes long; the next worktree does (I3, RC-35)', async () => {
  const { around, forge, path } = await worktree();
  await clearWorktree(around, RUN);
  let fill: () => void = () => undefined;
  const filled = new Promise<void>((resolve) => (fill = resolve));
  const gitOf: typeof around.gitOf =
    (cell) =>
    async (call, ...args) => {
      if (args[0] === 'reset') await filled;
      return around.gitOf(cell)(call, ...args);
    };
  let made = 0;
  const places = [RUN, OTHER].map((runId) =>
    makePlace({ ...around, gitOf }, runStart(forge, { runId }), 'kilo-test').then((one) => ((made += 1), one)),
  );
  await until('it is being filled', () => existsSync(path));
  const repositories = { ...gatesOf(around, 1_000), retireBranch: () => Promise.resolve() };
  const looked = await performInRepository(repositories, { kind: 'rig.connect', rigId: RIG, gitUrl: forge });
  expect(looked).toMatchObject({ state: 'succeeded', value: { kind: 'rig', defaultBranch: 'main' } });
  expect([made, existsSync(join(path, '..', OTHER))]).toEqual([0, false]);
  fill();
  expect(await Promise.all(places)).toMatchObject([{ ok: true }, { ok: true }]);
}, 20_000);

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
  const rescued = await clearWorktree(around, RUN);
  expect(rescued).toMatchObject({ runId: RUN });
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
  await pushLeft(around, rescued!);
  const next = await place({ runId: OTHER, generation: Generation.parse(2) });
  expect(next).toMatchObject({ continued: true, rescued: { ref: `refs/gastown/rescue/${RUN}`, commit: rescued!.rescued } });
  expect(agentGit(next.cwd, 'log', '-1', '--format=%s')).toBe('half of it');
});

describe('where the branch to land on is gone', () => {
  const NEXT = { runId: OTHER, generation: Generation.parse(2) };
  const made = async (gone: string[], empty = false) => {
    const one = await worktree();
    const head = commit(one.path, 'b');
    const left = await clearWorktree(one.around, RUN);
    await pushLeft(one.around, left!);
    person(one.forge, ...gone);
    const rig = { ...context().rig!, empty };
    const result = await makePlace(one.around, runStart(one.forge, { ...NEXT, context: context({ rig }) }), 'kilo-test');
    return { ...one, head, result };
  };
  const RENAMED = ['branch', '-m', 'main', 'trunk'];
  const DELETED = ['update-ref', '-d', 'refs/heads/main'];

  test.each([
    ['renamed', RENAMED, 'trunk is there'],
    ['deleted, with all that the repository had', DELETED, 'it had commits, and has no branch now'],
  ])('%s: no agent starts, as its hand-in would be refused, and what was made before stays (I1, I4, AG-19)', async (_name, gone, said) => {
    const { result, head, state, forge } = await made(gone);
    expect(result).toEqual({
      ok: false,
      failure: failure('target_missing', `main, the branch to land on, is not in the repository any more; ${said}.`, { target: 'main' }),
    });
    expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
    expect(atForge(forge)).toBe(head);
  });

  test('it begins in a repository that never had a commit, as the town knows (AG-19)', async () => {
    expect(await made(DELETED, true)).toMatchObject({ result: { ok: true, value: { continued: true } } });
  });
});

/** Commits in the worktree and gives what. */
function commit(path: string, name: string): string {
  writeFileSync(join(path, name), name);
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', `Add ${name}`);
  return agentGit(path, 'rev-parse', 'HEAD');
}
const atForge = (forge: string): string => person(forge, 'for-each-ref', '--format=%(objectname)', 'refs/heads/gt');

test('what a runner that died had committed and not pushed is in the repository after the next start (architecture §4)', async () => {
  const { around, forge, path } = await worktree();
  const head = commit(path, 'b');
  const left = await clearWorktree(around, RUN);
  await pushLeft(around, left!);
  expect(atForge(forge)).toBe(head);
});

test('what a runner that died left is in the repository also where its target was renamed meanwhile (architecture §4)', async () => {
  const { around, forge, path, first } = await worktree();
  const head = commit(path, 'b');
  person(forge, 'branch', '-m', 'main', 'trunk');
  await around.mirrors.fetch(first.work!.mirror);
  const left = await clearWorktree(around, RUN);
  await pushLeft(around, left!);
  expect(atForge(forge)).toBe(head);
});

test('of what a runner that died left, commits and the rest are in the repository also where files in Git LFS cannot be looked for', async () => {
  const { around, forge, path, said } = await worktree();
  writeFileSync(join(path, '.gitattributes'), '*.png filter=lfs\n');
  const head = commit(path, 'b');
  writeFileSync(join(path, 'half.txt'), 'half');
  const left = await clearWorktree(around, RUN);
  const failing: Git = (call, ...args) =>
    args[1] === '--objects' ? Promise.reject(new Error('too many open files')) : around.git(call, ...args);
  await pushLeft({ ...around, git: failing }, left!);
  expect(atForge(forge)).toBe(head);
  expect(person(forge, 'show', `refs/gastown/rescue/${RUN}:half.txt`)).toBe('half');
  expect(said).toEqual(['run.rescued', 'run.save_failed', 'run.saved', 'run.rescue_not_pushed']);
});

test('of what a runner that died left, commits for a branch that somebody went on with go beside it', async () => {
  const { around, forge, path } = await worktree();
  const mine = commit(path, 'b');
  const theirs = person(forge, 'commit-tree', '-m', 'from elsewhere', 'main^{tree}');
  person(forge, 'update-ref', `refs/heads/${BRANCH}`, theirs);
  const left = await clearWorktree(around, RUN);
  await pushLeft(around, left!);
  expect(atForge(forge)).toBe(theirs);
  expect(person(forge, 'rev-parse', `refs/gastown/rescue/${RUN}^`)).toBe(mine);
});

test.each(['it was handed in', 'its branch was deleted'])(
  'of what a runner that died left nothing is pushed where %s (BR-6)',
  async (why) => {
    const { around, forge, path, first } = await worktree();
    commit(path, 'b');
    if (why === 'it was handed in') await noteHandIn(around, RUN);
    else person(first.work!.mirror.path, 'update-ref', '-d', `refs/heads/${BRANCH}`);
    const left = await clearWorktree(around, RUN);
    await pushLeft(around, left!);
    expect(atForge(forge)).toBe('');
  },
);

test.each([
  ['landed', true],
  ['is not landed yet', false],
])('what lies beside handed-in work that %s: forgotten when that is landed, kept else (BR-6, DR-9)', async (_, landed) => {
  const { around, forge, path, first } = await worktree();
  const { mirror } = first.work!;
  const head = commit(path, 'b') as Sha;
  writeFileSync(join(path, 'half.txt'), 'half');
  await takeWork(around.git, mirror, first.work!.worktree);
  expect(await pushWorkBranch(around.git, around.remotes, mirror, { branch: BRANCH, head, expected: null })).toMatchObject({ ok: true });
  await noteHandIn(around, RUN);
  if (landed) {
    await deleteWorkBranch(around.git, around.remotes, mirror, BRANCH, head);
    await dropRescues(around.git, around.remotes, mirror, BRANCH);
  }
  const left = await clearWorktree(around, RUN);
  if (left !== null) await pushLeft(around, left);
  expect(person(forge, 'for-each-ref', '--format=%(refname)', 'refs/gastown')).toBe(landed ? '' : `refs/gastown/rescue/${RUN}`);
});

test('a worktree that was made in part, and one that was removed in part, hold nothing to keep', async () => {
  const { around, state, path } = await worktree();
  const note = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as object;
  writeFileSync(`${path}.json`, JSON.stringify({ ...note, begun: false }));
  rmSync(join(path, 'a.txt'));
  mkdirSync(join(state, 'worktrees', `.removing-${RUN}-x`, '.git'), { recursive: true });
  await clearLeftovers(around);
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
  expect(person(join(state, 'rigs', RIG, 'mirror.git'), 'for-each-ref', 'refs/gastown/rescue')).toBe('');
});

test('a note is replaced by a whole one: what is read of it is never half of it (DR-9)', async () => {
  const { around, path, state } = await worktree();
  const before = readFileSync(`${path}.json`, 'utf8');
  linkSync(`${path}.json`, join(state, 'before.json'));
  await noteHandIn(around, RUN);
  expect(readFileSync(join(state, 'before.json'), 'utf8')).toBe(before);
  expect(JSON.parse(readFileSync(`${path}.json`, 'utf8'))).toMatchObject({ handedIn: true, begun: true });
  expect(readdirSync(join(state, 'worktrees')).toSorted()).toEqual([RUN, `${RUN}.json`]);
});

test('a worktree without a note is put aside whole: nobody knows whose it is', async () => {
  const { around, state, path, said } = await worktree();
  rmSync(`${path}.json`);
  await clearLeftovers(around);
  expect(readdirSync(join(state, 'rescued'))).toHaveLength(1);
  expect(said).toEqual(['run.put_aside']);
});

test.each(['its note', 'the worktree itself'])(
  'a worktree is left as it is while %s cannot be looked at, and kept as soon as it can (DR-9)',
  async (what) => {
    const { around, state, path, said } = await worktree();
    const head = commit(path, 'b');
    const [hidden, away] = [what === 'its note' ? `${path}.json` : path, join(state, 'away')];
    renameSync(hidden, away);
    symlinkSync(hidden, hidden);
    await clearLeftovers(around);
    expect(new Set(said)).toEqual(new Set(['run.not_cleared']));
    expect(readdirSync(join(state, 'worktrees')).toSorted()).toEqual([RUN, `${RUN}.json`]);
    rmSync(hidden);
    renameSync(away, hidden);
    expect(await clearWorktree(around, RUN)).toMatchObject({ head });
    expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
    expect(existsSync(join(state, 'rescued'))).toBe(false);
  },
);

test('a worktree that could not be prepared leaves nothing behind', async () => {
  const { around, state, forge } = await worktree();
  const runId = RunId.parse('run-000000000002');
  // The files do not get there: git of the cell does not run.
  const broken = {
    ...around,
    gitOf: () => () => Promise.resolve({ ok: false, exitCode: 1, timedOut: false, out: '', error: 'no space left on device' }),
  };
  expect(await makePlace(broken, runStart(forge, { runId }), 'kilo-test')).toMatchObject({ ok: false, failure: { code: 'disk_full' } });
  expect(readdirSync(join(state, 'worktrees')).toSorted()).toEqual([RUN, `${RUN}.json`]);
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
