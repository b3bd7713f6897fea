import { createExecutionContext, listDurableObjectIds } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ApiRefusal, FAILURES } from '@gastown/protocol';
import { describe, expect, it, vi } from 'vitest';
import { ask, codeMadeAt, cookieOf, HOST_KEY, refusalOf, signIn, valueOf } from '../../test/client.ts';
import { serve } from './app.ts';
import { ROUTES, type Access } from './routes.ts';

const UNKNOWN = 'zzzzzzzzzzzz';
const addressOf = (path: string, town = UNKNOWN) => path.replace(':town', town).replace(':agent', 'ag-00000000');
const walk = (...access: Access[]) =>
  ROUTES.filter((route) => access.includes(route.access)).map((route) => [`${route.method} ${route.path}`, route] as const);
const socket = { upgrade: 'websocket' };
/** A GET may be a socket; everything else has a body. */
const like = (method: string, headers: Record<string, string> = {}) =>
  method === 'GET' ? { method, headers: { ...headers, ...socket } } : { method, headers, body: {} };

describe('every route refuses who it is not for (AU-1, AU-2)', () => {
  it.each(walk('person', 'town', 'runner', 'agent', 'host'))('%s: signed out → 401', async (_name, { method, path }) => {
    const refused = await refusalOf(await ask(addressOf(path), like(method)));
    expect(refused.status).toBe(401);
    expect(refused.failure.message).not.toBe('');
  });

  it.each(walk('town'))('%s: an unknown town → 404, and no object comes into being', async (_name, { method, path }) => {
    const cookie = await signIn();
    for (const town of [UNKNOWN, 'not-an-id', 'ZZZZZZZZZZZZ']) {
      const refused = await refusalOf(await ask(addressOf(path, town), { ...like(method), cookie }));
      expect(refused).toMatchObject({ status: 404, failure: { code: 'unknown_town' } });
    }
    expect(await listDurableObjectIds(env.TOWN as unknown as DurableObjectNamespace)).toEqual([]);
  });

  it.each(walk('runner', 'agent', 'host'))('%s: a browser may not use it at all', async (_name, { method, path }) => {
    const refused = await refusalOf(await ask(addressOf(path), like(method, { origin: 'http://town.test', 'x-host-key': HOST_KEY })));
    expect(refused).toMatchObject({ status: 403, failure: { code: 'wrong_origin' } });
  });

  it('an address that is not in the table is nothing', async () => {
    for (const path of ['/api/nothing', '/host/secrets', '/llm/openai/embeddings', '/runner']) {
      expect(await refusalOf(await ask(path, { method: 'POST', body: {} }))).toMatchObject({
        status: 404,
        failure: { code: 'unknown_route' },
      });
    }
  });
});

describe('host and origin', () => {
  it('a host that is not ours is refused before anything else (DNS rebinding)', async () => {
    for (const path of ['/', '/healthz', '/api/session', '/sign-in?code=x']) {
      expect(await refusalOf(await ask(path, { headers: { host: 'evil.test' } }))).toMatchObject({
        status: 421,
        failure: { code: 'wrong_host' },
      });
    }
    expect((await ask('/healthz', { headers: { host: 'localhost:8787' } })).status).toBe(200);
  });

  const foreign: Record<string, string>[] = [
    { origin: 'http://evil.test' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://town.test:81' },
  ];
  it.each(foreign)('a request that changes state, or a socket, from another site (%o) is refused', async (headers) => {
    const cookie = await signIn();
    const post = await refusalOf(await ask('/api/towns', { method: 'POST', body: { name: 'x' }, cookie, headers: { ...headers } }));
    const live = await refusalOf(await ask(`/api/towns/${UNKNOWN}/live`, { cookie, headers: { ...headers, ...socket } }));
    expect([post.failure.code, live.failure.code]).toEqual(['wrong_origin', 'wrong_origin']);
  });

  it('every answer carries the security headers', async () => {
    for (const path of ['/healthz', '/api/session', '/sign-in?code=x']) {
      const { headers } = await ask(path);
      expect(headers.get('content-security-policy')).toMatch(/script-src 'self';.*frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe-eval/);
      expect([headers.get('x-content-type-options'), headers.get('referrer-policy'), headers.get('cache-control')]).toEqual([
        'nosniff',
        'same-origin',
        'no-store',
      ]);
    }
  });
});

describe('signing in', () => {
  it('a link works once; the second time a page says what to do', async () => {
    const { url } = await valueOf<{ url: string }>(
      await ask('/host/sign-in-link', { method: 'POST', headers: { 'x-host-key': HOST_KEY } }),
    );
    const { pathname, search } = new URL(url);
    const answers = await Promise.all([ask(pathname + search), ask(pathname + search), ask(pathname + search)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 410, 410]);
    const page = await answers.find(({ status }) => status === 410)!.text();
    expect(page).toContain('./gastown link');
    const first = answers.find(({ status }) => status === 303)!;
    expect(first.headers.get('location')).toBe('/');
    expect(first.headers.get('set-cookie')).toMatch(/^gastown_session=[\w-]{43}; Max-Age=2592000; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(await valueOf(await ask('/api/session', { cookie: cookieOf(first) }))).toMatchObject({
      user: { id: 'owner' },
      version: '0.1.0-test',
      envProviders: ['openai'],
    });
  });

  it('a link that is too old, or a code that was never given out, signs nobody in', async () => {
    const old = await codeMadeAt(Date.now() - 600_001);
    for (const code of [old, 'x', '']) expect((await ask(`/sign-in?code=${code}`)).status).toBe(410);
  });

  it('a browser that looks ahead does not use up the link', async () => {
    const code = await codeMadeAt(Date.now());
    expect((await ask(`/sign-in?code=${code}`, { headers: { 'sec-purpose': 'prefetch' } })).status).toBe(503);
    expect((await ask(`/sign-in?code=${code}`)).status).toBe(303);
  });

  it('a preview of the link (HEAD) does not use it up', async () => {
    const code = await codeMadeAt(Date.now());
    const looked = await ask(`/sign-in?code=${code}`, { method: 'HEAD' });
    expect([looked.status, looked.headers.get('set-cookie')]).toEqual([200, null]);
    expect((await ask(`/sign-in?code=${code}`)).status).toBe(303);
  });

  it('the directory holds neither codes nor session tokens in the clear (I16)', async () => {
    const cookie = await signIn();
    const stored = JSON.stringify([
      await env.DB.prepare('SELECT * FROM sessions').all(),
      await env.DB.prepare('SELECT * FROM sign_in_codes').all(),
    ]);
    expect(stored).not.toContain(cookie.split('=')[1]);
  });

  it('signing out ends the session, not only the cookie; an expired session is none', async () => {
    const cookie = await signIn();
    expect((await ask('/api/session/end', { method: 'POST', cookie })).headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await ask('/api/session', { cookie })).status).toBe(401);
    const other = await signIn();
    await env.DB.prepare('UPDATE sessions SET expires_at = 1').run();
    expect((await ask('/api/session', { cookie: other })).status).toBe(401);
  });

  it('never shows a key of the environment (CF-13)', async () => {
    expect(await (await ask('/api/session', { cookie: await signIn() })).text()).not.toContain('sk-environment');
  });
});

describe('bad input is answered with its field, and with the catalogue’s status and next step (TL-4)', () => {
  const key = 'key-12345678';
  const cases: [string, unknown, string, RegExp][] = [
    ['no JSON', '{"name":', 'invalid_json', /not JSON/],
    ['not UTF-8 text', 'null', 'invalid_input', /body: .*object/],
    ['a missing name', { key }, 'invalid_input', /^name: .*string/],
    ['an empty name', { key, name: '  ' }, 'invalid_input', /^name: /],
    ['a long name', { key, name: 'x'.repeat(61) }, 'invalid_input', /^name: .*60/],
    ['a missing key', { name: 'x' }, 'invalid_input', /^key: .*string/],
    ['too much', { name: 'x'.repeat(300_000) }, 'too_large', /262144/],
  ];
  it.each(cases)('%s', async (_name, body, code, message) => {
    const response = await ask('/api/towns', { method: 'POST', body, cookie: await signIn() });
    const refused = await refusalOf(response);
    expect(ApiRefusal.safeParse(refused).success).toBe(true);
    expect(refused).toMatchObject({
      status: FAILURES[refused.failure.code].status,
      next: FAILURES[refused.failure.code].next,
      failure: { code },
    });
    expect(refused.failure.message).toMatch(message);
    expect(await valueOf(await ask('/api/towns', { cookie: await signIn() }))).toEqual([]);
  });

  it('a body that is no UTF-8 is refused in one sentence', async () => {
    const headers = { cookie: await signIn() };
    const request = new Request('http://town.test/api/towns', { method: 'POST', body: new Uint8Array([0x22, 0xff, 0x22]), headers });
    const refused = await refusalOf(await serve(request, env as never, createExecutionContext()));
    expect(refused).toMatchObject({ status: 400, failure: { code: 'invalid_json' } });
    expect(refused.failure.message).toMatch(/^The body is not JSON: [^.]+\.$/);
  });

  it('a body that breaks off on its way is the sender’s doing: refused, and nothing is logged', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const chunks = [new TextEncoder().encode('{"name":1')];
    const body = new ReadableStream({
      pull: (stream) => {
        const chunk = chunks.shift();
        if (!chunk) throw new Error('Network connection lost.');
        stream.enqueue(chunk);
      },
    });
    const request = new Request('http://town.test/api/towns', { method: 'POST', body, headers: { cookie: await signIn() } });
    const refused = await refusalOf(await serve(request, env as never, createExecutionContext()));
    expect(refused).toMatchObject({ status: 400, failure: { code: 'invalid_input', message: 'body: it broke off on its way.' } });
    expect(logged).not.toHaveBeenCalled();
    logged.mockRestore();
  });
});
