/**
 * Git LFS of the rehearsal forge: the batch API with basic transfers, as the specification of Git LFS has it. Objects lie in the bare repository, where Git LFS itself keeps them for a repository on a disk.
 *
 * As at large forges, a transfer is another place than the repository and wants what the batch answer gave for it, not the token; an upload says its length before and is looked at again (`verify`).
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { accessOf } from './access.ts';
import type { Tokens } from './access.ts';
import { repositoryPath } from './git-path.ts';

export interface LfsRequest {
  /** `owner/name`. */
  readonly repo: string;
  readonly what: 'batch' | 'verify' | { readonly oid: string };
}

const ENDPOINT = /^((?:\/[A-Za-z0-9_][\w.-]*){1,3})\/info\/lfs\/(?:objects\/batch|verify)$/;
const TRANSFER = /^\/lfs-objects((?:\/[A-Za-z0-9_][\w.-]*){1,3})\/([0-9a-f]{64})$/;

/** Null: it is nothing of Git LFS. */
export function parseLfsRequest(method: string, rawUrl: string): LfsRequest | null {
  const path = rawUrl.split('?', 1)[0] ?? '';
  const [, repo, oid] = TRANSFER.exec(path) ?? [];
  const [, asked] = ENDPOINT.exec(path) ?? [];
  const named = repo ?? asked;
  if (named === undefined || named.includes('..')) return null;
  const name = named.slice(1).replace(/\.git$/, '');
  if (oid !== undefined) return method === 'GET' || method === 'PUT' ? { repo: name, what: { oid } } : null;
  return method === 'POST' ? { repo: name, what: path.endsWith('/verify') ? 'verify' : 'batch' } : null;
}

export interface LfsForge {
  /** Answers the request; resolves to the status and who it was. */
  answer(request: IncomingMessage, response: ServerResponse, asked: LfsRequest): Promise<{ status: number; user: string | null }>;
}

interface Wanted {
  readonly oid: string;
  readonly size: number;
}

export interface LfsForgeWish {
  readonly root: string;
  readonly url: () => string;
  readonly tokens: () => Tokens;
}

const TYPE = 'application/vnd.git-lfs+json';

export function makeLfsForge({ root, url, tokens }: LfsForgeWish): LfsForge {
  /** What was promised to whom, by what it must say. */
  const passes = new Map<string, { readonly method: string; readonly path: string; readonly size: number }>();
  const pass = (method: string, path: string, size: number): { href: string; header: Record<string, string>; expires_in: number } => {
    const secret = randomBytes(16).toString('hex');
    passes.set(secret, { method, path, size });
    return { href: `${url()}${path}`, header: { Authorization: `RemoteAuth ${secret}` }, expires_in: 600 };
  };

  const batch = async (request: IncomingMessage, repo: string, folder: string): Promise<Said> => {
    const { operation, objects } = (await json(request)) as { operation: string; objects: Wanted[] };
    // A charset may follow.
    const isOurs = (type: string | undefined): boolean => type?.split(';', 1)[0] === TYPE;
    if (!isOurs(request.headers.accept) || !isOurs(request.headers['content-type'])) return said(406, { message: 'Wrong type.' });
    const answers = await Promise.all(
      objects.map(async ({ oid, size }) => {
        const there = await sizeOf(objectPath(folder, oid));
        const path = `/lfs-objects/${repo}/${oid}`;
        if (operation === 'download')
          return there === null
            ? { oid, size, error: { code: 404, message: 'Object does not exist' } }
            : { oid, size, authenticated: true, actions: { download: pass('GET', path, size) } };
        if (there !== null) return { oid, size };
        const verify = { href: `${url()}/${repo}.git/info/lfs/verify` };
        return { oid, size, authenticated: false, actions: { upload: pass('PUT', path, size), verify } };
      }),
    );
    return said(200, { transfer: 'basic', objects: answers, hash_algo: 'sha256' });
  };

  const verify = async (request: IncomingMessage, folder: string): Promise<Said> => {
    const { oid, size } = (await json(request)) as Wanted;
    return (await sizeOf(objectPath(folder, oid))) === size ? said(200, {}) : said(404, { message: 'Not there.' });
  };

  const transfer = async (request: IncomingMessage, response: ServerResponse, oid: string, folder: string): Promise<Said | number> => {
    const [scheme, secret = ''] = (request.headers.authorization ?? '').split(' ');
    const promised = scheme === 'RemoteAuth' ? passes.get(secret) : undefined;
    if (promised === undefined || promised.method !== request.method || promised.path !== request.url)
      return said(401, { message: 'Not promised.' });
    const file = objectPath(folder, oid);
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': String(await sizeOf(file)) });
      await pipeline(createReadStream(file), response);
      return 200;
    }
    if (request.headers['content-length'] === undefined) return said(411, { message: 'Length required.' });
    return (await keep(request, file, { oid, size: promised.size })) ? said(200, {}) : said(422, { message: 'Not what was announced.' });
  };

  return {
    async answer(request, response, { repo, what }) {
      const reply = ({ status, body }: Said, user: string | null): { status: number; user: string | null } => {
        request.resume();
        const asks = status === 401 && { 'lfs-authenticate': 'Basic realm="rehearsal forge"' };
        response.writeHead(status, { 'content-type': TYPE, ...asks }).end(JSON.stringify(body));
        return { status, user };
      };
      const folder = await repositoryPath(root, repo);
      if (folder === null) return reply(said(404, { message: 'Repository not found.' }), null);
      if (typeof what === 'object') {
        const done = await transfer(request, response, what.oid, folder);
        return typeof done === 'number' ? { status: done, user: null } : reply(done, null);
      }
      // What a batch wants stands in its body: who may only read is refused an upload there.
      const access = accessOf(request, tokens(), repo, false);
      if (!access.ok) return reply(said(access.status, { message: access.message }), null);
      const writes = accessOf(request, tokens(), repo, true).ok;
      if (what === 'verify') return reply(await verify(request, folder), access.user);
      const answered = await batch(request, repo, folder);
      const upload = JSON.stringify(answered.body).includes('"upload"');
      return reply(upload && !writes ? said(403, { message: 'You may read only.' }) : answered, access.user);
    },
  };
}

interface Said {
  readonly status: number;
  readonly body: unknown;
}
const said = (status: number, body: unknown): Said => ({ status, body });
const objectPath = (folder: string, oid: string): string => join(folder, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
const sizeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ size }) => size,
    () => null,
  );

async function keep(request: IncomingMessage, file: string, { oid, size }: Wanted): Promise<boolean> {
  const coming = `${file}.${randomBytes(4).toString('hex')}`;
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(piece: Buffer, _, done) {
      hash.update(piece);
      bytes += piece.length;
      done(null, piece);
    },
  });
  await mkdir(dirname(file), { recursive: true });
  await pipeline(request, count, createWriteStream(coming));
  const good = bytes === size && hash.digest('hex') === oid;
  await (good ? rename(coming, file) : rm(coming));
  return good;
}
