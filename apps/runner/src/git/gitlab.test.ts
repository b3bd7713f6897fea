import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, request as passOn } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Sha } from '@gastown/protocol';
import { createBareRepo, seedRepo, startGitServer } from '@gastown/rehearsal';
import { performInRepository } from '../repository-effects.ts';
import { makePlace } from '../runs/place.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { BRANCH, gitSurroundings, MERGE, mergeTest, person, RIG, runStart, taken, tempFolder } from '../testing/fixtures.ts';
import { commit, gatesOf } from '../testing/worktree-rig.ts';
import { gitFailure, pushFailure } from './failures.ts';
import { pushWorkBranch } from './push.ts';

const TOKEN = 'glat-Zq7Lw9Tr2Xk5';

/** A GitLab of one's own: at a port, below a folder, with groups in groups, and with a token of OAuth, which it takes for the user oauth2 alone. */
async function ownGitLab() {
  const folder = tempFolder();
  const bare = await createBareRepo(join(folder, 'forge', 'acme', 'web.git'));
  await seedRepo(bare, [{ path: 'a.txt', content: 'a\n' }], 'first');
  const inner = await startGitServer({ root: join(folder, 'forge'), tokens: { [TOKEN]: { user: 'ada', push: true } } });
  const asked: string[] = [];
  const front = createServer((request, response) => {
    const path = String(request.url);
    asked.push(path);
    if (request.headers.authorization !== `Basic ${Buffer.from(`oauth2:${TOKEN}`).toString('base64')}`)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="GitLab"' }).end('HTTP Basic: Access denied.');
    const onward = passOn(
      `${inner.url}${path.replace('/code/acme/tools/', '/acme/')}`,
      { method: request.method, headers: request.headers },
      (answer) => void answer.pipe(response.writeHead(answer.statusCode!, answer.headers)),
    );
    request.pipe(onward);
    return undefined;
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  onTestFinished(async () => {
    front.closeAllConnections();
    front.close();
    await inner.close();
  });
  return { folder, bare, asked, gitUrl: `http://gitlab.localhost:${(front.address() as AddressInfo).port}/code/acme/tools/web.git` };
}

test('at a GitLab of one’s own a repository is connected, worked on, pushed to, tested, landed on and tidied up by its whole address, with a token of OAuth (GT-10)', async () => {
  const { folder, bare, asked, gitUrl } = await ownGitLab();
  const state = join(folder, 'state');
  mkdirSync(state);
  const around = { ...(await gitSurroundings(state, () => TOKEN)), state, locks: makeKeyedLock() };
  const perform = (effect: Parameters<typeof performInRepository>[1]) =>
    performInRepository({ ...gatesOf(around, 5_000), retireBranch: () => Promise.resolve() }, effect);

  expect(await perform({ kind: 'rig.connect', rigId: RIG, gitUrl })).toMatchObject({ value: { defaultBranch: 'main', empty: false } });
  const place = await makePlace(around, runStart(gitUrl), 'kilo-test');
  if (!place.ok || place.value.work === null) throw new Error(JSON.stringify(place));
  const { mirror, worktree } = place.value.work;
  commit(worktree.path, 'hello.txt', 'hello\n');
  const head = await taken(around, mirror, worktree);
  expect(await pushWorkBranch(around.git, around.remotes, mirror, { branch: BRANCH, head, expected: null })).toEqual({
    ok: true,
    value: null,
  });
  const tested = await perform(mergeTest(gitUrl, head, { gates: ['test -f hello.txt'] }));
  if (tested.state !== 'succeeded' || tested.value.kind !== 'tested') throw new Error(JSON.stringify(tested));
  const { baseCommit, mergeCommit } = tested.value;
  expect(await perform({ kind: 'merge.land', mergeId: MERGE, rigId: RIG, gitUrl, targetBranch: 'main', baseCommit, mergeCommit })).toEqual({
    state: 'succeeded',
    value: { kind: 'landed', mergeCommit },
  });
  expect(await perform({ kind: 'branch.delete', rigId: RIG, gitUrl, branch: BRANCH, headCommit: head as Sha })).toMatchObject({
    state: 'succeeded',
  });
  expect([person(bare, 'rev-parse', 'main'), person(bare, 'branch', '--list', 'gt/*')]).toEqual([mergeCommit, '']);
  expect(asked.filter((path) => !path.startsWith('/code/acme/tools/web.git/'))).toEqual([]);
});

test.each([
  [
    'a wrong token',
    'repository_refused',
    [
      "remote: HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're required to use a token instead of a password.",
      "fatal: Authentication failed for 'https://gitlab.com/acme/web.git/'",
    ],
  ],
  [
    'a project that is not there, or not for this token',
    'repository_not_found',
    [
      "remote: The project you were looking for could not be found or you don't have permission to view it.",
      "fatal: repository 'https://gitlab.com/acme/web.git/' not found",
    ],
  ],
  [
    'a token that may only read',
    'push_refused',
    [
      'remote: You are not allowed to push code to this project.',
      "fatal: unable to access 'https://gitlab.com/acme/web.git/': The requested URL returned error: 403",
    ],
  ],
  [
    'a protected branch',
    'push_refused',
    [
      'remote: GitLab: You are not allowed to push code to protected branches on this project.',
      'To https://gitlab.com/acme/web.git',
      ' ! [remote rejected] main -> main (pre-receive hook declined)',
      "error: failed to push some refs to 'https://gitlab.com/acme/web.git'",
    ],
  ],
  [
    'a project that is kept as it is',
    'push_refused',
    [
      'remote: You are not allowed to push code to this project. The repository has been archived.',
      "fatal: unable to access 'https://gitlab.com/acme/web.git/': The requested URL returned error: 403",
    ],
  ],
  [
    'a server that is being mended',
    'repository_unreachable',
    ["fatal: unable to access 'https://gitlab.com/acme/web.git/': The requested URL returned error: 503"],
  ],
  [
    'SSH: a project that is not there',
    'repository_not_found',
    [
      `remote: ${'='.repeat(72)}`,
      'remote: ',
      "remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.",
      'remote: ',
      `remote: ${'='.repeat(72)}`,
      'fatal: Could not read from remote repository.',
    ],
  ],
  [
    'SSH: a key that is not known',
    'repository_refused',
    ['git@gitlab.com: Permission denied (publickey).', 'fatal: Could not read from remote repository.'],
  ],
])('what GitLab says of %s is %s (GT-10, I10)', (_what, code, lines) => {
  const output = { ok: false, exitCode: 128, timedOut: false, out: '', error: lines.join('\n') };
  const found = code === 'push_refused' ? pushFailure(output, 'Could not push') : gitFailure(output, 'Could not read it');
  expect(found.code).toBe(code);
  // Its own words are told, and no lines that it draws around them.
  expect(found.message).toMatch(/project|repository|credentials|503|denied/i);
  expect(found.message).not.toContain('==');
});
