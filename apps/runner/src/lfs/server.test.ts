import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Mirror } from '../git/mirror.ts';
import type { Remotes } from '../git/remote.ts';
import { HOSTILE_CASES } from '../git/private-address.hostile.ts';
import { RIG } from '../testing/fixtures.ts';
import { askFor, download } from './server.ts';

const mirror: Mirror = { path: '/nowhere', rigId: RIG, gitUrl: 'https://forge.example/acme/web.git' };
const remotes: Remotes = {
  run: () => Promise.reject(new Error('no git here')),
  speak: (_rig, _url, perform) => perform('Basic of-the-rig'),
  renew: () => undefined,
};

/** Answers every request with this; tells which it was asked. */
async function serverThat(answer: (url: string) => { status: number; headers?: Record<string, string>; body?: string }) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? 'bare'}`);
    const { status, headers = {}, body = '' } = answer(String(request.url));
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('a transfer that is sent on has nothing secret at another origin, and nobody sends it round for ever (GT-7)', async () => {
  const last = await serverThat((url) =>
    url === '/round' ? { status: 302, headers: { location: '/round' } } : { status: 200, body: 'x' },
  );
  const first = await serverThat(() => ({ status: 307, headers: { location: `${last.url}/object` } }));
  const server = { mirror, remotes, scope: `${first.url}/`, url: first.url };
  const get = (href: string, header?: Record<string, string>, from: typeof server = server) =>
    download(from, { oid: 'a'.repeat(64), actions: { download: { href, header } } }, AbortSignal.timeout(10_000), async (begin) => {
      for await (const _ of begin());
      return true;
    });
  expect(await get(`${first.url}/a`, { Authorization: 'theirs' })).toMatchObject({ ok: true });
  expect(await get(`${first.url}/b`)).toMatchObject({ ok: true });
  expect(first.seen).toEqual(['/a theirs', '/b Basic of-the-rig']);
  expect(last.seen).toEqual(['/object bare', '/object bare']);
  expect(await get(`${last.url}/round`)).toMatchObject({ ok: false, failure: { code: 'repository_unreachable' } });
  expect(last.seen.length).toBeLessThan(12);
  // For a repository that is fetched as by anybody nothing inside the machine's network is asked.
  const asked = last.seen.length;
  const anybody = { ...server, mirror: { ...mirror, anonymous: true } };
  const refused = { ok: false, failure: { code: 'repository_unsafe', message: expect.stringContaining('own network') as string } };
  expect(await get(`${last.url}/object`, {}, anybody)).toMatchObject(refused);
  expect(await get(`${first.url}/c`, {}, anybody)).toMatchObject(refused);
  expect(last.seen).toHaveLength(asked);
});

test('a transfer over https is not sent on without encryption', async () => {
  const asked: unknown[] = [];
  const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    asked.push(String(input));
    return new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/latest' } });
  });
  onTestFinished(() => fetching.mockRestore());
  const server = { mirror, remotes, scope: 'https://forge.example/', url: 'https://forge.example/web.git/info/lfs' };
  const action = { href: 'https://cdn.example/object' };
  expect(
    await download(server, { oid: 'a'.repeat(64), actions: { download: action } }, AbortSignal.timeout(10_000), async () => true),
  ).toMatchObject({ ok: false, failure: { code: 'repository_unsafe' } });
  expect(asked).toEqual(['https://cdn.example/object']);
});

test('an answer that does not end is not read to its end', async () => {
  const { url } = await serverThat(() => ({ status: 200, body: JSON.stringify({ objects: [], more: 'x'.repeat(5_000_000) }) }));
  const server = { mirror, remotes, scope: `${url}/`, url };
  expect(await askFor(server, 'download', [{ oid: 'a'.repeat(64), size: 1 }], AbortSignal.timeout(10_000))).toMatchObject({
    ok: false,
    failure: { message: expect.stringContaining('cannot be read') as string },
  });
});

test(`${HOSTILE_CASES.length} spellings of the machine's own network: what was named by a stranger is asked at none, at once or sent on to it (I15, GT-7)`, async () => {
  const asked: string[] = [];
  const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    asked.push(String(input));
    return new Response(null, { status: 302, headers: { location: new URL(String(input)).searchParams.get('to')! } });
  });
  onTestFinished(() => fetching.mockRestore());
  const server = {
    mirror: { ...mirror, anonymous: true },
    remotes,
    scope: 'https://140.82.121.4/',
    url: 'https://140.82.121.4/web.git/info/lfs',
  };
  const get = (href: string) =>
    download(server, { oid: 'a'.repeat(64), actions: { download: { href } } }, AbortSignal.timeout(10_000), async () => true);
  const refused = { ok: false, failure: { code: 'repository_unsafe' } };
  for (const { id, host } of HOSTILE_CASES) {
    const front = `https://140.82.121.4/?to=${encodeURIComponent(new URL(`https://${host}/x`).href)}`;
    expect([id, await get(`https://${host}/x`)]).toMatchObject([id, refused]);
    expect([id, await get(front)]).toMatchObject([id, refused]);
  }
  expect(new Set(asked.map((address) => new URL(address).host))).toEqual(new Set(['140.82.121.4']));
});
