import { join } from 'node:path';
import type { RigId } from '@gastown/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { createBareRepo, seedRepo, startGitServer } from '@gastown/rehearsal';
import { openGround } from '../testing/ground.ts';
import { tempFolder } from '../testing/fixtures.ts';
import { pushWorkBranch } from './push.ts';
import { commitOf, remoteRef } from './refs.ts';

const [WEB, API] = ['rig-web', 'rig-api'] as RigId[] as [RigId, RigId];

/** Two rigs at one forge, each with a token of its own, which the town hands out as it is at that moment. */
async function twoRigs() {
  const folder = tempFolder();
  const root = join(folder, 'forge');
  for (const name of ['web', 'api']) {
    const bare = await createBareRepo(join(root, 'acme', `${name}.git`));
    await seedRepo(bare, [{ path: 'a.txt', content: 'a\n' }], 'first');
  }
  const held: Record<RigId, string> = { [WEB]: 'web-0', [API]: 'api-0' };
  const taken = () => Object.fromEntries(Object.values(held).map((token) => [token, { user: 'ada', push: true }]));
  const forge = await startGitServer({ root, tokens: taken() });
  onTestFinished(() => forge.close());
  const asked: RigId[] = [];
  const { git, mirrors, remotes } = await openGround({
    state: join(folder, 'state'),
    isolation: 'none',
    askToken: (rigId) => (asked.push(rigId), Promise.resolve(held[rigId] ?? null)),
  });
  const open = async (rigId: RigId, name: string) => {
    const mirror = await mirrors.open(rigId, forge.repoUrl(`acme/${name}`));
    if (!mirror.ok) throw new Error(mirror.failure.message);
    expect(await mirrors.fetch(mirror.value)).toEqual({ ok: true, value: null });
    return mirror.value;
  };
  const [web, api] = [await open(WEB, 'web'), await open(API, 'api')];
  return {
    forge,
    asked,
    mirrors,
    remotes,
    web,
    api,
    /** The token of a rig ends; the town has the next one. */
    replace(rigId: RigId, token: string) {
      held[rigId] = token;
      forge.setTokens(taken());
    },
    async push(branch: string) {
      const head = await commitOf(git, web.path, remoteRef('main'));
      if (head === null) throw new Error('nothing was fetched');
      return pushWorkBranch(git, remotes, web, { branch, head, expected: null });
    },
  };
}

test('a token that ends again and again is asked for once each time, and what met its end goes through; another rig keeps its own (GT-6)', async () => {
  const { asked, mirrors, web, api, replace, push } = await twoRigs();
  asked.length = 0;
  for (const round of [1, 2, 3]) {
    replace(WEB, `web-${round}`);
    expect(await push(`gt/toast/1a2b3c4${round}`)).toEqual({ ok: true, value: null });
    expect(await mirrors.fetch(web)).toEqual({ ok: true, value: null });
    expect(await mirrors.fetch(api)).toEqual({ ok: true, value: null });
  }
  expect(asked).toEqual([WEB, WEB, WEB]);
});

test('commands that meet the same end of a token ask once, and all go through (GT-6)', async () => {
  const { asked, mirrors, web, replace, push } = await twoRigs();
  asked.length = 0;
  replace(WEB, 'web-1');
  const done = await Promise.all([push('gt/toast/1a2b3c41'), push('gt/toast/1a2b3c42'), push('gt/toast/1a2b3c43'), mirrors.fetch(web)]);
  expect(done).toEqual(done.map(() => ({ ok: true, value: null })));
  expect(asked).toEqual([WEB]);
});

test('a token that ends between the answer of the town and the command is asked for once more (GT-6)', async () => {
  const { asked, mirrors, web, replace, remotes } = await twoRigs();
  asked.length = 0;
  remotes.renew(WEB);
  const fetched = mirrors.fetch(web);
  replace(WEB, 'web-1');
  expect(await fetched).toEqual({ ok: true, value: null });
  expect(asked).toEqual([WEB, WEB]);
});

test('a new token that is refused as well is told, and not asked for without end (GT-6)', async () => {
  const { asked, mirrors, web, replace, forge } = await twoRigs();
  asked.length = 0;
  replace(WEB, 'wrong');
  forge.setTokens({ other: { user: 'ada', push: true } });
  expect(await mirrors.fetch(web)).toMatchObject({ ok: false, failure: { code: 'repository_refused' } });
  expect(asked).toEqual([WEB]);
});
