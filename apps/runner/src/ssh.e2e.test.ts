import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Sha } from '@gastown/protocol';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { openFakeTown } from './testing/fake-town.ts';
import { BRANCH, mergeTest, person, RIG, tempFolder } from './testing/fixtures.ts';
import { startRunnerProcess } from './testing/runner-process.ts';
import { makeKey, startSshAgent, startSshServer } from './testing/ssh-server.ts';

/** A real runner, a real sshd, a repository behind it, and a HOME of the runner's with what ssh is told there. */
async function setUp(keyBy: 'config' | 'agent' | 'wrong key') {
  const folder = tempFolder();
  const forge = await createBareRepo(join(folder, 'forge.git'));
  await seedRepo(forge, [{ path: 'a.txt', content: 'a\n' }], 'first');
  const server = await startSshServer(join(folder, 'sshd'));
  const home = join(folder, 'home with spaces');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const wrong = join(folder, 'wrong');
  makeKey(wrong);
  const identity = { config: server.key, agent: null, 'wrong key': wrong }[keyBy];
  const settings = identity === null ? '' : `Host 127.0.0.1\n  IdentityFile ${identity}\n  IdentitiesOnly yes\n`;
  writeFileSync(join(home, '.ssh', 'config'), settings, { mode: 0o600 });
  const agent: Record<string, string> = keyBy === 'agent' ? { SSH_AUTH_SOCK: await startSshAgent(folder, server.key) } : {};
  const town = await openFakeTown();
  onTestFinished(() => town.close());
  const state = join(folder, 'state');
  startRunnerProcess(town.url, state, { HOME: home, ...agent });
  const connect = (gitUrl: string) => town.perform({ kind: 'rig.connect', rigId: RIG, gitUrl });
  return { folder, forge, server, home, state, town, connect, gitUrl: `${server.url}${forge}` };
}

test.each(['config', 'agent'] as const)(
  'a repository over SSH is connected, fetched, landed on and tidied up, with a key given by the %s of the machine (GT-4)',
  async (keyBy) => {
    const { forge, town, connect, gitUrl, state, home, server } = await setUp(keyBy);
    const base = person(forge, 'rev-parse', 'main');
    expect(await connect(gitUrl)).toEqual({
      state: 'succeeded',
      value: { kind: 'rig', defaultBranch: 'main', empty: false, head: base },
    });
    const head = Sha.parse(person(forge, 'commit-tree', '-p', 'main', '-m', 'work', person(forge, 'mktree')));
    person(forge, 'update-ref', `refs/heads/${BRANCH}`, head);
    const tested = await town.perform(mergeTest(gitUrl, head));
    if (tested.state !== 'succeeded' || tested.value.kind !== 'tested') throw new Error(JSON.stringify(tested));
    const { baseCommit, mergeCommit } = tested.value;
    expect(baseCommit).toBe(base);
    const { mergeId } = mergeTest(gitUrl, head);
    expect(
      await town.perform({ kind: 'merge.land', mergeId, rigId: RIG, gitUrl, targetBranch: 'main', baseCommit, mergeCommit }),
    ).toMatchObject({ state: 'succeeded', value: { kind: 'landed', mergeCommit } });
    expect(person(forge, 'rev-parse', 'main')).toBe(mergeCommit);
    expect(await town.perform({ kind: 'branch.delete', rigId: RIG, gitUrl, branch: BRANCH, headCommit: head })).toMatchObject({
      state: 'succeeded',
    });
    expect(person(forge, 'branch', '--list', 'gt/*')).toBe('');
    expect(readFileSync(join(state, 'ssh', 'known_hosts'), 'utf8')).toContain(`[127.0.0.1]:${server.port}`);
    expect(existsSync(join(home, '.ssh', 'known_hosts'))).toBe(false);
    const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.filter((file) => readFileSync(join(file.parentPath, file.name), 'latin1').includes('PRIVATE KEY'))).toEqual([]);
  },
);

test('a refused key, an unknown repository and a host whose key changed are told apart, with the words of ssh', async () => {
  const refused = await (async () => {
    const { connect, gitUrl } = await setUp('wrong key');
    return connect(gitUrl);
  })();
  expect(refused).toMatchObject({
    state: 'failed',
    retry: false,
    failure: { code: 'repository_refused', message: expect.stringContaining('Permission denied (publickey)') },
  });
  const { connect, gitUrl, server } = await setUp('config');
  expect(await connect(`${server.url}/nowhere/x.git`)).toMatchObject({
    state: 'failed',
    retry: false,
    failure: { code: 'repository_not_found', message: expect.stringContaining('/nowhere/x.git') },
  });
  expect(await connect(gitUrl)).toMatchObject({ state: 'succeeded' });
  await server.changeHostKey();
  expect(await connect(gitUrl)).toMatchObject({
    state: 'failed',
    retry: false,
    failure: { code: 'repository_refused', message: expect.stringContaining('Host key verification failed') },
  });
});

test('a port where nobody listens, a host that does not speak SSH and a name that is not known are unreachable, and tried again', async () => {
  const { connect } = await setUp('config');
  const hangUp = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => hangUp.on('listening', resolve));
  const { port } = hangUp.address() as AddressInfo;
  const outcomes = [await connect('ssh://git@127.0.0.1:1/x.git'), await connect(`ssh://git@127.0.0.1:${port}/x.git`)];
  await new Promise((resolve) => hangUp.close(resolve));
  outcomes.push(await connect('git@no-such-host.invalid:x.git'));
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ state: 'failed', retry: true, failure: { code: 'repository_unreachable' } });
  }
  expect(outcomes.map((outcome) => (outcome.state === 'failed' ? outcome.failure.message : ''))).toEqual([
    expect.stringContaining('Connection refused'),
    expect.stringContaining('repository'),
    expect.stringContaining('no-such-host.invalid'),
  ]);
});
