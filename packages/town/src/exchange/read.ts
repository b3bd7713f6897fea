import { BeadId, LIMITS, type ImportedLine } from '@gastown/protocol';
import { hashOf } from '../hash.ts';
import { cleanName, cleanReason } from './clean-line.ts';
import { withMembers } from './json.ts';
import { readBead, type LineBead } from './line.ts';
import type { Unreadable } from './wording.ts';

/** The lines of a file: each is a bead, or has its verdict already. Nothing here looks at the town. */
export interface BeadLine {
  readonly line: number;
  readonly id: string;
  /** As it came; with the id that it was given when it had none. */
  readonly text: string;
  readonly bead: LineBead;
}
export type Decided = ImportedLine & { readonly verdict: 'skipped' | 'bad' };
export interface ReadLines {
  readonly beads: BeadLine[];
  readonly decided: Decided[];
  /** The bad ones among them as they came, by line. */
  readonly spoilt: ReadonlyMap<number, Spoilt>;
  /** False: not one line says that it is a bead, or speaks of beads as their file does. It is some other file. */
  readonly isBeads: boolean;
}
/** `id`: what it says its bead is, whatever that is. */
export interface Spoilt {
  readonly text: string;
  readonly id: string | null;
}

export function readLines(text: string): ReadLines {
  const beads = new Map<string, BeadLine>();
  const decided: Decided[] = [];
  const spoilt = new Map<number, Spoilt>();
  let line = 0;
  let isBeads = false;
  for (const said of linesOf(text)) {
    line += 1;
    if (said.trim() === '') continue;
    const read = readLine(said, line);
    isBeads ||= !('why' in read) || 'verdict' in read || read.named;
    if ('verdict' in read) decided.push(read);
    else if ('why' in read) {
      decided.push(bad(line, read.id, read.field, read.why));
      spoilt.set(line, { text: said, id: read.id });
    } else {
      const earlier = beads.get(read.id);
      if (earlier) decided.push(skipped(earlier.line, read.id, `line ${line} says ${read.id} again, and the later line wins`));
      beads.set(read.id, read);
    }
  }
  return { beads: [...beads.values()].toSorted((a, b) => a.line - b.line), decided, spoilt, isBeads: isBeads || spoilt.size === 0 };
}

/** Of a file that goes on after so many lines, those alone would leave out what they depend on. */
export function isLonger(text: string, lines: number): boolean {
  let from = 0;
  for (let line = 0; line < lines; line += 1) {
    const end = text.indexOf('\n', from);
    if (end === -1) return false;
    from = end + 1;
  }
  return text.slice(from).trim() !== '';
}

function* linesOf(text: string): Generator<string> {
  let from = text.startsWith('\uFEFF') ? 1 : 0;
  while (from <= text.length) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end;
    yield text.slice(from, text[to - 1] === '\r' && to > from ? to - 1 : to);
    from = to + 1;
  }
}

export const bad = (line: number, id: string | null, field: string, why: string): Decided => ({
  line,
  id: id === null ? null : cleanName(id),
  verdict: 'bad',
  field,
  why: cleanReason(why),
  untaken: [],
});
const skipped = (line: number, id: string | null, why: string): Decided => ({
  line,
  id: id === null ? null : cleanName(id),
  verdict: 'skipped',
  field: null,
  why,
  untaken: [],
});

/** Bytes as UTF-8; only a long text is worth counting. */
const bytesOf = (text: string): number =>
  text.length * 3 <= LIMITS.importLineBytes.value ? text.length : new TextEncoder().encode(text).byteLength;

/** `named`: it has what a bead is told by. */
type Wrong = Unreadable & { readonly id: string | null; readonly named: boolean };
const wrong = (id: string | null, field: string, why: string, named = false): Wrong => ({ id, field, why, named });

function readLine(text: string, line: number): BeadLine | Decided | Wrong {
  if (text.startsWith(NOT_UTF8)) return wrong(null, 'line', 'it is not UTF-8 text: save the file as UTF-8');
  if (bytesOf(text) > LIMITS.importLineBytes.value)
    return wrong(null, 'line', `it is longer than ${LIMITS.importLineBytes.value} bytes: shorten its texts`);
  const said = parsed(text);
  if (said === undefined) return wrong(null, 'line', 'it is not JSON: each line must be one JSON object, as bd export writes it');
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    return wrong(null, 'line', 'it is JSON, but no object like {"title":"…"}');
  const known = said as Readonly<Record<string, unknown>>;
  const id = typeof known['id'] === 'string' ? known['id'] : null;
  const other = noBead(known);
  if (other) return skipped(line, id, other);
  const bead = readBead(said);
  if ('why' in bead) return wrong(id, bead.field, bead.why, BeadId.safeParse(id).success || 'title' in known);
  if (bead.id !== null) return { line, id: bead.id, text, bead };
  return named(line, text, bead);
}
/** The shell puts this before a line whose bytes are no UTF-8: no JSON text begins so. */
const NOT_UTF8 = '\uFFFD';

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

function noBead(said: Readonly<Record<string, unknown>>): string | null {
  if ('_schema' in said) return 'it is the header of the file';
  const type = '_type' in said ? said['_type'] : 'issue';
  // Nothing of a line is written as JSON again: its depth would end the writer.
  if (type !== 'issue') return `it is a note${typeof type === 'string' ? ` (${JSON.stringify(type.slice(0, 40))})` : ''}, not a bead`;
  return said['status'] === 'tombstone'
    ? 'it was deleted in its own tool (a tombstone): nothing comes in, and a bead of this id that is here stays'
    : null;
}

/** A bead without an id gets one that follows from what the line says: the same line again is the same bead. */
function named(line: number, text: string, bead: LineBead): BeadLine {
  const id = `gt-${hashOf(text).replaceAll('-', '')}`;
  return { line, id, text: withMembers(text, new Map([['id', JSON.stringify(id)]])), bead: { ...bead, id } };
}
