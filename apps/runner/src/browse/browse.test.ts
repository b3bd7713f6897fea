import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { failure, LIMITS, refuse } from '@gastown/protocol';
import type { Json, Result, ToolAnswer } from '@gastown/protocol';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { NOTHING_OUTSIDE } from '../git/outside.ts';
import type { Link } from '../link/link.ts';
import { gitSurroundings, person, RIG, runStart, tempFolder } from '../testing/fixtures.ts';
import { answerCall, makeCaller } from '../runs/calls.ts';
import { browseRig } from './browse.ts';

const LINES = Array.from({ length: 30_000 }, (_, at) => `line ${at + 1}`);

/** A rig whose repository was never met here, with everything in it that is not plain text. */
async function rig(empty = false) {
  const state = tempFolder();
  const forge = join(state, 'forge.git');
  const bare = await createBareRepo(forge);
  if (!empty) await seedRepo(bare, [{ path: 'src/a.ts', content: 'export const a = 1;\n' }], 'first');
  const work = join(state, 'person');
  const put = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), content);
  };
  const publish = (branch = 'main'): string => {
    person(work, 'add', '-A');
    person(work, 'commit', '-qm', 'more');
    person(work, 'push', '-q', 'origin', `HEAD:${branch}`);
    return person(work, 'rev-parse', 'HEAD');
  };
  if (!empty) person(state, 'clone', '-q', forge, work);
  const around = { ...(await gitSurroundings(state)), locks: makeKeyedLock() };
  const allowed = {
    summary: 'The rig web.',
    data: { rig_id: RIG, name: 'web', git_url: forge, default_branch: 'main', empty },
    links: [{ kind: 'rig' as const, id: RIG as string }],
  };
  const browse = async (args: Record<string, Json> = {}) => {
    const answer = await browseRig(around, allowed, args);
    return answer.ok ? { summary: answer.value.summary, data: answer.value.data } : answer.failure;
  };
  return { state, forge, work, put, publish, around, browse };
}

test('a folder is told with names, kinds and sizes, folders first, and a file with its text; the mirror is cloned when it is missing (MY-9)', async () => {
  const { work, put, publish, browse } = await rig();
  put('README.md', '# Web\n');
  put('run.sh', '#!/bin/sh\n');
  execFileSync('chmod', ['+x', join(work, 'run.sh')]);
  const head = publish();
  expect(await browse()).toEqual({
    summary: `web at main (${head.slice(0, 12)}), The top folder: 1 folder, 2 files.`,
    data: 'folder src/\nfile README.md (6 bytes)\nprogram run.sh (10 bytes)',
  });
  expect(await browse({ path: './src/' })).toMatchObject({ data: 'file a.ts (20 bytes)' });
  expect(await browse({ path: 'src/a.ts' })).toMatchObject({
    summary: expect.stringContaining('src/a.ts: 20 bytes, 1 line.') as string,
    data: 'export const a = 1;',
  });
});

test('a link is told as what it is and not followed, nor is what is not text shown; nothing outside the repository can be named (MY-9)', async () => {
  const { work, put, publish, browse } = await rig();
  symlinkSync('/etc', join(work, 'out'));
  put('logo.png', Buffer.from([137, 80, 78, 71, 0, 1, 2]));
  put('*.ts', 'a star\n');
  publish();
  expect(await browse({ path: 'out' })).toMatchObject({
    summary: expect.stringContaining('is a link to "/etc"; it is not followed') as string,
    data: null,
  });
  expect(await browse({ path: 'out/passwd' })).toMatchObject({ code: 'unknown_path' });
  expect(await browse({ path: 'logo.png' })).toMatchObject({
    summary: expect.stringContaining('is not text: 7 bytes') as string,
    data: null,
  });
  expect(await browse({ path: '*.ts' })).toMatchObject({ data: 'a star' });
  expect(await browse({ path: ':(top)src' })).toMatchObject({ code: 'unknown_path' });
  expect(await browse({ path: 'src/../../../etc/passwd' })).toMatchObject({ code: 'invalid_input', details: { field: 'path' } });
  expect(await browse({ path: '/etc/passwd' })).toMatchObject({ code: 'unknown_path' });
  for (const ref of ['--all', 'main^{tree}', '../../HEAD', 'HEAD:src', 'nowhere'])
    expect(await browse({ ref })).toMatchObject({ code: 'unknown_path' });
});

test('a long file comes in parts of whole lines, a long folder with the count of what is left out', async () => {
  const { put, publish, browse } = await rig();
  put('long.txt', `${LINES.join('\n')}\n`);
  put('wide.txt', `${'x'.repeat(100_000)}\ny\n`);
  for (let at = 0; at < LIMITS.browseEntries.value + 7; at++) put(`many/${at}.txt`, '');
  publish();
  const read: string[] = [];
  for (let from = 1; from <= LINES.length;) {
    const part = await browse({ path: 'long.txt', from_line: from });
    if (!('data' in part) || typeof part.data !== 'string') throw new Error(JSON.stringify(part));
    expect(part.data.length).toBeLessThanOrEqual(LIMITS.browseCharacters.value);
    read.push(...part.data.split('\n'));
    const next = /from_line (\d+) goes on/.exec(part.summary)?.[1];
    from = next === undefined ? LINES.length + 1 : Number(next);
  }
  expect(read).toEqual(LINES);
  expect(await browse({ path: 'long.txt', from_line: LINES.length + 1 })).toMatchObject({ code: 'invalid_input' });
  const wide = await browse({ path: 'wide.txt' });
  expect(wide).toMatchObject({
    summary: expect.stringContaining('line 1 of 2, which is longer') as string,
    data: 'x'.repeat(LIMITS.browseCharacters.value),
  });
  expect(await browse({ path: 'wide.txt', from_line: 2 })).toMatchObject({ data: 'y' });
  expect(await browse({ path: 'many' })).toMatchObject({ summary: expect.stringContaining('7 are left out here') as string });
});

test('it is fetched when it is not fresh; a repository that does not answer is said, and what is here is told (MY-9)', async () => {
  const { forge, put, publish, browse, around } = await rig();
  const first = publishFirst();
  expect(await browse({ path: 'new.txt' })).toMatchObject({ code: 'unknown_path' });
  put('new.txt', 'new\n');
  publish();
  // Fresh enough: nothing is asked of the repository.
  expect(await browse({ path: 'new.txt' })).toMatchObject({ code: 'unknown_path' });
  const mirror = await around.mirrors.open(RIG, forge);
  if (!mirror.ok) throw new Error(mirror.failure.message);
  expect(await around.mirrors.freshen(mirror.value, 0)).toMatchObject({ ok: true });
  expect(await browse({ path: 'new.txt' })).toMatchObject({ data: 'new' });
  expect(await browse({ path: 'new.txt', ref: first })).toMatchObject({ code: 'unknown_path' });
  // Another runner, and the repository is gone.
  renameSync(forge, `${forge}.gone`);
  const stranger = { ...around, mirrors: { ...around.mirrors, freshen: around.mirrors.fetch } };
  const allowed = { summary: '', data: { rig_id: RIG, name: 'web', git_url: forge, default_branch: 'main', empty: false }, links: [] };
  const answer = await browseRig(stranger, allowed, { path: 'new.txt' });
  expect(answer).toMatchObject({ ok: true, value: { summary: expect.stringContaining('It may be out of date') as string, data: 'new' } });
  rmSync(mirror.value.path, { recursive: true });
  expect(await browseRig(stranger, allowed, {})).toMatchObject({ ok: false, failure: { code: 'repository_not_found' } });

  function publishFirst(): string {
    put('old.txt', 'old\n');
    return publish();
  }
});

test('an empty repository is said to be one', async () => {
  const { browse } = await rig(true);
  expect(await browse()).toEqual({ summary: 'The repository of web is empty.', data: null });
});

test('the town says first whether the caller may look, and where: its refusal is the answer, and nothing is read then (MY-11)', async () => {
  const { state, around, forge } = await rig();
  const asked: unknown[] = [];
  let says: Result<ToolAnswer> = refuse(failure('unknown_rig'));
  const link = () => ({ call: (call: unknown) => (asked.push(call), Promise.resolve(says)) }) as unknown as Link;
  const caller = makeCaller({
    effect: runStart(null),
    place: { cwd: state, work: null, continued: false, rescued: null, outside: NOTHING_OUTSIDE },
    saver: null,
    noteHandIn: () => Promise.resolve(),
  });
  const call = { tool: 'rig_browse' as const, args: { rig_id: 'web', path: 'src/a.ts' } };
  expect(await answerCall({ ...around, link }, caller, call)).toEqual(says);
  expect(existsSync(join(state, 'rigs', RIG))).toBe(false);
  says = {
    ok: true,
    value: { summary: '', data: { rig_id: RIG, name: 'web', git_url: forge, default_branch: 'main', empty: false }, links: [] },
  };
  expect(await answerCall({ ...around, link }, caller, call)).toMatchObject({ ok: true, value: { data: 'export const a = 1;' } });
  expect(asked).toEqual([expect.objectContaining(call), expect.objectContaining(call)]);
});
