import { LIMITS } from '@gastown/protocol';
import type { Env } from '../env.ts';

/**
 * The session cookie. SameSite=Strict works after a link from a terminal or a mail: the page itself needs no session, and its own requests are same-site.
 */
const NAME = 'gastown_session';
const attributes = (env: Pick<Env, 'PUBLIC_URL'>): string =>
  `HttpOnly; SameSite=Strict; Path=/${env.PUBLIC_URL.startsWith('https:') ? '; Secure' : ''}`;

export const sessionCookie = (env: Pick<Env, 'PUBLIC_URL'>, token: string): string =>
  `${NAME}=${token}; Max-Age=${LIMITS.sessionMs.value / 1000}; ${attributes(env)}`;
export const clearedCookie = (env: Pick<Env, 'PUBLIC_URL'>): string => `${NAME}=; Max-Age=0; ${attributes(env)}`;

export function sessionTokenOf(request: Request): string | null {
  const cookies = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim());
  return cookies.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1) || null;
}
