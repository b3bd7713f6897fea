import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBareRepo, seedRepo } from '../sample/repository.ts';
import { startGitServer } from './git-server.ts';
import type { GitServer, Push } from './git-server.ts';

let folder: string;
let server: GitServer;
let pushes: Push[];
let first: string;

const TOKENS = {
  writer: { user: 'toast', push: true },
  reader: { user: 'guest', push: false },
  other: { user: 'other', push: true, repos: ['else/where'] },
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gastown-git-server-'));
  const bare = await createBareRepo(join(folder, 'root', 'acme', 'web.git'));
  first = await seedRepo(bare, [{ path: 'a.txt', content: 'a\n' }], 'first');
  pushes = [];
  server = await startGitServer({ root: join(folder, 'root'), tokens: TOKENS, onPush: (push) => pushes.push(push) });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs git without blocking this process, which serves it. */
function git(...args: string[]): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' };
    const child = spawn('git', ['-c', 'user.name=Toast', '-c', 'user.email=toast@example.invalid', ...args], { cwd: folder, env });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (out += data.toString('utf8')));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}

const urlWith = (token: string, repo = 'acme/web') => server.repoUrl(repo).replace('http://', `http://x-access-token:${token}@`);
const clone = (token = 'writer', repo = 'acme/web') => git('clone', '-q', urlWith(token, repo), 'work');

/** One raw request: nothing on this side tidies the path. */
function rawStatus(path: string, token = 'writer'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (data) => (text += data.toString('utf8')));
    socket.on('error', reject);
    socket.on('close', () => resolve(text.split(' ')[1] ?? 'nothing'));
  });
}

describe('clone and push', () => {
  test('go through real git, and a push is reported with the refs that moved', async () => {
    expect(await clone()).toMatchObject({ code: 0 });
    await git('-C', 'work', 'commit', '-q', '--allow-empty', '-m', 'second');
    const { code } = await git('-C', 'work', 'push', '-q', 'origin', 'main', 'main:refs/heads/topic');
    expect(code).toBe(0);
    const head = (await git('-C', 'work', 'rev-parse', 'HEAD')).out.trim();
    expect(pushes).toEqual([
      {
        repo: 'acme/web',
        user: 'toast',
        updates: [
          { ref: 'refs/heads/main', before: first, after: head },
          { ref: 'refs/heads/topic', before: '0'.repeat(40), after: head },
        ],
      },
    ]);
    expect((await git('ls-remote', urlWith('reader'), 'topic')).out).toContain(head);
  });

  test('a push whose lease is stale is refused by git and not reported', async () => {
    await clone();
    await git('-C', 'work', 'commit', '-q', '--allow-empty', '-m', 'second');
    const { code, out } = await git('-C', 'work', 'push', `--force-with-lease=main:${'1'.repeat(40)}`, 'origin', 'main');
    expect(code).not.toBe(0);
    expect(out).toContain('stale info');
    expect(pushes).toEqual([]);
  });

  test('a file of some megabytes goes through, up and down', async () => {
    await clone();
    await git('-C', 'work', 'config', 'core.compression', '0');
    writeFileSync(join(folder, 'work', 'big'), randomBytes(5_000_000));
    await git('-C', 'work', 'add', 'big');
    await git('-C', 'work', 'commit', '-q', '-m', 'big');
    expect(await git('-C', 'work', 'push', '-q', 'origin', 'main')).toMatchObject({ code: 0 });
    expect(await git('clone', '-q', urlWith('reader'), 'again')).toMatchObject({ code: 0 });
  });
});

describe('refusals are those of a forge', () => {
  test('401 without a token or with a bad one', async () => {
    expect((await git('ls-remote', server.repoUrl('acme/web'))).code).not.toBe(0);
    const { code, out } = await git('ls-remote', urlWith('wrong'));
    expect(code).not.toBe(0);
    expect(out).toMatch(/Authentication failed|Invalid username or token/);
    const bare = await fetch(`${server.repoUrl('acme/web')}/info/refs?service=git-upload-pack`);
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Basic')]);
    expect(await rawStatus('/acme/web.git/info/refs?service=git-upload-pack', '__proto__')).toBe('401');
  });

  test('403 for a push with a token that may only read', async () => {
    expect((await clone('reader')).code).toBe(0);
    const { code, out } = await git('-C', 'work', 'push', 'origin', 'main:x');
    expect(code).not.toBe(0);
    expect(out).toContain('403');
    expect(pushes).toEqual([]);
  });

  test('404 for a repository that is not there, and the same for one that the token may not see', async () => {
    expect((await clone('writer', 'acme/none')).out).toContain('not found');
    expect((await clone('other')).out).toContain('not found');
    expect(
      server
        .requests()
        .filter((request) => request.user !== null || request.status === 404)
        .map((request) => request.status),
    ).toEqual([404, 404]);
  });

  test('tokens can be changed while it runs', async () => {
    server.setTokens({});
    expect(await rawStatus('/acme/web.git/info/refs?service=git-upload-pack')).toBe('401');
    server.setTokens(TOKENS);
    expect(await rawStatus('/acme/web.git/info/refs?service=git-upload-pack')).toBe('200');
  });
});

describe('nothing outside the root is served', () => {
  test.each([
    '/../secret.git/info/refs?service=git-upload-pack',
    '/acme/../../secret.git/info/refs?service=git-upload-pack',
    '/acme/%2e%2e/%2e%2e/secret.git/info/refs?service=git-upload-pack',
    '/acme/..%2f..%2fsecret.git/info/refs?service=git-upload-pack',
    '/acme/a..b.git/info/refs?service=git-upload-pack',
    '//secret.git/info/refs?service=git-upload-pack',
    '/acme/leading-out.git/info/refs?service=git-upload-pack',
    '/acme/web.git/HEAD',
    '/acme/web.git/objects/info/packs',
    '/acme/web.git/info/refs',
    '/acme/web.git/info/refs?service=git-evil',
    '/',
  ])('%s', async (path) => {
    const secret = await createBareRepo(join(folder, 'secret.git'));
    await seedRepo(secret, [{ path: 'key', content: 'secret' }], 'secret');
    symlinkSync(secret, join(folder, 'root', 'acme', 'leading-out.git'));
    expect(await rawStatus(path)).toBe('404');
  });
});

describe('trouble', () => {
  test('it can be taken down and brought back on the same address', async () => {
    await server.down();
    const { code, out } = await git('ls-remote', urlWith('reader'));
    expect([code, out]).toEqual([128, expect.stringMatching(/connect/i)]);
    await server.up();
    await server.up();
    expect((await git('ls-remote', urlWith('reader'))).code).toBe(0);
  });

  test('the next requests can be made to fail, and then it works again', async () => {
    server.inject({ failNext: 2, status: 502 });
    expect([
      await rawStatus('/'),
      await rawStatus('/acme/web.git/info/refs?service=git-upload-pack'),
      await rawStatus('/acme/web.git/info/refs?service=git-upload-pack'),
    ]).toEqual(['502', '502', '200']);
  });

  test('answers can be held back', async () => {
    server.inject({ delayMs: 80 });
    const started = performance.now();
    await rawStatus('/');
    expect(performance.now() - started).toBeGreaterThanOrEqual(79);
  });
});
