import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RigBrief, Sha } from '@gastown/protocol';
import { createBareRepo, seedRepo, startGitServer } from '@gastown/rehearsal';
import { makeCheckouts } from '../browse/checkouts.ts';
import type { Git } from '../git/git.ts';
import { outsideText, startText } from '../git/outside.ts';
import { takeWork } from '../git/take.ts';
import { prepareWorktree } from '../git/worktree.ts';
import { makePlace } from '../runs/place.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { agentGit, asAgent, context, MAYOR, person, RIG, runStart, SIGNATURE, tempFolder } from '../testing/fixtures.ts';
import { rigOf } from '../testing/lfs-rig.ts';
import { bringModules } from './bring.ts';
import { checkOutModules } from './check-out.ts';
import { handInModules } from './hand-in.ts';

const TOKEN = 'rig-token-1';

/** A forge with a repository that names `part` as a submodule, which names `deep`; and `private`, which nobody names. A person works on them. */
async function modulesRig(wish: { repos?: readonly string[] } = {}) {
  const folder = tempFolder();
  const root = join(folder, 'forge');
  const bare = (name: string): string => join(root, 'acme', `${name}.git`);
  for (const name of ['web', 'part', 'deep', 'private'])
    await seedRepo(await createBareRepo(bare(name)), [{ path: `${name}.txt`, content: `${name}\n` }], 'first');
  const clone = (name: string): string => {
    person(folder, 'clone', '-q', bare(name), join(folder, name));
    return join(folder, name);
  };
  const name = (work: string, module: string, path: string, url = `../${module}.git`): void => {
    person(work, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', bare(module), path);
    person(work, 'config', '-f', '.gitmodules', `submodule.${path}.url`, url);
    person(work, 'commit', '-qam', `name ${module}`);
  };
  const publish = (work: string, to = 'main'): Sha => {
    person(work, 'push', '-q', 'origin', `HEAD:${to}`);
    return person(work, 'rev-parse', 'HEAD') as Sha;
  };
  const [web, part] = [clone('web'), clone('part')];
  name(part, 'deep', 'in/deep');
  publish(part);
  name(web, 'part', 'libs/the part');
  // Inside of another it has the token because the target names its address too.
  person(web, 'config', '-f', '.gitmodules', 'submodule.deep.path', 'libs/the part/in/deep');
  person(web, 'config', '-f', '.gitmodules', 'submodule.deep.url', '../deep.git');
  person(web, 'commit', '-qam', 'name deep');
  publish(web);
  const grant = { user: 'ada', push: true, ...(wish.repos === undefined ? {} : { repos: wish.repos }) };
  const forge = await startGitServer({ root, tokens: { [TOKEN]: grant } });
  onTestFinished(() => forge.close());
  const rig = await rigOf(folder, forge.repoUrl('acme/web'), TOKEN);
  /** Another commit of `part`, on a branch of its repository. */
  const more = (branch: string): Sha => {
    person(part, 'commit', '-q', '--allow-empty', '-m', `for ${branch}`);
    return publish(part, branch);
  };
  return { ...rig, bare, forge, web, part, publish, name, more };
}

const AT = 'libs/the part';

/** As after a crash of the machine: one object of a repository is gone. */
function unpackWithout(repository: string, object: string): void {
  const packs = join(repository, 'objects', 'pack');
  for (const pack of readdirSync(packs).filter((each) => each.endsWith('.pack'))) {
    renameSync(join(packs, pack), join(repository, pack));
    execFileSync('git', ['unpack-objects', '-q'], { cwd: repository, input: readFileSync(join(repository, pack)) });
  }
  rmSync(packs, { recursive: true });
  mkdirSync(packs);
  rmSync(join(repository, 'objects', object.slice(0, 2), object.slice(2)), { force: true });
}

test('submodules are checked out as recorded, those inside of others too, and git sees nothing changed', async () => {
  const { outside, worktree, forge, prepare, mirror } = await modulesRig();
  expect(outsideText(outside)).toBe(null);
  expect(startText(outside)).toContain('"libs/the part", "libs/the part/in/deep"');
  expect(asAgent(worktree.path, 'cat "$1/part.txt" "$1/in/deep/deep.txt"', AT)).toBe('part\ndeep');
  asAgent(worktree.path, 'echo built > "$1/in/deep/out.o"; echo built > "$1/out.o"', AT);
  expect(agentGit(worktree.path, 'status', '--porcelain')).toBe('');
  expect(agentGit(worktree.path, 'submodule', 'status')).toMatch(/^[0-9a-f]{40} libs\/the part/);
  expect(asAgent(worktree.path, 'cat .git/config "$1/.git/config" "$1/in/deep/.git/config"', AT)).not.toContain('127.0.0.1');
  // The next run copies and asks nothing that is here and fresh (P16).
  const asked = forge.requests().filter(({ repo }) => repo !== 'acme/web').length;
  rmSync(worktree.path, { recursive: true });
  const mirrors = readdirSync(join(mirror.path, '..', 'modules')).map((name) => join(mirror.path, '..', 'modules', name));
  expect(mirrors).toHaveLength(2);
  for (const each of mirrors) utimesSync(each, 1, 1);
  await prepare();
  // So they are not taken for unused.
  for (const each of mirrors) expect(statSync(each).mtimeMs).toBeGreaterThan(Date.now() - 600_000);
  expect(readFileSync(join(worktree.path, AT, 'in/deep/deep.txt'), 'utf8')).toBe('deep\n');
  expect(forge.requests().filter(({ repo }) => repo !== 'acme/web')).toHaveLength(asked);
  expect(existsSync(join(mirror.path, '..', 'modules'))).toBe(true);
});

test('gates have the files of submodules, and what they change in them is told and put back (I5)', async () => {
  const { write, commit, merge } = await modulesRig();
  write('a.txt', 'a');
  commit();
  const deep = `'${AT}/in/deep/deep.txt'`;
  const judged = await merge([
    `grep -qx deep ${deep}`,
    `echo more >> ${deep}`,
    `grep -qx deep ${deep} && ! grep -q more ${deep} && rm -rf '${AT}' && ln -s /etc '${AT}'`,
    `grep -qx part '${AT}/part.txt' && grep -qx deep ${deep}`,
  ]);
  const told = (name: string) => ({ exitCode: 0, output: expect.stringContaining(name) as string });
  expect(judged).toMatchObject({
    ok: true,
    value: {
      passed: true,
      gates: [{ exitCode: 0, output: '' }, told(`put back: ${AT}/in/deep/deep.txt`), told(`put back: ${AT}/`), { exitCode: 0, output: '' }],
    },
  });
});

test('another commit that the submodule’s repository has is handed in and lands; one that it does not have is refused with what to do', async () => {
  const { more, prepare, worktree, done, merge, land, bare, mirror, around } = await modulesRig();
  const next = more('next');
  const hidden = more('gt/toast/1a2b3c4d');
  rmSync(worktree.path, { recursive: true });
  rmSync(join(mirror.path, '..', 'modules'), { recursive: true });
  await prepare();
  const record = (sha: string): void => {
    agentGit(worktree.path, 'update-index', '--cacheinfo', `160000,${sha},${AT}`);
    agentGit(worktree.path, 'commit', '-q', '-m', 'Record', '--allow-empty');
    asAgent(worktree.path, 'rm -rf "$1" && mkdir "$1"', AT);
  };
  agentGit(worktree.path, '-C', AT, 'checkout', '-q', next);
  agentGit(worktree.path, 'add', AT);
  agentGit(worktree.path, 'commit', '-qm', 'Record');
  expect(await done()).toMatchObject({ ok: true });
  const tested = await merge([`test "$(git -C '${AT}' rev-parse HEAD)" = ${next}`]);
  expect(tested).toMatchObject({ ok: true, value: { passed: true } });
  const value = tested.ok && tested.value.kind === 'tested' ? tested.value : null;
  expect(await land(value!.baseCommit, value!.mergeCommit)).toMatchObject({ ok: true });
  expect(person(bare('web'), 'ls-tree', 'main', AT)).toContain(next);
  agentGit(worktree.path, '-C', AT, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'mine');
  agentGit(worktree.path, 'add', AT);
  agentGit(worktree.path, 'commit', '-qm', 'Mine');
  expect(await done()).toMatchObject({
    ok: false,
    failure: {
      code: 'not_pushed',
      message: expect.stringMatching(
        /the part \(its repository has no [0-9a-f]{12} on a branch or tag\)\. What is committed inside/,
      ) as string,
    },
  });
  // A work branch there is an agent's too.
  record(hidden);
  expect(await done()).toMatchObject({ ok: false, failure: { code: 'not_pushed', details: { files: [AT] } } });
  expect(await around.mirrors.fetch(mirror)).toMatchObject({ ok: true });
});

test('an address that an agent wrote is asked by nobody, is not handed in, and neither is a repository that was added by mistake', async () => {
  const { worktree, write, commit, done, forge, around, mirror, bare, taken } = await modulesRig();
  const secret = person(bare('private'), 'rev-parse', 'main');
  write('.gitmodules', `${readFileSync(join(worktree.path, '.gitmodules'), 'utf8')}[submodule "x"]\n\tpath = x\n\turl = ../private.git\n`);
  agentGit(worktree.path, 'add', '-A');
  agentGit(worktree.path, 'update-index', '--add', '--cacheinfo', `160000,${secret},x`);
  agentGit(worktree.path, 'commit', '-qm', 'Name it');
  asAgent(worktree.path, 'mkdir x');
  expect(await done()).toMatchObject({
    ok: false,
    failure: { code: 'not_pushed', message: expect.stringContaining('for people to say') as string, details: { files: ['x'] } },
  });
  await taken();
  const again = await prepareWorktree(around.git, around.remotes, mirror, {
    worktree,
    targetBranch: 'main',
    startFrom: null,
    signature: SIGNATURE,
  });
  expect(again).toMatchObject({
    ok: true,
    value: { continued: true, outside: { modules: { missing: [{ path: 'x', why: 'its address is not on the target branch' }] } } },
  });
  // The commit alone, at an address that may be asked, brings nothing of it either.
  expect(forge.requests().filter(({ repo }) => repo === 'acme/private')).toEqual([]);
  agentGit(worktree.path, 'reset', '-q', '--hard', 'origin/main');
  asAgent(worktree.path, 'mkdir nested && cd nested && git init -q && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m n');
  commit();
  expect(await done()).toMatchObject({
    ok: false,
    failure: { code: 'not_pushed', message: expect.stringContaining('no submodules: nested.') as string },
  });
});

test('what a submodule names inside is fetched with the token only when the target branch names its address too (GT-7)', async () => {
  const { part, name, publish, worktree, done, forge, outside, taken, mirror, around } = await modulesRig();
  expect(outside.modules.missing).toEqual([]);
  // Whoever may push to the submodule's repository may know what else the token reads.
  name(part, 'private', 'in/private', '../../acme/private.git');
  const planted = publish(part, 'next');
  agentGit(worktree.path, 'update-index', '--cacheinfo', `160000,${planted},${AT}`);
  agentGit(worktree.path, 'commit', '-q', '-m', 'Record');
  asAgent(worktree.path, 'rm -rf "$1" && mkdir "$1"', AT);
  expect(await done()).toMatchObject({ ok: true });
  const inside = { path: `${AT}/in/private`, why: expect.stringContaining('could not be fetched without a token') as string };
  // Landed too: nobody looked at what it names.
  const head = await taken();
  expect(await bringModules({ ...around, mirror }, head, head, true)).toMatchObject({
    missing: [inside],
    here: [{ path: AT }, { path: `${AT}/in/deep` }],
  });
  const asked = forge.requests().filter(({ repo }) => repo === 'acme/private');
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.every(({ status }) => status === 401)).toBe(true);
});

test('beside a submodule at a commit that only a tag has, uncommitted work is rescued (DR-9)', async () => {
  const { part, publish, prepare, worktree, write, around, mirror, taken } = await modulesRig();
  person(part, 'commit', '-q', '--allow-empty', '-m', 'release');
  const tagged = publish(part, 'refs/tags/v1');
  agentGit(worktree.path, 'update-index', '--cacheinfo', `160000,${tagged},${AT}`);
  agentGit(worktree.path, 'commit', '-qm', 'Take the release');
  await taken();
  rmSync(worktree.path, { recursive: true });
  expect(outsideText((await prepare()).outside)).toBe(null);
  expect(agentGit(worktree.path, '-C', AT, 'rev-parse', 'HEAD')).toBe(tagged);
  write('a.txt', 'half');
  const rescued = expect.stringMatching(/^[0-9a-f]{40}$/) as string;
  expect(await takeWork(around.git, mirror, worktree)).toMatchObject({ ok: true, value: { rescued } });
  agentGit(worktree.path, '-C', AT, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'mine');
  expect(await takeWork(around.git, mirror, worktree)).not.toMatchObject({ ok: true, value: { rescued } });
});

test('a submodule that cannot be put together fails no start: it and what is inside of it are told with the reason, the rest is there; no gate judges without it (I5, I10)', async () => {
  const { name, web, publish, bare, mirror, around, prepare, worktree, merge, write, commit } = await modulesRig();
  name(web, 'private', 'libs/other');
  publish(web);
  expect(await around.mirrors.fetch(mirror)).toMatchObject({ ok: true });
  rmSync(worktree.path, { recursive: true });
  person(mirror.path, 'update-ref', '-d', `refs/heads/${worktree.branch}`);
  await prepare();
  write('a.txt', 'a');
  commit();
  // Its mirror has the commit, and one of its files is damaged.
  const blob = person(bare('part'), 'rev-parse', 'main:part.txt');
  const modules = join(mirror.path, '..', 'modules');
  const [damaged] = readdirSync(modules).filter((each) => person(join(modules, each), 'rev-list', '--all', '--objects').includes(blob));
  unpackWithout(join(modules, damaged!), blob);
  const judged = await merge(['true']);
  expect(judged).toMatchObject({
    ok: false,
    failure: { message: expect.stringMatching(/^The submodule libs\/the part: it could not be checked out: /) },
  });
  rmSync(worktree.path, { recursive: true });
  const { outside } = await prepare();
  const why = expect.stringContaining('it could not be checked out: unable to read') as string;
  expect(outside.modules).toMatchObject({
    here: [{ path: 'libs/other' }],
    missing: [
      { path: AT, why },
      { path: `${AT}/in/deep`, why: `it is inside of ${AT}` },
    ],
  });
  expect(asAgent(worktree.path, 'ls -A "$1"; cat libs/other/private.txt', AT)).toBe('private');
});

test('a submodule with very many files that are not fetched is checked out all the same', async () => {
  const { worktree, around, mirror, bare } = await modulesRig();
  const trusted = person(bare('web'), 'rev-parse', 'main') as Sha;
  const modules = (await bringModules({ ...around, mirror }, trusted, trusted, false)).here;
  const missing = Array.from({ length: 20_000 }, (_, number) => ({ path: `assets/picture-${number}.png`, why: 'gone' }));
  const holder = { cell: worktree.cell, own: worktree.git, git: around.git, tree: worktree.path };
  const many = modules.map((each) => ({ ...each, lfs: { ...each.lfs, missing } }));
  expect(await checkOutModules(holder, many)).toEqual([]);
  expect(asAgent(worktree.path, 'cat "$1/in/deep/deep.txt"; grep -c 19999 "$1/.git/lfs/exceptions.json"', AT)).toBe('deep\n1');
});

test.each([
  ['of a name that ends with a line', 'x\n', 'path = "x\\n"'],
  ['of a name that is too long', 'x'.repeat(140_000), `path = ${'x'.repeat(140_000)}`],
])(
  'a submodule %s is missing and is not handed in, and neither is one beside it at a commit that nobody published',
  async (_what, path, line) => {
    const { worktree, done, bare } = await modulesRig();
    const published = person(bare('part'), 'rev-parse', 'main');
    const names = join(worktree.path, '.gitmodules');
    const text = `${readFileSync(names, 'utf8')}[submodule "x"]\n\t${line}\n\turl = ../part.git\n`;
    writeFileSync(names, text);
    agentGit(worktree.path, 'add', '.gitmodules');
    const entries = `160000 ${published} 0\t${path}\u0000160000 ${'1'.repeat(40)} 0\t${AT}\u0000`;
    const index = join(worktree.path, '..', 'entries');
    writeFileSync(index, entries);
    asAgent(worktree.path, 'git update-index -z --add --index-info < "$1"', index);
    agentGit(worktree.path, 'commit', '-qm', 'Name it');
    asAgent(worktree.path, 'rm -rf "$1" && mkdir "$1" "$2"', AT, path.length < 100 ? path : 'other');
    expect(await done()).toMatchObject({
      ok: false,
      failure: {
        code: 'not_pushed',
        message: expect.stringContaining('no folder can be called so') as string,
        details: { files: [AT, path] },
      },
    });
  },
);

test.each(['config', 'ls-tree'])('where git %s fails, nothing of submodules is taken for none (I5)', async (failing) => {
  const { around, mirror, worktree, bare, taken } = await modulesRig();
  const secret = person(bare('private'), 'rev-parse', 'main');
  agentGit(worktree.path, 'config', '-f', '.gitmodules', 'submodule.x.path', 'x');
  agentGit(worktree.path, 'config', '-f', '.gitmodules', 'submodule.x.url', '../private.git');
  agentGit(worktree.path, 'update-index', '--add', '--cacheinfo', `160000,${secret},x`);
  agentGit(worktree.path, 'commit', '-qam', 'Name it');
  const base = person(bare('web'), 'rev-parse', 'main') as Sha;
  const head = await taken();
  const git: Git = async (call, ...args) =>
    args[0] === failing ? { ok: false, exitCode: null, timedOut: true, out: '', error: '' } : around.git(call, ...args);
  expect(await handInModules({ ...around, git, mirror }, base, head)).toMatchObject({
    ok: false,
    failure: { message: expect.stringContaining('git did not answer in time') as string },
  });
  const why = expect.stringContaining('git did not answer in time') as string;
  expect(await bringModules({ ...around, git, mirror }, head, base, false)).toMatchObject({
    here: [],
    missing: [{ path: '.gitmodules', why }],
  });
});

test('a recorded commit that could not be looked at is not handed in (I5)', async () => {
  const { around, mirror, worktree, bare, taken } = await modulesRig();
  agentGit(worktree.path, 'update-index', '--cacheinfo', `160000,${'1'.repeat(40)},${AT}`);
  agentGit(worktree.path, 'commit', '-qm', 'Record');
  const base = person(bare('web'), 'rev-parse', 'main') as Sha;
  const head = await taken();
  const git: Git = async (call, ...args) =>
    args.includes('-r') && args.includes(base)
      ? { ok: false, exitCode: null, timedOut: true, out: '', error: '' }
      : around.git(call, ...args);
  expect(await handInModules({ ...around, git, mirror }, base, head)).toMatchObject({
    ok: false,
    failure: { code: 'not_pushed', message: expect.stringContaining(`${AT} (The submodules could not be listed`) as string },
  });
});

test('a submodule that the token may not read is told with the reason, and what does not touch it goes on', async () => {
  const { outside, worktree, write, commit, done, merge } = await modulesRig({ repos: ['acme/web'] });
  expect(outsideText(outside)).toMatch(
    /^Submodules are not here: "libs\/the part" \(it could not be fetched: .*\)\. Their folders are empty\.$/,
  );
  expect(asAgent(worktree.path, 'ls -A "$1"', AT)).toBe('');
  write('a.txt', 'a');
  commit();
  expect(await done()).toMatchObject({ ok: true });
  expect(await merge(['true', `cat '${AT}/part.txt'`])).toMatchObject({
    ok: true,
    value: {
      passed: false,
      gates: [{ exitCode: 0, output: '' }, { output: expect.stringContaining('[Submodules are not here: "libs/the part"') as string }],
    },
  });
});

test('the Mayor’s desk has the files of submodules, and loses them with the submodule (MY-7)', async () => {
  const { around, gitUrl, web, publish, forge } = await modulesRig();
  const mirrors = { ...around.mirrors, freshen: around.mirrors.fetch };
  const surroundings = { ...around, mirrors, locks: makeKeyedLock() };
  const pool = 'kilo-mayor';
  const made = await makePlace(
    surroundings,
    runStart(null, { agentId: MAYOR, context: context({ rig: null, bead: null, branch: null }) }),
    pool,
  );
  if (!made.ok) throw new Error(made.failure.message);
  const checkouts = makeCheckouts(surroundings, { path: made.value.cwd, cell: around.cells.agent(pool, null) });
  const rig = { id: RIG, name: 'web', gitUrl, defaultBranch: 'main' } as RigBrief;
  const folder = join(made.value.cwd, 'rigs', 'web');
  await checkouts.freshen([rig]);
  expect(readFileSync(join(folder, AT, 'in/deep/deep.txt'), 'utf8')).toBe('deep\n');
  expect(existsSync(join(folder, AT, '.git'))).toBe(false);
  person(web, 'rm', '-q', AT);
  person(web, 'commit', '-qm', 'without');
  publish(web);
  await checkouts.freshen([rig]);
  expect(existsSync(join(folder, AT))).toBe(false);
  expect(readFileSync(join(folder, 'web.txt'), 'utf8')).toBe('web\n');
  expect(forge.requests().every(({ status }) => status < 500)).toBe(true);
});

test('an anonymous fetch has no token, also where the rig’s would be taken (GT-7)', async () => {
  const { around, forge, mirror } = await modulesRig();
  const run = (anonymous: boolean) =>
    around.remotes.run(RIG, forge.repoUrl('acme/part'), { cwd: mirror.path }, (url) => ['ls-remote', '--', url], anonymous);
  expect(await run(true)).toMatchObject({ ok: true, value: { ok: false } });
  expect(await run(false)).toMatchObject({ ok: true, value: { ok: true } });
});
