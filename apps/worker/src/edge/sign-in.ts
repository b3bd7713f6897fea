import { FAILURES } from '@gastown/protocol';
import { endSession, makeSignInCode, startOwnerSession, useSignInCode } from '../directory/users.ts';
import { environmentOf, type Env } from '../env.ts';
import { answer } from './answers.ts';
import { clearedCookie, sessionCookie, sessionTokenOf } from './cookie.ts';
import { closeOwed } from './page-sockets.ts';

/** One-time links: the launcher asks for one, a browser uses it once. */
export async function signInLink(env: Env): Promise<Response> {
  const url = new URL('/sign-in', env.PUBLIC_URL);
  url.searchParams.set('code', await makeSignInCode(env.DB, Date.now()));
  return answer({ url: url.href });
}

export async function signIn(request: Request, env: Env, later: (work: Promise<unknown>) => void): Promise<Response> {
  // Who only looks (a preview of the link, a browser that looks ahead) must not use it up.
  if (request.method === 'HEAD') return new Response(null);
  if (request.headers.get('sec-purpose')?.includes('prefetch')) return new Response(null, { status: 503 });
  const code = new URL(request.url).searchParams.get('code') ?? '';
  if (!(await useSignInCode(env.DB, code, Date.now()))) return usedLinkPage();
  const token = await startOwnerSession(env.DB, environmentOf(env).owner.name, Date.now());
  later(closeOwed(env));
  return new Response(null, { status: 303, headers: { location: '/', 'set-cookie': sessionCookie(env, token) } });
}

export async function signOut(request: Request, env: Env): Promise<Response> {
  const token = sessionTokenOf(request);
  if (token) await endSession(env.DB, token);
  await closeOwed(env);
  const response = answer(null);
  response.headers.set('set-cookie', clearedCookie(env));
  return response;
}

function usedLinkPage(): Response {
  const { says, next, status } = FAILURES.sign_in_link_used;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in – Gastown</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}code{font-size:.95em}</style>
<h1>${says}</h1><p>${next.replace('./gastown link', '<code>./gastown link</code>')}</p><p>If you are signed in already: <a href="/">open your towns</a>.</p></html>`;
  return new Response(html, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
}
