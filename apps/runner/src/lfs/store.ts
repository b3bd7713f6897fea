import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { quoted } from '../git/config.ts';
import { objectPath } from './filter.ts';
import type { Exceptions, Pointer } from './filter.ts';

/**
 * The objects of Git LFS of one rig: a folder of its mirror, laid out as Git LFS does (so that its own program finds them through the alternates of a run's repository). The runner alone writes it, the readers of the rig read.
 * An object appears whole and checked, or not at all.
 */
const lfsFolder = (mirror: string): string => join(mirror, 'lfs');
export const objectsFolder = (mirror: string): string => join(lfsFolder(mirror), 'objects');
export const arrivingFolder = (mirror: string): string => join(lfsFolder(mirror), 'tmp');
const programPath = (mirror: string): string => join(lfsFolder(mirror), 'filter.ts');
const OWN_PROGRAM = fileURLToPath(new URL('./filter.ts', import.meta.url));

export const storedPath = (mirror: string, { oid }: Pointer): string => objectPath(objectsFolder(mirror), oid);

const DAY_MS = 86_400_000;
export async function isStored(mirror: string, pointer: Pointer): Promise<boolean> {
  const path = storedPath(mirror, pointer);
  const there = await stat(path).catch(() => null);
  if (there?.isFile() !== true || there.size !== pointer.size) return false;
  // Its time tells when it was last wanted, to a day: what nobody wants goes (`prune.ts`).
  const now = Date.now();
  if (now - there.mtimeMs > DAY_MS) await utimes(path, now / 1_000, now / 1_000).catch(() => undefined);
  return true;
}

export async function notStored(mirror: string, pointers: readonly Pointer[]): Promise<Map<string, Pointer>> {
  const absent = new Map<string, Pointer>();
  for (const pointer of pointers) if (!(await isStored(mirror, pointer))) absent.set(pointer.oid, pointer);
  return absent;
}

/** Puts the content of one object there, read from when `begin` is called, if it is what the pointer says. False: it is something else, which is thrown away. Rejects when the source or the disk fails. */
export async function store(
  mirror: string,
  pointer: Pointer,
  begin: () => Readable | Promise<Readable>,
  signal?: AbortSignal,
): Promise<boolean> {
  const coming = join(arrivingFolder(mirror), `${pointer.oid}-${randomBytes(6).toString('hex')}`);
  await mkdir(dirname(coming), { recursive: true });
  const hash = createHash('sha256');
  let size = 0;
  const check = new Transform({
    transform(piece: Buffer, _, done) {
      hash.update(piece);
      size += piece.length;
      done(size > pointer.size ? new TooLong() : null, piece);
    },
  });
  try {
    await pipeline(await begin(), check, createWriteStream(coming, { flags: 'wx' }), { signal });
    if (size !== pointer.size || hash.digest('hex') !== pointer.oid) return false;
    const path = storedPath(mirror, pointer);
    await mkdir(dirname(path), { recursive: true });
    await rename(coming, path);
    return true;
  } catch (error) {
    if (error instanceof TooLong) return false;
    throw error;
  } finally {
    await rm(coming, { force: true });
  }
}
class TooLong extends Error {}

/** Free bytes of the disk that it lies on. */
export async function freeBytes(mirror: string): Promise<number> {
  const { bavail, bsize } = await statfs(mirror);
  return bavail * bsize;
}

export const inGigabytes = (bytes: number): string => `${Math.round(bytes / 1_073_741_824)} GB`;

/** Puts the filter program where the cells of the rig can read it, as it is in this version of the runner. */
export async function placeProgram(mirror: string): Promise<void> {
  const text = await readFile(OWN_PROGRAM, 'utf8');
  const path = programPath(mirror);
  if ((await readFile(path, 'utf8').catch(() => null)) === text) return;
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, text);
  await rename(fresh, path);
}

/** Where a repository of a cell keeps what was made in it. */
export const ownObjects = (repository: string): string => join(repository, '.git', 'lfs', 'objects');
export const exceptionsPath = (repository: string): string => join(repository, '.git', 'lfs', 'exceptions.json');

/** Settings of a repository that lies at `repository`, for whoever runs git in it. */
export function lfsSettings(mirror: string, repository: string): string {
  const process = command(programPath(mirror), objectsFolder(mirror), ownObjects(repository), exceptionsPath(repository));
  return `[filter "lfs"]
\tprocess = ${quoted(process)}
\trequired = true
`;
}

/** For git of the runner in files that it must not believe: nothing is kept, and the program is the runner's own. `exceptions`: a file. */
export const lfsConfig = (mirror: string, exceptions: string): Record<string, string> => ({
  'filter.lfs.process': command(OWN_PROGRAM, objectsFolder(mirror), '-', exceptions),
  'filter.lfs.required': 'true',
});

export const writeExceptions = (path: string, exceptions: Exceptions): Promise<void> => writeFile(path, JSON.stringify(exceptions));

/** A line for the shell by which git starts it. */
const command = (...words: string[]): string =>
  [process.execPath, '--no-warnings', ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
