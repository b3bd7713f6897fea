/**
 * The filter driver `lfs` of every repository that the runner makes: git starts it for files of Git LFS (gitattributes `filter=lfs`) and talks to it in packets (gitattributes, "Long Running Filter Process"). It
 * runs as whoever git runs, also in cells, which get this text as a file of its own beside the store; so it imports nothing of ours, opens no connection and knows no address.
 *
 * - `smudge`: a pointer becomes the content, from the store (written by the runner alone) or from what this repository made itself. Where neither has it the pointer stays.
 * - `clean`: content becomes a pointer, and is kept in this repository for the runner to take at the hand-in. A pointer stays one.
 *
 * Arguments: the store's objects; where to keep what is new, or `-` for a judge, who keeps nothing and takes a pointer for content only where there is none; a JSON file that names exceptions.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Pointer {
  /** The SHA-256 of the content. */
  readonly oid: string;
  /** In bytes. */
  readonly size: number;
}

export interface Exceptions {
  /** Files that the commit holds whole though they belong into Git LFS: they stay so. */
  readonly asIs?: readonly string[];
  /** Files whose content is not here. */
  readonly missing?: readonly string[];
}

const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:([0-9a-f]{64})\nsize (0|[1-9]\d{0,14})\n?$/;
/** No pointer is longer, says its specification. */
export const POINTER_BYTES = 1024;

export function parsePointer(text: string): Pointer | null {
  const found = text.length > POINTER_BYTES ? null : POINTER.exec(text.replaceAll('\r\n', '\n'));
  return found === null ? null : { oid: found[1]!, size: Number(found[2]) };
}
const pointerText = ({ oid, size }: Pointer): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;

/** Below a folder of objects, as Git LFS lays them out. */
export const objectPath = (objects: string, oid: string): string => join(objects, oid.slice(0, 2), oid.slice(2, 4), oid);

const PACKET_BYTES = 65_516;

function converse(store: string, own: string, { asIs = [], missing = [] }: Exceptions): void {
  const judge = own === '-';
  const [raw, absent] = [new Set(asIs), new Set(missing)];
  readList();
  send('git-filter-server', 'version=2');
  readList();
  send('capability=clean', 'capability=smudge');
  for (let asked = readList(); asked !== null; asked = readList()) {
    const path = asked.get('pathname') ?? '';
    if (asked.get('command') === 'smudge') smudge(judge ? [store] : [store, own]);
    else if (raw.has(path)) passOn();
    else clean(judge ? null : own, !judge || absent.has(path));
  }
}

function smudge(stores: readonly string[]): void {
  const { head, rest } = readHead();
  const pointer = isPointer(head, rest) ? parsePointer(head.toString('latin1')) : null;
  const file =
    pointer === null ? undefined : stores.map((each) => objectPath(each, pointer.oid)).find((each) => sizeOf(each) === pointer.size);
  answer(file === undefined ? [head, ...rest] : contentOf(file));
}

/** `own` null: nothing is kept. `trusting`: what looks like a pointer is one. */
function clean(own: string | null, trusting: boolean): void {
  const { head, rest } = readHead();
  if (head.length === 0 || (trusting && isPointer(head, rest))) return answer([head]);
  const hash = createHash('sha256');
  const kept = own === null ? null : begin(join(own, '..', 'tmp'));
  let size = 0;
  const take = (piece: Buffer): void => {
    hash.update(piece);
    size += piece.length;
    if (kept !== null) writeAll(kept.file, piece);
  };
  take(head);
  for (const piece of rest) take(piece);
  const oid = hash.digest('hex');
  if (own !== null && kept !== null) finish(kept, objectPath(own, oid), size);
  answer([Buffer.from(pointerText({ oid, size }))]);
}

interface Kept {
  readonly file: number;
  readonly path: string;
}
function begin(folder: string): Kept {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, randomBytes(12).toString('hex'));
  return { path, file: openSync(path, 'wx') };
}
function finish({ file, path }: Kept, to: string, size: number): void {
  closeSync(file);
  if (sizeOf(to) === size) return rmSync(path);
  mkdirSync(dirname(to), { recursive: true });
  renameSync(path, to);
}

function passOn(): void {
  const { head, rest } = readHead();
  answer([head, ...rest]);
}

interface Content {
  /** Long enough to tell a pointer. */
  readonly head: Buffer;
  readonly rest: Iterable<Buffer>;
}
/** The content that git sends now. All of it must be read before an answer: git reads none before it has sent everything. */
function readHead(): Content {
  const pieces: Buffer[] = [];
  let size = 0;
  while (size <= POINTER_BYTES) {
    const piece = readPacket();
    if (piece === null) return { head: Buffer.concat(pieces), rest: [] };
    pieces.push(piece);
    size += piece.length;
  }
  return { head: Buffer.concat(pieces), rest: packets() };
}
const isPointer = (head: Buffer, rest: Iterable<Buffer>): boolean => Array.isArray(rest) && parsePointer(head.toString('latin1')) !== null;

function* packets(): Iterable<Buffer> {
  for (let piece = readPacket(); piece !== null; piece = readPacket()) yield piece;
}

function* contentOf(path: string): Iterable<Buffer> {
  const file = openSync(path, 'r');
  const piece = Buffer.alloc(PACKET_BYTES);
  for (let got = readSync(file, piece); got > 0; got = readSync(file, piece)) yield piece.subarray(0, got);
  closeSync(file);
}

function answer(pieces: Iterable<Buffer>): void {
  send('status=success');
  for (const piece of pieces) for (let at = 0; at < piece.length; at += PACKET_BYTES) sendPacket(piece.subarray(at, at + PACKET_BYTES));
  flush();
  flush();
}

/** Lines up to a flush, by their names; null: git is done. */
function readList(): Map<string, string> | null {
  const list = new Map<string, string>();
  for (let line = readPacket('end'); line !== null; line = readPacket('end')) {
    if (line === 'end') return null;
    const text = line.toString('utf8').replace(/\n$/, '');
    const at = text.indexOf('=');
    list.set(text.slice(0, at === -1 ? text.length : at), at === -1 ? '' : text.slice(at + 1));
  }
  return list;
}

function readPacket(): Buffer | null;
function readPacket(atEnd: 'end'): Buffer | 'end' | null;
function readPacket(atEnd?: 'end'): Buffer | 'end' | null {
  const length = readExactly(4);
  if (length === null) {
    if (atEnd === undefined) process.exit(1);
    return atEnd;
  }
  const bytes = Number.parseInt(length.toString('latin1'), 16);
  return bytes === 0 ? null : (readExactly(bytes - 4) ?? process.exit(1));
}

function readExactly(length: number): Buffer | null {
  const buffer = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const got = readSync(0, buffer, at, length - at, null);
    if (got === 0) return null;
    at += got;
  }
  return buffer;
}

function send(...lines: string[]): void {
  for (const line of lines) sendPacket(Buffer.from(`${line}\n`));
  flush();
}
function sendPacket(content: Uint8Array): void {
  writeAll(1, Buffer.from((content.length + 4).toString(16).padStart(4, '0')));
  writeAll(1, content);
}
const flush = (): void => writeAll(1, Buffer.from('0000'));

function writeAll(file: number, content: Uint8Array): void {
  for (let at = 0; at < content.length;) at += writeSync(file, content, at);
}

const sizeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null;

function readExceptions(path: string | undefined): Exceptions {
  if (path === undefined || sizeOf(path) === null) return {};
  return JSON.parse(readFileSync(path, 'utf8')) as Exceptions;
}

if (import.meta.main) converse(process.argv[2] ?? '', process.argv[3] ?? '-', readExceptions(process.argv[4]));
