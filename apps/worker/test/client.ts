import { env, exports } from 'cloudflare:workers';
import type { ApiRefusal, TownInfo } from '@gastown/protocol';
import { makeSignInCode } from '../src/directory/users.ts';
import { randomHex } from '../src/secrets/bytes.ts';

/** A client of the whole Worker, as a browser, a runner or the launcher would be one. */
const ORIGIN = 'http://town.test';
export const HOST_KEY = 'host-key-of-the-tests';

interface Asked {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  cookie?: string;
}
export function ask(path: string, { method = 'GET', body, headers = {}, cookie }: Asked = {}): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    redirect: 'manual',
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...(cookie && { cookie }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }),
  });
}

export const refusalOf = async (response: Response): Promise<ApiRefusal & { status: number }> => ({
  status: response.status,
  ...(await response.json<ApiRefusal>()),
});
export const valueOf = async <T>(response: Response): Promise<T> => {
  const body = await response.json<{ ok: boolean; value: T }>();
  if (!body.ok) throw new Error(`refused: ${JSON.stringify(body)}`);
  return body.value;
};

/** Signs the owner in through the real link and returns the cookie. */
export async function signIn(): Promise<string> {
  const { url } = await valueOf<{ url: string }>(await ask('/host/sign-in-link', { method: 'POST', headers: { 'x-host-key': HOST_KEY } }));
  const { pathname, search } = new URL(url);
  return cookieOf(await ask(pathname + search));
}
export const cookieOf = (response: Response): string => response.headers.get('set-cookie')!.split(';')[0]!;

/** Another person, put straight into the directory: there is no way to become one yet. */
export async function signInStranger(): Promise<string> {
  const id = `stranger-${randomHex(4)}`;
  const token = randomHex(32);
  const hash = [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)))]
    .map((b) => b.toString(16).padStart(2, '0'))
    .join('');
  await env.DB.batch([
    env.DB.prepare('INSERT INTO users (id, name, created_at) VALUES (?, ?, 1)').bind(id, id),
    env.DB.prepare('INSERT INTO sessions (hash, user_id, created_at, expires_at) VALUES (?, ?, 1, ?)').bind(hash, id, Date.now() + 60_000),
  ]);
  return `gastown_session=${token}`;
}

export const newTown = async (cookie: string, name = `Town ${randomHex(3)}`): Promise<TownInfo> =>
  valueOf<TownInfo>(await ask('/api/towns', { method: 'POST', body: { key: `key-${randomHex(6)}`, name }, cookie }));

export const command = (cookie: string, townId: string, wish: unknown, key = `key-${randomHex(6)}`): Promise<Response> =>
  ask(`/api/towns/${townId}/commands`, { method: 'POST', body: { key, command: wish }, cookie });

export const codeMadeAt = (at: number): Promise<string> => makeSignInCode(env.DB, at);
