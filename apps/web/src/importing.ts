import { LIMITS, type ImportAnswer, type ImportedLine, type Verdict } from '@gastown/protocol';

/** What an import says, in the order in which a person wants to read it: what is wrong first. */
export const VERDICTS: readonly { verdict: Verdict; word: string; says: string }[] = [
  { verdict: 'bad', word: 'Bad', says: 'cannot be read or taken; the file keeps it, correct it and import again' },
  { verdict: 'created', word: 'New', says: 'becomes a bead' },
  { verdict: 'updated', word: 'Changed', says: 'the town has it; the line knows a later state' },
  { verdict: 'unchanged', word: 'Same', says: 'the town has it exactly so' },
  { verdict: 'older', word: 'Older', says: 'the town knows a later state of it' },
  { verdict: 'skipped', word: 'Skipped', says: 'not a bead, or said again by a later line' },
];
export const wordOf = (verdict: Verdict): string => VERDICTS.find((known) => known.verdict === verdict)!.word;

export const taken = ({ counts }: ImportAnswer): number => counts.created + counts.updated;

/** The lines of one verdict, or all; and how many of those the answer left out. */
export function linesOf(answer: ImportAnswer, verdict: Verdict | null): { lines: ImportedLine[]; left: number } {
  const lines = answer.lines.filter((line) => verdict === null || line.verdict === verdict);
  const all = verdict === null ? answer.counts.lines : answer.counts[verdict];
  return { lines, left: Math.max(0, all - lines.length) };
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
  if (taken(answer) === 0)
    return counts.bad > 0
      ? `Nothing ${dryRun ? 'to import' : 'was imported'}: ${many(counts.bad, 'line')} cannot be taken.`
      : `Nothing ${dryRun ? 'to import' : 'was imported'}: the town has all of it.`;
  const parts = [
    counts.created > 0 && `${many(counts.created, 'new bead')}`,
    counts.updated > 0 && `${many(counts.updated, 'change')} to beads that are here`,
  ].filter(Boolean);
  const held = dryRun && start ? '' : heldOf(counts.staged, dryRun);
  return `${dryRun ? 'This would bring' : 'Imported:'} ${parts.join(' and ')}.${held}${toldOf(counts)}`;
}
function heldOf(staged: number, dryRun: boolean): string {
  if (staged === 0) return '';
  const wait = dryRun ? 'would wait' : staged === 1 ? 'waits' : 'wait';
  return ` ${staged} of them ${wait} until you start ${staged === 1 ? 'it' : 'them'}.`;
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
