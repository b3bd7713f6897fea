import { openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Failure, Result, Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Remotes } from '../git/remote.ts';
import { isPrivateHost } from '../git/private-address.ts';
import { parseRepositoryUrl } from '../git/url.ts';
import { otherServer } from './files.ts';
import type { Pointer } from './filter.ts';

/**
 * The server of Git LFS that belongs to a repository, by its batch API with basic transfers. It is where the address of the rig says and nowhere else: what a commit says of it (`.lfsconfig`) is no reason to send the rig's token
 * there, or to ask an address that an agent chose. The token goes to that origin alone; where the server sends a transfer elsewhere it goes with what the server gave for it.
 */
export interface LfsServer {
  readonly mirror: Mirror;
  readonly remotes: Remotes;
  /** `…/info/lfs` */
  readonly url: string;
  readonly scope: string;
}

type Operation = 'download' | 'upload';

const Action = z.object({ href: z.url({ protocol: /^https?$/ }), header: z.record(z.string(), z.string()).nullish() });
const Answer = z.object({
  oid: z.string(),
  authenticated: z.boolean().nullish(),
  actions: z.object({ download: Action.nullish(), upload: Action.nullish(), verify: Action.nullish() }).nullish(),
  error: z.object({ code: z.number(), message: z.string() }).nullish(),
});
const Answers = z.object({ transfer: z.string().nullish(), objects: z.array(Answer) });
type Action = z.infer<typeof Action>;
/** What the server says of one object. Without actions: it needs nothing (an upload that it has). */
export type Answer = z.infer<typeof Answer>;

/** Where it is, or why it cannot be asked. */
export function lfsServerOf(remotes: Remotes, mirror: Mirror): Result<LfsServer> {
  const parsed = parseRepositoryUrl(mirror.gitUrl);
  if (!parsed.ok) return parsed;
  if (parsed.value.kind !== 'http')
    return refuse(failure('repository_unreachable', 'Git LFS is asked over HTTP only, and the address of this repository is another.'));
  const { url, scope } = parsed.value;
  const base = url.replace(/\/+$/, '');
  return ok({ mirror, remotes, scope, url: `${base}${base.endsWith('.git') ? '' : '.git'}/info/lfs` });
}

/** Of the rig, unless the commit says that its objects are elsewhere. */
export async function lfsServerFor(git: Git, remotes: Remotes, mirror: Mirror, commit: Sha): Promise<Result<LfsServer>> {
  const [server, other] = [lfsServerOf(remotes, mirror), await otherServer(git, mirror.path, commit)];
  if (!server.ok || other === null || other.replace(/\/+$/, '') === server.value.url) return server;
  return refuse(failure('repository_unsafe', 'its .lfsconfig names another server, which is not asked'));
}

const TYPE = 'application/vnd.git-lfs+json';
/** As much as servers take in one question. */
const MOST_OBJECTS = 100;

export async function askFor(
  server: LfsServer,
  operation: Operation,
  objects: readonly Pointer[],
  signal: AbortSignal,
): Promise<Result<Map<string, Answer>>> {
  const answers = new Map<string, Answer>();
  for (let at = 0; at < objects.length; at += MOST_OBJECTS) {
    const some = objects.slice(at, at + MOST_OBJECTS).map(({ oid, size }) => ({ oid, size }));
    const told = await askOnce(server, operation, some, signal);
    if (!told.ok) return told;
    for (const each of told.value) answers.set(each.oid, each);
  }
  return ok(answers);
}

async function askOnce(
  server: LfsServer,
  operation: Operation,
  objects: readonly Pointer[],
  signal: AbortSignal,
): Promise<Result<Answer[]>> {
  const body = JSON.stringify({ operation, transfers: ['basic'], objects, hash_algo: 'sha256' });
  const headers = { accept: TYPE, 'content-type': TYPE };
  const at = (url: string): Promise<Result<Response>> =>
    speak(server, (authorization) =>
      fetch(url, { method: 'POST', body, headers: authorized(headers, authorization), redirect: 'manual', signal }),
    );
  const first = await at(`${server.url}/objects/batch`);
  const next = first.ok ? movedTo(server, first.value) : null;
  const sent = next === null ? first : await at(next);
  if (!sent.ok) return sent;
  const { value: response } = sent;
  if (response.status !== 200) return refuse(await refusalOf(response, operation));
  const read = Answers.safeParse(await jsonOf(response).catch(() => null));
  if (!read.success || (read.data.transfer ?? 'basic') !== 'basic')
    return refuse(failure('repository_unreachable', 'The server of Git LFS gave an answer that cannot be read.'));
  return ok(read.data.objects);
}

const MOST_ANSWER_BYTES = 4 * 1_048_576;

/** Throws when it is none, or more than an answer can be. */
async function jsonOf({ body }: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > MOST_ANSWER_BYTES) throw new Error('the answer is too long');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString()) as unknown;
}

/** A repository that was renamed answers so. Another host is not followed: the token is not for it. */
function movedTo({ url, scope }: LfsServer, { status, headers }: Response): string | null {
  const location = headers.get('location');
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, url)) return null;
  const next = new URL(location, url);
  return `${next.origin}/` === scope ? next.href : null;
}

/** Brings the content of one object to `take`. */
export async function download(
  server: LfsServer,
  answer: Answer,
  signal: AbortSignal,
  take: (begin: () => Readable) => Promise<boolean>,
): Promise<Result<null>> {
  const { error, actions } = answer;
  if (error || !actions?.download)
    return refuse(failure('repository_not_found', `the server does not have it (${error?.message ?? 'it says nothing of it'})`));
  const { download: action } = actions;
  const sent = await transfer(server, answer, action, { signal });
  if (!sent.ok) return sent;
  const { body } = sent.value;
  if (sent.value.status !== 200 || body === null) return refuse(await refusalOf(sent.value, 'download'));
  try {
    const whole = await take(() => Readable.fromWeb(body as ReadableStream));
    return whole ? ok(null) : refuse(failure('repository_unreachable', 'what the server sent is not what the pointer names'));
  } catch (cause) {
    if (isDisk(cause)) throw cause;
    return refuse(failure('repository_unreachable', `it did not arrive (${wordsOf(cause)})`));
  }
}

/** Gives the server the content of one object that it asked for. */
export async function upload(server: LfsServer, answer: Answer, object: Pointer, file: string, signal: AbortSignal): Promise<Result<null>> {
  const { upload: action, verify } = answer.actions ?? {};
  if (answer.error) return refuse(failure('push_refused', `the server does not take it (${answer.error.message})`));
  if (action) {
    // Its size is said before: a store behind the server may take nothing without.
    const body = await openAsBlob(file, { type: 'application/octet-stream' });
    const sent = await transfer(server, answer, action, { method: 'PUT', body, signal });
    if (!sent.ok) return sent;
    if (!sent.value.ok) return refuse(await refusalOf(sent.value, 'upload'));
    await sent.value.body?.cancel();
  }
  if (!verify) return ok(null);
  const body = JSON.stringify({ oid: object.oid, size: object.size });
  const header = { accept: TYPE, 'content-type': TYPE, ...verify.header };
  const sent = await transfer(server, answer, { ...verify, header }, { method: 'POST', body, signal });
  if (!sent.ok) return sent;
  if (!sent.value.ok) return refuse(await refusalOf(sent.value, 'upload'));
  await sent.value.body?.cancel();
  return ok(null);
}

const MOST_HOPS = 5;

/** A transfer has what the server gave for it; the token only where it gave nothing and the place is its own. Where it is sent on, the next place is looked at as the first was, and at another origin it is nobody's. */
async function transfer(
  server: LfsServer,
  { authenticated }: Answer,
  { href, header }: Action,
  request: RequestInit,
): Promise<Result<Response>> {
  let given = header ?? {};
  let own = authenticated !== true && !Object.keys(given).some(isSecret);
  let at = new URL(href);
  for (let hop = 0; hop <= MOST_HOPS; hop++) {
    const may = await mayBeAsked(server, at);
    if (!may.ok) return may;
    own &&= `${at.origin}/` === server.scope;
    const send = (headers: Record<string, string>): Promise<Response> => fetch(at, { ...request, headers, redirect: 'manual' });
    const sent = await (own ? speak(server, (authorization) => send(authorized(given, authorization))) : guarded(() => send(given)));
    const next = sent.ok ? sentOnTo(sent.value, at, request.method) : null;
    if (!sent.ok || next === null) return sent;
    await sent.value.body?.cancel();
    if (next.origin !== at.origin) given = Object.fromEntries(Object.entries(given).filter(([name]) => !isSecret(name)));
    at = next;
  }
  return refuse(failure('repository_unreachable', 'the server sends from one place to the next'));
}

const isSecret = (name: string): boolean => ['authorization', 'cookie', 'proxy-authorization'].includes(name.toLowerCase());

/** What fetches as anybody was named by a stranger, perhaps: nothing of the machine's own network is asked for it. */
async function mayBeAsked({ scope, mirror }: LfsServer, { protocol, origin, hostname }: URL): Promise<Result<null>> {
  if (protocol !== 'https:' && (protocol !== 'http:' || scope.startsWith('https:')))
    return refuse(failure('repository_unsafe', 'the server wants it sent without encryption'));
  if (mirror.anonymous !== true || `${origin}/` === scope) return ok(null);
  const inside = await isPrivateHost(hostname).catch(() => null);
  if (inside === null) return refuse(failure('repository_unreachable', 'nobody knows the host that the server sends to'));
  return inside ? refuse(failure('repository_unsafe', 'the server sends to an address of the machine’s own network')) : ok(null);
}

/** 303 is an answer to what was given, and says where to read more. */
function sentOnTo({ status, headers }: Response, from: URL, method = 'GET'): URL | null {
  const location = headers.get('location');
  if (![301, 302, 307, 308, ...(method === 'GET' ? [303] : [])].includes(status) || location === null || !URL.canParse(location, from))
    return null;
  return new URL(location, from);
}

function speak({ remotes, mirror }: LfsServer, send: (authorization: string | null) => Promise<Response>): Promise<Result<Response>> {
  if (mirror.anonymous === true) return guarded(() => send(null));
  return guarded(async () => {
    const { response } = await remotes.speak(mirror.rigId, mirror.gitUrl, async (authorization) => {
      const got = await send(authorization);
      return { response: got, refused: got.status === 401 || got.status === 403 };
    });
    return response;
  });
}

async function guarded(send: () => Promise<Response>): Promise<Result<Response>> {
  try {
    return ok(await send());
  } catch (cause) {
    return refuse(failure('repository_unreachable', `the server of Git LFS does not answer (${wordsOf(cause)})`));
  }
}

const authorized = (headers: Record<string, string>, authorization: string | null): Record<string, string> =>
  authorization === null ? headers : { ...headers, authorization };

/** The words of the server are not passed on: it may be any, and say anything. */
async function refusalOf({ status, body }: Response, operation: Operation): Promise<Failure> {
  await body?.cancel();
  const said = `it answered ${status}`;
  switch (status) {
    case 401:
    case 403:
      return failure(
        'repository_refused',
        `the server of Git LFS does not let the rig's token ${operation === 'upload' ? 'write' : 'read'} there (${said})`,
      );
    case 404:
    case 405:
      return failure('repository_not_found', `the server of the repository has no Git LFS (${said})`);
    case 413:
    case 507:
    case 509:
      return failure('push_refused', `the server of Git LFS has no room for it (${said})`);
    default:
      return failure('repository_unreachable', `the server of Git LFS did not do it (${said})`);
  }
}

const wordsOf = (cause: unknown): string => {
  const root = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return root instanceof Error
    ? root.name === 'TimeoutError'
      ? 'it took too long'
      : root.message.slice(0, 200)
    : String(root).slice(0, 200);
};
const isDisk = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS'].includes(String(cause.code));

const AT_ONCE = 4;
/** Transfers, a few at a time. */
export async function eachOf<T>(items: readonly T[], job: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await job(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
