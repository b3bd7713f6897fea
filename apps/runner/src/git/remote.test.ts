import { once } from 'node:events';
import { createServer, request as passOn } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HOSTILE_ADDRESSES } from '@gastown/protocol/testing';
import { createBareRepo, createEmptyRepo, seedRepo, startGitServer } from '@gastown/rehearsal';
import { makePlace } from '../runs/place.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { gitSurroundings, RIG, runStart, tempFolder } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { parseRepositoryUrl } from './url.ts';

async function setUp(tokens: string[]) {
  const folder = tempFolder();
  const bare = await createBareRepo(join(folder, 'forge', 'acme', 'web.git'));
  await seedRepo(bare, [{ path: 'a.txt', content: 'a\n' }], 'first');
  await createEmptyRepo(join(folder, 'forge', 'acme', 'empty.git'));
  const forge = await startGitServer({ root: join(folder, 'forge'), tokens: { 'good-token': { user: 'ada', push: true } } });
  onTestFinished(() => forge.close());
  const state = join(folder, 'state');
  const around = await gitSurroundings(state, () => tokens.shift() ?? null);
  const connect = async (repo: string) => {
    const opened = await around.mirrors.open(RIG, repo.includes('/') && !repo.startsWith('acme') ? repo : forge.repoUrl(repo));
    if (!opened.ok) return opened;
    const looked = await around.mirrors.look(opened.value);
    if (!looked.ok || looked.value.empty) return looked;
    const fetched = await around.mirrors.fetch(opened.value);
    return fetched.ok ? looked : fetched;
  };
  return { ...around, forge, state, connect };
}

test('a token opens a repository over HTTP and is in no file of the state folder (GT-7)', async () => {
  const { connect, state, asked, redactor } = await setUp(['good-token']);
  expect(await connect('acme/web')).toMatchObject({ ok: true, value: { defaultBranch: 'main', empty: false } });
  expect(asked).toHaveLength(1);
  const files = readdirSync(state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => /good-token|eC1hY2Nlc3MtdG9rZW46/.test(readFileSync(file, 'latin1')))).toEqual([]);
  expect(redactor.redact('see good-token')).toBe('see ****');
});

test('a server that accepts and never answers holds nothing open once git is ended at its limit: no helper of git goes on (I18)', async () => {
  const { mirrors, git } = await setUp([]);
  const opened = await mirrors.open(RIG, 'http://127.0.0.1:1/a.git');
  if (!opened.ok) throw new Error('no mirror');
  const open = new Set<Socket>();
  let asked = 0;
  const silent = createServer(() => void (asked += 1));
  silent.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => (silent.closeAllConnections(), void silent.close()));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/a.git`;
  const ended = await git({ cwd: opened.value.path, timeoutMs: 3_000 }, 'ls-remote', '--', url);
  expect([ended.timedOut, asked]).toEqual([true, 1]);
  expect(await until('the connection is closed', () => open.size === 0, 10_000)).toBe(true);
}, 30_000);

test('a refused token is asked for once more, and the operation goes on with the new one (GT-6)', async () => {
  const { asked, forge, mirrors, remotes } = await setUp(['stale-token', 'good-token']);
  const opened = await mirrors.open(RIG, forge.repoUrl('acme/web'));
  if (!opened.ok) throw new Error('no mirror');
  const first = await remotes.run(RIG, forge.repoUrl('acme/web'), { cwd: opened.value.path }, (url) => ['ls-remote', '--', url]);
  expect(first).toMatchObject({ ok: true, value: { ok: true } });
  expect(asked).toHaveLength(2);
});

test('each run begins with a fresh token of its rig, so one that was replaced is not used until it is refused (GT-6)', async () => {
  const tokens = ['good-token', 'newer-token', 'newer-token', 'good-token'];
  const around = await setUp(tokens);
  expect(await around.connect('acme/web')).toMatchObject({ ok: true });
  const start = runStart(around.forge.repoUrl('acme/web'));
  const place = () => makePlace({ ...around, locks: makeKeyedLock() }, start, 'kilo-test');
  expect(await place()).toMatchObject({ ok: false, failure: { code: 'repository_refused' } });
  expect(await place()).toMatchObject({ ok: true });
  expect(around.asked).toHaveLength(4);
});

test('credentials that stay wrong, or are missing, are told as refused', async () => {
  expect(await (await setUp(['wrong-token', 'wrong-token'])).connect('acme/web')).toMatchObject({
    ok: false,
    failure: { code: 'repository_refused' },
  });
  expect(await (await setUp([])).connect('acme/web')).toMatchObject({ ok: false, failure: { code: 'repository_refused' } });
});

test('a token does not go along to another host that the server sends us to; which one it is, is told (GT-6)', async () => {
  const { connect } = await setUp(['good-token']);
  const seen: (string | undefined)[] = [];
  const thief = await sending(
    () => null,
    (request) => seen.push(request.headers.authorization),
  );
  const front = await sending((path) => `${thief}${path.replace('/old/', '/stolen/')}`);
  expect(await connect(`${front}/old/web.git`)).toMatchObject({
    ok: false,
    failure: { code: 'repository_not_found', message: expect.stringContaining(`${thief}/stolen/web.git `) },
  });
  expect(seen).toEqual([]);
});

test('a repository that has another name on the same host is found there, with its token', async () => {
  const { connect, forge } = await setUp(['good-token']);
  const seen: string[] = [];
  const front = await sending(
    (path) => (path.startsWith('/acme/old') ? path.replace('/acme/old', '/acme/web.git') : null),
    (request, response) => {
      seen.push(String(request.url));
      const onward = passOn(
        forge.repoUrl('acme/web').replace(/\/acme.*/, '') + String(request.url),
        { method: request.method, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(onward);
    },
  );
  expect(await connect(`${front}/acme/old`)).toMatchObject({ ok: true, value: { defaultBranch: 'main' } });
  expect(seen.length).toBeGreaterThan(1);
});

/** A server that sends on for what `to` says, and else answers by `or`. */
async function sending(
  to: (path: string) => string | null,
  or: (request: IncomingMessage, response: ServerResponse) => void = () => undefined,
) {
  const server = createServer((request, response) => {
    const location = to(request.url ?? '');
    if (location !== null) return void response.writeHead(301, { location }).end();
    or(request, response);
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('an empty repository is connected with the branch that is to come (AG-19)', async () => {
  const { connect } = await setUp(['good-token']);
  expect(await connect('acme/empty')).toEqual({ ok: true, value: { defaultBranch: 'main', empty: true, head: null } });
});

test.each([
  ['acme/nothing', 'repository_not_found'],
  ['/nonexistent/repo.git', 'repository_not_found'],
  ['http://127.0.0.1:1/x/y.git', 'repository_unreachable'],
])('%s is told as %s', async (repo, code) => {
  const { connect } = await setUp(['good-token', 'good-token']);
  expect(await connect(repo)).toMatchObject({ ok: false, failure: { code } });
});

test.each([
  'ext::sh -c touch% /tmp/pwned',
  '--upload-pack=touch /tmp/x',
  'https://user:pass@host/x.git',
  'ftp://host/x',
  'file://host/x',
  'relative/path',
  'a\nb',
  '',
  'ssh://-oProxyCommand=x/y',
  '-oProxyCommand=x:y',
  'fd::17',
])('the address %j is refused before git sees it', (url) => {
  expect(parseRepositoryUrl(url)).toMatchObject({ ok: false, failure: { code: 'repository_unsafe' } });
});

test.each([
  ['https://github.com/a/b.git', 'http'],
  ['ssh://git@host:2222/a/b.git', 'ssh'],
  ['git@github.com:a/b.git', 'ssh'],
  ['/srv/git/a.git', 'path'],
  ['file:///srv/git/a.git', 'path'],
])('%s is reached by %s', (url, kind) => {
  expect(parseRepositoryUrl(url)).toMatchObject({ ok: true, value: { kind } });
});

test.each(HOSTILE_ADDRESSES)('$id: $address is refused before git sees it (GT-7, I15)', ({ address }) => {
  expect(parseRepositoryUrl(address)).toMatchObject({ ok: false, failure: { code: 'repository_unsafe' } });
});

test.each([
  ['https://0x7f.1/a/b', 'https://127.0.0.1/a/b'],
  ['https://2130706433/a/b', 'https://127.0.0.1/a/b'],
  ['https://0177.0.0.1/a/b', 'https://127.0.0.1/a/b'],
  ['https://Forge.Example:443/a/../b', 'https://forge.example/b'],
])('%s is given to git as it is understood here: %s, so that nobody understands another host (GT-7)', (address, url) => {
  expect(parseRepositoryUrl(address)).toMatchObject({ ok: true, value: { url, scope: `${new URL(url).origin}/` } });
});
