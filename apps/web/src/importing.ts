import { LIMITS, NO_BEADS, type ImportAnswer, type ImportedLine, type LineFilter, type LinesWanted, type Verdict } from '@gastown/protocol';
import type { Answer } from './api.ts';

/** What an import says, in the order in which a person wants to read it: what is wrong first. */
export const VERDICTS: readonly { verdict: Verdict; word: string; says: string }[] = [
  {
    verdict: 'bad',
    word: 'Bad',
    says: 'cannot be read or taken; the file keeps it, correct it and import again; once imported, it is kept below until then',
  },
  { verdict: 'created', word: 'New', says: 'becomes a bead' },
  { verdict: 'updated', word: 'Changed', says: 'the town has it; the line knows a later state' },
  { verdict: 'unchanged', word: 'Same', says: 'the town has it exactly so' },
  { verdict: 'older', word: 'Older', says: 'the town knows a later state of it' },
  { verdict: 'skipped', word: 'Skipped', says: 'not a bead, deleted in its own tool, or said again by a later line' },
];
export const wordOf = (verdict: Verdict): string => VERDICTS.find((known) => known.verdict === verdict)!.word;

export const taken = ({ counts }: ImportAnswer): number => counts.created + counts.updated;

/** What of the file's lines is here: those of the first answer, and what was asked for since. */
export interface Listing {
  readonly lines: readonly ImportedLine[];
  /** By filter: the line up to which it was asked for; infinite: nothing comes after. */
  readonly upTo: Partial<Record<LineFilter | 'all', number>>;
}
export const listingOf = ({ lines }: ImportAnswer): Listing => ({ lines, upTo: {} });

/** The lines of one kind, or all; and how many of those are not here. */
export function linesOf({ counts }: ImportAnswer, listing: Listing, only: LineFilter | null): { lines: ImportedLine[]; left: number } {
  const lines = listing.lines.filter(
    ({ verdict, untaken }) => only === null || (only === 'untaken' ? untaken.length > 0 : verdict === only),
  );
  const all = only === null ? counts.lines : only === 'untaken' ? counts.untakenLines : counts[only];
  return { lines, left: listing.upTo[only ?? 'all'] === Infinity ? 0 : Math.max(0, all - lines.length) };
}

type Ask = (wanted: LinesWanted) => Promise<Answer<ImportAnswer>>;
/** Asks for the next page of these lines, and on, where all of that page is here already. */
export async function goOn(listing: Listing, only: LineFilter | null, ask: Ask): Promise<Answer<Listing>> {
  const key = only ?? 'all';
  const got = await ask({ after: listing.upTo[key] ?? 0, ...(only && { only }) });
  if (!got.ok) return got;
  const { lines, more } = got.value;
  const known = new Map(listing.lines.map((line) => [line.line, line]));
  const news = lines.some(({ line }) => !known.has(line));
  for (const line of lines) known.set(line.line, line);
  const next: Listing = {
    lines: [...known.values()].toSorted((a, b) => a.line - b.line),
    upTo: { ...listing.upTo, [key]: more === 0 ? Infinity : lines.at(-1)!.line },
  };
  return news || more === 0 ? { ok: true, value: next } : goOn(next, only, ask);
}

/** Why this file cannot be sent at all, before anything travels. */
export function troubleWith(file: { size: number }): string | null {
  if (file.size === 0) return 'This file is empty.';
  const most = LIMITS.importBytes.value;
  return file.size > most
    ? `This file has ${size(file.size)}; one import takes ${size(most)}. Split it: any number of lines may go first, and the first part once more after the last, for its dependencies on later ones.`
    : null;
}

export function size(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  const kilo = bytes / 1_024;
  return kilo < 1_024 ? `${kilo.toFixed(kilo < 10 ? 1 : 0)} KB` : `${(kilo / 1_024).toFixed(1)} MB`;
}

/** The sentence above the table. */
export function summary(answer: ImportAnswer, start = false): string {
  const { counts, dryRun } = answer;
  if (counts.lines === 0) return 'There is nothing in this file.';
  if (answer.noBeads) return NO_BEADS;
  if (counts.skipped === counts.lines) return `Nothing ${dryRun ? 'to import' : 'was imported'}: no line of this file is a bead.`;
  if (taken(answer) === 0)
    return counts.bad > 0
      ? `Nothing ${dryRun ? 'to import' : 'was imported'}: ${many(counts.bad, 'line')} cannot be taken.`
      : `Nothing ${dryRun ? 'to import' : 'was imported'}: the town has all of it.`;
  const parts = [
    counts.created > 0 && `${many(counts.created, 'new bead')}`,
    counts.updated > 0 && `${many(counts.updated, 'change')} to beads that are here`,
  ].filter(Boolean);
  const held = dryRun && start ? startOf(counts.staged) : heldOf(counts.staged, dryRun);
  return `${dryRun ? 'This would bring' : 'Imported:'} ${parts.join(' and ')}.${held}${toldOf(counts)}`;
}
function startOf(staged: number): string {
  if (staged === 0) return ' None of them is work that could start.';
  return ` ${staged.toLocaleString('en')} of them ${staged === 1 ? 'starts' : 'start'} at once, or as soon as nothing else holds ${staged === 1 ? 'it' : 'them'}.`;
}
/** What one press does: how many come, and how many of those are work that starts. */
export function importWord(answer: ImportAnswer, start: boolean): string {
  const comes = `Import ${many(taken(answer), 'bead')}`;
  return start && answer.counts.staged > 0 ? `${comes} and start ${answer.counts.staged.toLocaleString('en')}` : comes;
}
function heldOf(staged: number, dryRun: boolean): string {
  if (staged === 0) return '';
  const wait = dryRun ? 'would wait' : staged === 1 ? 'waits' : 'wait';
  return ` ${staged.toLocaleString('en')} of them ${wait} until you start ${staged === 1 ? 'it' : 'them'}.`;
}
/** What a person might not expect of a file. */
function toldOf({ foreign, withoutPriority }: ImportAnswer['counts']): string {
  const unranked =
    withoutPriority > 0
      ? ` ${many(withoutPriority, 'line')} without a priority: critical, as bd import reads it; "priority":2 in the line makes it medium.`
      : '';
  const elsewhere =
    foreign > 0 ? ` ${many(foreign, 'bead')} at work, blocked or in a state of another tool: held until you start each by hand.` : '';
  return unranked + elsewhere;
}
const many = (count: number, noun: string): string => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
