import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RunId, Sha } from '@gastown/protocol';
import type { RigBrief } from '@gastown/protocol';
import { createBareRepo, seedRepo, startGitServer } from '@gastown/rehearsal';
import { makeCheckouts } from '../browse/checkouts.ts';
import type { Git } from '../git/git.ts';
import { outsideText } from '../git/outside.ts';
import { rescueRef } from '../git/refs.ts';
import { takeWork } from '../git/take.ts';
import { clearWorktree, makePlace, pushRescued } from '../runs/place.ts';
import { makeSaver } from '../runs/save.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { agentGit, asAgent, BRANCH, context, MAYOR, person, RIG, RUN, runStart, tempFolder } from '../testing/fixtures.ts';
import { claimed, objectAt, OLD, pointerTo, rigOf } from '../testing/lfs-rig.ts';
import { lfsFilesOf, newPointers } from './files.ts';
import { handInLfs } from './hand-in.ts';
import { askFor, download, lfsServerOf } from './server.ts';

interface Wish {
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Objects that the forge has. */
  readonly objects?: readonly Buffer[];
  readonly push?: boolean;
  readonly lfs?: boolean;
}
const TOKEN = 'rig-token-1';

/** A forge with a repository that keeps its pictures in Git LFS, a rig of it, and a run's worktree. */
async function lfsRig({ files = {}, objects = [OLD], push = true, lfs = true }: Wish = {}) {
  const folder = tempFolder();
  const bare = await createBareRepo(join(folder, 'forge', 'acme', 'web.git'));
  const seeded = { 'assets/.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n', 'assets/old.png': pointerTo(OLD), ...files };
  await seedRepo(
    bare,
    Object.entries(seeded).map(([path, content]) => ({ path, content })),
    'first',
  );
  for (const object of objects) {
    mkdirSync(dirname(objectAt(bare, object)), { recursive: true });
    writeFileSync(objectAt(bare, object), object);
  }
  const forge = await startGitServer({ root: join(folder, 'forge'), tokens: { [TOKEN]: { user: 'ada', push } }, lfs });
  onTestFinished(() => forge.close());
  const rig = await rigOf(folder, forge.repoUrl('acme/web'), TOKEN);
  return { ...rig, bare, forge, isThere: (content: Buffer | string): boolean => existsSync(objectAt(bare, content)) };
}

const NEW = Buffer.concat([Buffer.from('new\r\n\0'), randomBytes(70_000)]);
const hasUsers = process.getuid?.() === 0 && process.env['GASTOWN_TEST_ISOLATION'] !== 'none';

test('a worktree has the content of files in Git LFS, git sees nothing changed, and the next one asks the server for nothing (P16)', async () => {
  const { outside, read, worktree, forge, prepare, mirror } = await lfsRig();
  expect(outsideText(outside)).toBe(null);
  expect(read('assets/old.png').equals(OLD)).toBe(true);
  // A file that looks touched is compared by its content.
  asAgent(worktree.path, 'touch -d 2001-01-01 assets/old.png');
  expect(agentGit(worktree.path, 'status', '--porcelain')).toBe('');
  const asked = forge.requests().filter(({ path }) => path.includes('lfs')).length;
  expect(asked).toBeGreaterThan(0);
  const next = await prepare(RunId.parse('run-000000000002'));
  expect(readFileSync(join(next.worktree.path, 'assets/old.png')).equals(OLD)).toBe(true);
  expect(forge.requests().filter(({ path }) => path.includes('lfs'))).toHaveLength(asked);
  expect(existsSync(objectAt(mirror.path, OLD))).toBe(true);
});

test('what an agent adds and changes goes to the server before its branch, is tested with its content, and lands', async () => {
  const { write, commit, done, forge, merge, land, isThere, bare, worktree } = await lfsRig();
  write('assets/new.png', NEW);
  write('assets/empty.png', '');
  commit();
  expect(agentGit(worktree.path, 'show', 'HEAD:assets/new.png')).toBe(pointerTo(NEW).trim());
  expect(isThere(NEW)).toBe(false);
  expect(await done()).toMatchObject({ ok: true, value: { ahead: 1 } });
  expect(isThere(NEW)).toBe(true);
  const order = forge.requests().map(({ method, path }) => (method === 'PUT' ? 'object' : path.endsWith('receive-pack') ? 'push' : ''));
  expect(order.filter((each) => each !== '').slice(0, 2)).toEqual(['object', 'push']);
  const size = `test "$(wc -c < assets/new.png)" = ${NEW.length} && test "$(wc -c < assets/old.png)" = ${OLD.length}`;
  const tested = await merge([size, 'git status --porcelain | wc -l | grep -qx 0']);
  expect(tested).toMatchObject({ ok: true, value: { passed: true, gates: [{ output: '' }, { output: '' }] } });
  const value = tested.ok && tested.value.kind === 'tested' ? tested.value : null;
  expect(await land(value!.baseCommit, value!.mergeCommit)).toMatchObject({ ok: true });
  expect(person(bare, 'show', 'main:assets/new.png')).toBe(pointerTo(NEW).trim());
});

test('a pointer whose content nobody has is refused at the hand-in with its name, and so is content that is no pointer', async () => {
  const { write, commit, done, bare, worktree } = await lfsRig();
  write('assets/lost.png', pointerTo('never written'));
  write('readme.png', 'outside of the rule');
  commit();
  expect(await done()).toMatchObject({
    ok: false,
    failure: {
      code: 'not_pushed',
      message: expect.stringContaining('content nobody has: assets/lost.png.') as string,
      details: { files: ['assets/lost.png'] },
    },
  });
  expect(person(bare, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  // The pointer is the same: there is nothing to commit, and the object is in the run's repository now.
  write('assets/lost.png', 'never written');
  agentGit(worktree.path, 'add', '-A');
  expect(await done()).toMatchObject({ ok: true });
  write('assets/whole.png', 'content');
  const filter = agentGit(worktree.path, 'config', 'filter.lfs.process');
  // Files of now git compares by content, and would tell that they are not what a filter makes of them.
  asAgent(worktree.path, 'touch -d 2001-01-01 assets/*.png');
  agentGit(worktree.path, 'update-index', '--refresh');
  agentGit(worktree.path, 'config', 'filter.lfs.process', '');
  agentGit(worktree.path, 'config', 'filter.lfs.required', 'false');
  agentGit(worktree.path, 'add', 'assets/whole.png');
  agentGit(worktree.path, 'commit', '-qm', 'Whole');
  expect(await done()).toMatchObject({ ok: false, failure: { code: 'not_pushed', details: { files: ['assets/whole.png'] } } });
  agentGit(worktree.path, 'config', 'filter.lfs.process', filter);
  agentGit(worktree.path, 'add', '--renormalize', '.');
  agentGit(worktree.path, 'commit', '-qm', 'Pointers');
  expect(await done()).toMatchObject({ ok: true });
});

test('a pointer that lost its object at the server meanwhile does not land, and one that the store has is given again', async () => {
  const { write, commit, done, merge, isThere, bare, mirror } = await lfsRig();
  write('assets/new.png', NEW);
  commit();
  expect(await done()).toMatchObject({ ok: true });
  rmSync(objectAt(bare, NEW));
  expect(await merge(['true'])).toMatchObject({ ok: true, value: { passed: true } });
  expect(isThere(NEW)).toBe(true);
  rmSync(objectAt(bare, NEW));
  rmSync(objectAt(mirror.path, NEW));
  expect(await merge(['true'])).toMatchObject({ ok: false, failure: { code: 'push_refused', details: { files: ['assets/new.png'] } } });
});

test('a server without Git LFS, or one that lets the token only read, is told at the start and at the hand-in', async () => {
  const without = await lfsRig({ lfs: false });
  expect(outsideText(without.outside)).toBe(
    'Files in Git LFS are not fetched: "assets/old.png" (the server of the repository has no Git LFS (it answered 404)). They are pointers of a few lines here; leave them as they are.',
  );
  expect(without.read('assets/old.png').toString()).toBe(pointerTo(OLD));
  expect(agentGit(without.worktree.path, 'status', '--porcelain')).toBe('');
  without.write('assets/new.png', NEW);
  without.commit();
  expect(await without.done()).toMatchObject({
    ok: false,
    failure: { code: 'not_pushed', message: expect.stringContaining('has no Git LFS') as string, details: { files: ['assets/new.png'] } },
  });
  // Other work of such a repository is handed in as ever, and its gates are told what is not there.
  agentGit(without.worktree.path, 'rm', '-q', '--cached', 'assets/new.png');
  asAgent(without.worktree.path, 'rm assets/new.png');
  without.write('a.txt', 'a');
  without.commit();
  const reading = await lfsRig({ push: false });
  reading.write('assets/new.png', NEW);
  reading.commit();
  expect(await reading.done()).toMatchObject({
    ok: false,
    failure: { code: 'not_pushed', message: expect.stringContaining('does not let') as string },
  });
  expect(await without.done()).toMatchObject({ ok: true });
  expect(await without.merge(['true', 'grep -q nothing assets/old.png'])).toMatchObject({
    ok: true,
    value: {
      passed: false,
      gates: [{ exitCode: 0, output: '' }, { output: expect.stringContaining('[Files in Git LFS are not fetched') as string }],
    },
  });
});

test('what is too large, not at the server, or not what its pointer says stays a pointer, each told with the reason; the rest is there', async () => {
  const files = {
    'assets/huge.png': claimed('a'.repeat(64), 3_000_000_000),
    'assets/gone.png': pointerTo('gone'),
    'assets/wrong.png': pointerTo('right'),
  };
  const { bare, mirror, ...rig } = await lfsRig({ files, objects: [OLD, Buffer.from('right')] });
  expect(outsideText(rig.outside)).toContain(
    '"assets/gone.png" (the server does not have it (Object does not exist)), "assets/huge.png" (it is larger than 2 GB). They',
  );
  expect(rig.read('assets/wrong.png').toString()).toBe('right');
  rmSync(objectAt(mirror.path, 'right'));
  writeFileSync(objectAt(bare, 'right'), 'wrong');
  const next = await rig.prepare(RunId.parse('run-000000000002'));
  expect(outsideText(next.outside)).toContain('"assets/wrong.png" (what the server sent is not what the pointer names)');
  expect(existsSync(objectAt(mirror.path, 'right'))).toBe(false);
  expect(readFileSync(join(next.worktree.path, 'assets/old.png')).equals(OLD)).toBe(true);
});

test('a file that the repository holds whole against its own attributes stays so, and may be changed', async () => {
  const { write, commit, done, merge, worktree, read } = await lfsRig({ files: { 'assets/raw "1".png': 'raw' } });
  asAgent(worktree.path, 'touch -d 2001-01-01 assets/*.png');
  expect(agentGit(worktree.path, 'status', '--porcelain')).toBe('');
  expect(read('assets/raw "1".png').toString()).toBe('raw');
  write('assets/raw "1".png', 'raw two');
  commit();
  expect(await done()).toMatchObject({ ok: true });
  expect(await merge(['grep -qx "raw two" assets/raw*'])).toMatchObject({ ok: true, value: { passed: true, gates: [{ output: '' }] } });
});

test('a gate that changes a file in Git LFS, or puts its pointer there, is told so, and the next one judges the file as committed (I5)', async () => {
  const { write, commit, merge } = await lfsRig();
  write('a.txt', 'a');
  commit();
  const judged = await merge([
    'echo more >> assets/old.png',
    `test "$(wc -c < assets/old.png)" = ${OLD.length} && git show HEAD:assets/old.png > assets/old.png`,
    `test "$(wc -c < assets/old.png)" = ${OLD.length} && git config filter.lfs.process false && rm assets/old.png`,
    `test "$(wc -c < assets/old.png)" = ${OLD.length}`,
  ]);
  const putBack = { exitCode: 0, output: expect.stringContaining('which were put back: assets/old.png') as string };
  expect(judged).toMatchObject({ ok: true, value: { passed: true, gates: [putBack, putBack, putBack, { exitCode: 0, output: '' }] } });
});

test('what a run did not commit, or only committed, is kept with its content, here and at the server, when it is over (DR-9)', async () => {
  const { write, commit, around, mirror, worktree, isThere, bare } = await lfsRig();
  const saver = await makeSaver(around, { mirror, worktree, targetBranch: 'main' });
  write('assets/new.png', NEW);
  commit();
  await saver.save('turn');
  expect(isThere(NEW)).toBe(true);
  expect(person(bare, 'for-each-ref', '--format=%(refname)', 'refs/heads/gt')).not.toBe('');
  write('assets/loose.png', 'not committed');
  expect(await takeWork(around.git, mirror, worktree)).toMatchObject({
    ok: true,
    value: { rescued: expect.stringMatching(/^[0-9a-f]{40}$/) as string },
  });
  expect(readFileSync(objectAt(mirror.path, 'not committed'), 'utf8')).toBe('not committed');
  writeFileSync(
    join(dirname(worktree.path), `${RUN}.json`),
    JSON.stringify({ rigId: RIG, gitUrl: mirror.gitUrl, branch: worktree.branch, pool: 'kilo-test' }),
  );
  const rescued = await clearWorktree({ ...around, locks: makeKeyedLock() }, RUN);
  await pushRescued({ ...around, locks: makeKeyedLock() }, rescued!);
  expect(isThere('not committed')).toBe(true);
  expect(person(bare, 'show', `${rescueRef(RUN)}:assets/loose.png`)).toBe(pointerTo('not committed').trim());
});

test('files in Git LFS that could not be taken over are put aside with the worktree when it is cleared, and one that comes later is taken then (DR-9)', async () => {
  const { write, commit, around, mirror, worktree, logged } = await lfsRig();
  const plant = (content: string): string =>
    asAgent(worktree.path, 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1"', objectAt(join(worktree.path, '.git'), content), content);
  write('assets/huge.png', pointerTo('huge').replace(/size \d+/, 'size 3000000000'));
  write('assets/later.png', pointerTo('later'));
  commit();
  expect(await takeWork(around.git, mirror, worktree)).toMatchObject({ ok: true, value: { whole: true } });
  plant('later');
  plant('huge');
  expect(await takeWork(around.git, mirror, worktree)).toMatchObject({ ok: true, value: { whole: false } });
  expect(readFileSync(objectAt(mirror.path, 'later'), 'utf8')).toBe('later');
  const note = { rigId: RIG, gitUrl: mirror.gitUrl, branch: worktree.branch, targetBranch: 'main', pool: 'kilo-test' };
  writeFileSync(join(dirname(worktree.path), `${RUN}.json`), JSON.stringify(note));
  const head = agentGit(worktree.path, 'rev-parse', 'HEAD');
  expect(await clearWorktree({ ...around, locks: makeKeyedLock() }, RUN)).toMatchObject({ head });
  const [aside = ''] = readdirSync(join(around.state, 'rescued'));
  expect(readFileSync(objectAt(join(around.state, 'rescued', aside, '.git'), 'huge'), 'utf8')).toBe('huge');
  expect(logged).toMatchObject([{ event: 'run.put_aside' }]);
});

test('the Mayor’s desk has the content, and has it later when the server does not answer at first (MY-7)', async () => {
  const { around, forge, gitUrl, mirror } = await lfsRig();
  rmSync(join(mirror.path, 'lfs'), { recursive: true });
  const surroundings = { ...around, locks: makeKeyedLock() };
  const pool = 'kilo-mayor';
  const made = await makePlace(
    surroundings,
    runStart(null, { agentId: MAYOR, context: context({ rig: null, bead: null, branch: null }) }),
    pool,
  );
  if (!made.ok) throw new Error(made.failure.message);
  const desk = { path: made.value.cwd, cell: around.cells.agent(pool, null) };
  const rig: RigBrief = { id: RIG, name: 'web', gitUrl, defaultBranch: 'main' } as RigBrief;
  const file = join(desk.path, 'rigs', 'web', 'assets', 'old.png');
  forge.inject({ failNext: 100, status: 503 });
  await makeCheckouts(surroundings, desk).freshen([rig]);
  expect(readFileSync(file, 'utf8')).toBe(pointerTo(OLD));
  forge.inject({ failNext: 0 });
  await makeCheckouts(surroundings, desk).freshen([rig]);
  expect(readFileSync(file).equals(OLD)).toBe(true);
});

test('a repository that says its files are at another server is not believed: nothing is asked there, and nothing of it is handed in', async () => {
  const asked: string[] = [];
  const other = createServer((request, response) => {
    asked.push(String(request.url));
    response.end();
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/lfs`;
  const { outside, write, commit, done } = await lfsRig({ files: { '.lfsconfig': `[lfs]\n\turl = ${url}\n` } });
  expect(outsideText(outside)).toContain('(its .lfsconfig names another server, which is not asked)');
  write('assets/new.png', NEW);
  commit();
  expect(await done()).toMatchObject({ ok: false, failure: { code: 'not_pushed' } });
  expect(asked).toEqual([]);
});

test('a server that is elsewhere now on the same host is asked there, one on another host is not (GT-7)', async () => {
  const seen: string[] = [];
  const { around, mirror } = await lfsRig();
  const moved = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization === undefined ? 'bare' : 'token'}`);
    if (request.url?.startsWith('/new/') === true) return response.end(JSON.stringify({ objects: [] }));
    const to = request.url?.startsWith('/away') === true ? mirror.gitUrl : '/new/objects/batch';
    response.writeHead(307, { location: to }).end();
  });
  await new Promise<void>((resolve) => moved.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void moved.close());
  const scope = `http://127.0.0.1:${(moved.address() as AddressInfo).port}/`;
  const ask = (path: string) =>
    askFor(
      { mirror, remotes: around.remotes, scope, url: `${scope}${path}` },
      'download',
      [{ oid: 'a'.repeat(64), size: 1 }],
      AbortSignal.timeout(10_000),
    );
  expect(await ask('old')).toMatchObject({ ok: true });
  expect(seen).toEqual(['/old/objects/batch token', '/new/objects/batch token']);
  expect(await ask('away')).toMatchObject({ ok: false, failure: { message: expect.stringContaining('(it answered 307)') as string } });
  expect(seen).toHaveLength(3);
});

test('the token of the rig goes to its own server alone: a transfer elsewhere has what the server gave for it', async () => {
  const seen: (string | undefined)[] = [];
  const elsewhere = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end('content');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void elsewhere.close());
  const href = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/object`;
  const { around, mirror } = await lfsRig();
  const server = lfsServerOf(around.remotes, mirror);
  if (!server.ok) throw new Error(server.failure.message);
  const get = (action: object, from = server.value) =>
    download(from, { oid: 'a'.repeat(64), actions: { download: { href, ...action } } }, AbortSignal.timeout(10_000), async (begin) => {
      for await (const _ of begin());
      return true;
    });
  expect(await get({})).toMatchObject({ ok: true });
  expect(await get({ header: { Authorization: 'theirs' } })).toMatchObject({ ok: true });
  expect(seen).toEqual([undefined, 'theirs']);
  expect(await get({}, { ...server.value, scope: 'https://forge.example/' })).toMatchObject({
    ok: false,
    failure: { code: 'repository_unsafe' },
  });
  expect(seen).toHaveLength(2);
});

test('where git cannot look for Git LFS, a commit is not taken for one without (I5)', async () => {
  const { around, mirror, worktree, taken, write, commit } = await lfsRig();
  write('assets/new.png', NEW);
  commit();
  // What the runner knows of a commit already it need not ask for: this one it never saw.
  await taken();
  const head = Sha.parse(person(mirror.path, 'commit-tree', '-m', 'again', '-p', BRANCH, `${BRANCH}^{tree}`));
  const git: Git = async (call, ...args) =>
    args[0] === 'grep' ? { ok: false, exitCode: null, timedOut: true, out: '', error: '' } : around.git(call, ...args);
  expect(await lfsFilesOf(git, mirror.path, head)).toMatchObject({ ok: false });
  expect(await newPointers(git, mirror.path, head)).toMatchObject({ ok: false });
  expect(await handInLfs(git, around.remotes, mirror, { base: null, head, since: 'parting', maker: worktree })).toMatchObject({
    ok: false,
  });
});

test.runIf(hasUsers)(
  'the store is the runner’s: an agent reads it and cannot write it, and what it plants for the runner to take is read with its own rights',
  async () => {
    const { worktree, mirror, write, commit, done, isThere } = await lfsRig();
    const store = objectAt(mirror.path, OLD);
    expect(statSync(store).uid).toBe(0);
    expect(asAgent(worktree.path, 'cat "$1" > /dev/null && echo read; { echo x > "$1"; } 2>/dev/null || echo not written', store)).toBe(
      'read\nnot written',
    );
    expect(
      asAgent(
        worktree.path,
        '{ touch "$1/x" || rm -f "$1/filter.ts"; } 2>/dev/null || echo not written; cat "$1/filter.ts" > /dev/null && echo read',
        join(mirror.path, 'lfs'),
      ),
    ).toBe('not written\nread');
    const secret = join(worktree.path, '..', '..', 'secret');
    writeFileSync(secret, 'of the runner', { mode: 0o600 });
    for (const planted of ['ln -s "$2" "$1"', 'mkfifo "$1"', 'ln -s /dev/zero "$1"']) {
      const own = objectAt(join(worktree.path, '.git'), 'of the runner');
      asAgent(worktree.path, `mkdir -p "$(dirname "$1")"; rm -f "$1"; ${planted}`, own, secret);
      write('assets/planted.png', pointerTo('of the runner'));
      agentGit(worktree.path, 'add', '-A');
      agentGit(worktree.path, 'commit', '-q', '--allow-empty', '-m', planted);
      expect(await done()).toMatchObject({ ok: false, failure: { details: { files: ['assets/planted.png'] } } });
    }
    expect(isThere('of the runner')).toBe(false);
    commitOther();

    function commitOther(): void {
      asAgent(worktree.path, 'rm -rf .git/lfs assets/planted.png');
      write('assets/fine.png', 'fine');
      commit();
    }
    expect(await done()).toMatchObject({ ok: true });
  },
);
