/** `./gastown beads …`: beads in and out of a running town, and what is ready in it, for a terminal and for scripts. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { failure, LIMITS, ok, refuse, SPLIT_IMPORT } from '@gastown/protocol';
import type { ImportAnswer, ReadyAnswer, Result } from '@gastown/protocol';
import { beadsClient, type BeadsClient } from '../host/beads-client.ts';
import { many } from '../terminal/many.ts';
import { plain, plainJson } from '../terminal/plain.ts';
import type { Screen } from '../terminal/screen.ts';
import { shellWord } from '../terminal/shell-word.ts';
import { beadText } from './bead-text.ts';
import { beadNamed, runningWith } from './meant.ts';
import { reach } from './reach.ts';

export interface Where {
  readonly state?: string;
  readonly town: string;
}

export async function client({ state, town }: Where, screen: Pick<Screen, 'note'>): Promise<Result<BeadsClient>> {
  const running = await runningWith(town, state, screen);
  if (!running.ok) return running;
  const reached = reach(running.value);
  return reached.ok ? ok(beadsClient(reached.value.url, reached.value.hostKey, town)) : reached;
}

export interface ImportOptions extends Where {
  readonly rig: string;
  readonly dryRun?: boolean;
  readonly start?: boolean;
  readonly json?: boolean;
}
export async function importBeads(file: string, options: ImportOptions, screen: Screen): Promise<Result<null>> {
  const bytes = fileBytes(file);
  if (!bytes.ok) return bytes;
  const town = await client(options, screen);
  if (!town.ok) return town;
  const wish = { rig: options.rig, dryRun: options.dryRun ?? false, start: options.start ?? false };
  const brought = await screen.during('Importing', town.value.importFile(bytes.value, wish));
  if (!brought.ok) return brought;
  if (options.json) screen.json(brought.value);
  else screen.say(importText(brought.value, options));
  return nothingOf(file, brought.value.counts) ?? ok(null);
}
/** A script must see that none of it came in. */
const nothingOf = (file: string, { lines, bad }: ImportAnswer['counts']): Result<null> | null =>
  bad > 0 && bad === lines
    ? refuse(
        failure(
          'invalid_input',
          `${file}: ${lines === 1 ? 'its only line' : `none of its ${lines} lines`} can${lines === 1 ? 'not' : ''} be taken; nothing came in. It must be JSONL, one bead a line, as bd export writes it.`,
        ),
      )
    : null;

/** Not more than is taken: a device or a pipe has no size, and may never end. */
function fileBytes(file: string): Result<Uint8Array> {
  const most = LIMITS.importBytes.value;
  try {
    if (statSync(file).isDirectory()) return refuse(failure('invalid_input', `${file} is a folder; name the file in it.`));
    const bytes = firstBytes(file, most + 1);
    if (new TextDecoder().decode(bytes).trim() === '')
      return refuse(failure('invalid_input', `file: there is nothing in ${file}; bd export > ${file} fills it.`));
    if (bytes.length > most) return refuse(tooLarge(`${file} is larger than ${most / 1_048_576} MB`));
    const lines = LIMITS.importLines.value;
    return isLonger(bytes, lines) ? refuse(tooLarge(`${file} has more than ${lines} lines`)) : ok(bytes);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return refuse(failure('invalid_input', `file: there is no ${file}; bd export > ${file} makes one.`));
    return refuse(failure('invalid_input', `file: ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`));
  }
}

const tooLarge = (what: string) => failure('too_large', `${what}; nothing came in.`, undefined, SPLIT_IMPORT);

/** As the town counts, before anything is sent. */
function isLonger(bytes: Uint8Array, lines: number): boolean {
  let from = 0;
  for (let line = 0; line < lines; line++) {
    const end = bytes.indexOf(LINE_FEED, from);
    if (end === -1) return false;
    from = end + 1;
  }
  return new TextDecoder().decode(bytes.subarray(from)).trim() !== '';
}
const LINE_FEED = 10;

function firstBytes(file: string, most: number): Uint8Array {
  const opened = openSync(file, 'r');
  try {
    const parts: Uint8Array[] = [];
    for (let size = 0; size < most;) {
      const part = new Uint8Array(Math.min(most - size, 1_048_576));
      const read = readSync(opened, part);
      if (read === 0) break;
      parts.push(part.subarray(0, read));
      size += read;
    }
    return Buffer.concat(parts);
  } finally {
    closeSync(opened);
  }
}

const fieldOf = ({ field }: ImportAnswer['lines'][number]): string => (field === null || field === 'line' ? '' : `${field} `);

function importText({ counts, lines, more, dryRun, importId }: ImportAnswer, { town, rig, start }: ImportOptions): string {
  // The answer keeps those that say why before the others: what it left out says something only when all that it kept do.
  const silent = lines.some((line) => line.why === null && line.untaken.length === 0);
  const said = lines.flatMap((line) => [
    ...(line.why === null ? [] : [`  line ${line.line}${line.id ? ` ${line.id}` : ''}: ${line.verdict}: ${fieldOf(line)}${line.why}`]),
    ...line.untaken.map((edge) => `  line ${line.line} ${line.id}: without ${edge.type} ${edge.dependsOn}: ${edge.why}`),
  ]);
  const {
    created,
    updated,
    unchanged,
    older,
    skipped,
    bad,
    edges,
    untakenEdges,
    staged,
    foreign,
    withoutPriority,
    quarantined,
    knownBad,
    mended,
  } = counts;
  return [
    ...said.map(plain),
    ...(more > 0 && !silent ? [`  and ${many(more, 'line')} more`] : []),
    `${dryRun ? 'Would be ' : ''}${created} created, ${updated} updated, ${unchanged} unchanged, ${older} older, ${skipped} skipped, ${bad} bad; ${many(edges, 'dependency', 'dependencies')} taken, ${untakenEdges} not.`,
    ...(withoutPriority > 0
      ? [
          `${many(withoutPriority, 'of them names', 'of them name')} no priority: critical (0), as bd import reads it; "priority":2 in the line makes it medium.`,
        ]
      : []),
    ...(foreign > 0
      ? [
          `${many(foreign, 'of them is', 'of them are')} at work or blocked in the other tool, or in a state that only it knows: held until you start each by hand.`,
        ]
      : []),
    ...(quarantined + knownBad > 0 && !dryRun ? [keptText(counts, town)] : []),
    ...(mended > 0 ? [`${many(mended, 'bad line')} kept before ${dryRun ? 'would go' : 'went'}, mended.`] : []),
    ...(dryRun ? ['Nothing was written. The same without --dry-run does it.'] : []),
    ...(!dryRun && importId !== null && staged > 0 && !start
      ? [
          `${many(staged, 'bead waits', 'beads wait')} for you to start ${staged === 1 ? 'it' : 'them'}: on the page of the rig, or ./gastown beads start --town ${shellWord(plain(town))} --rig ${shellWord(plain(rig))}`,
        ]
      : []),
  ].join('\n');
}

/** Of this file, and with those of other imports: the list has all. */
function keptText({ quarantined, knownBad, unkeptBad, keptBad }: ImportAnswer['counts'], town: string): string {
  const full = unkeptBad > 0 ? `; for ${many(unkeptBad, 'other')} there is no place: let go of some` : '';
  const known = knownBad > 0 ? `${quarantined} new, ${knownBad} known` : `${quarantined} new`;
  return `${many(quarantined + knownBad, 'bad line', 'bad lines')} of this file ${quarantined + knownBad === 1 ? 'is' : 'are'} kept (${known}), ${keptBad} of all imports${full}: ./gastown beads bad-lines --town ${shellWord(plain(town))}`;
}

export interface ExportOptions extends Where {
  readonly rig?: string;
  readonly all?: boolean;
}
/** Lines only, so that it can be piped: byte for byte there; on a terminal the same JSON made plain. Each part waits until the one before is taken. */
export async function exportBeads(
  options: ExportOptions,
  screen: Screen,
  out: NodeJS.WritableStream & { isTTY?: boolean } = process.stdout,
): Promise<Result<null>> {
  const town = await client(options, screen);
  if (!town.ok) return town;
  const decoder = new TextDecoder();
  const shown = (part: Uint8Array): Uint8Array | string => (out.isTTY ? plainJson(decoder.decode(part, { stream: true })) : part);
  const write = (part: Uint8Array): Promise<boolean> => new Promise((resolve) => void out.write(shown(part), (error) => resolve(!error)));
  return town.value.exportTo(write, { rig: options.rig, all: options.all ?? false });
}

export interface StartOptions extends Where {
  readonly rig: string;
}
export async function startBeads(options: StartOptions, screen: Screen): Promise<Result<null>> {
  const town = await client(options, screen);
  if (!town.ok) return town;
  const started = await town.value.start(options.rig);
  if (!started.ok) return started;
  screen.say(started.value === 0 ? `Nothing is planned in ${options.rig}.` : `${many(started.value, 'bead')} started.`);
  return ok(null);
}

export interface ReadyOptions extends Where {
  readonly limit: number;
  readonly sort: string;
  readonly json?: boolean;
}
export async function readyBeads(options: ReadyOptions, screen: Screen): Promise<Result<null>> {
  const town = await client(options, screen);
  if (!town.ok) return town;
  const ready = await town.value.ready(options);
  if (!ready.ok) return ready;
  if (options.json) screen.json(ready.value);
  else screen.say(readyList(ready.value, options));
  return ok(null);
}
/** Each bead, under it what keeps it from beginning, and at the end how many are kept, and how many there are besides. */
function readyList({ beads, total, nothing }: ReadyAnswer, { town }: ReadyOptions): string {
  if (beads.length === 0) return nothingReady(nothing, town);
  const kept = beads.filter((bead) => bead.kept !== null).length;
  const keptText = kept > 0 ? `, ${kept} of them kept from beginning, as is said under each` : '';
  const isCut = total > beads.length;
  return [
    ...beads.flatMap(readyText),
    ...(isCut ? [`These are the first ${beads.length} of ${counted(total)} beads that are ready${keptText}.${moreOf(beads.length)}`] : []),
    ...(kept > 0 && !isCut ? [`${many(beads.length, 'bead is', 'beads are')} ready${keptText}.`] : []),
  ].join('\n');
}
const MOST_READY = LIMITS.readyBeads.value;
const counted = (total: number): string => (total > MOST_READY ? `more than ${MOST_READY}` : String(total));
const moreOf = (shown: number): string => (shown < MOST_READY ? ` --limit N lists more, at most ${MOST_READY}.` : '');
/** What a person could start, and that there is other work, which is held or waits. */
function nothingReady(nothing: ReadyAnswer['nothing'], town: string): string {
  const planned = nothing?.planned ?? [];
  const rest = (nothing?.open ?? 0) - planned.reduce((sum, { beads }) => sum + beads, 0);
  return [
    planned.length === 0 ? 'Nothing is ready.' : 'Nothing is ready before you start it:',
    ...planned.map(
      ({ rig, beads }) =>
        `  ${many(beads, 'bead is', 'beads are')} planned in ${plain(rig)}: ./gastown beads start --town ${shellWord(plain(town))} --rig ${shellWord(plain(rig))}`,
    ),
    ...(rest > 0
      ? [
          `${many(rest, 'bead is', 'beads are')} open${planned.length > 0 ? ' besides' : ''}, and held, put off or blocked: the board says why of each.`,
        ]
      : []),
  ].join('\n');
}
const readyText = ({ id, title, priority, kind, kept }: ReadyAnswer['beads'][number]): string[] => [
  `${id.padEnd(20)} ${priority.padEnd(8)} ${kind.padEnd(9)} ${plain(title)}`,
  ...(kept === null ? [] : [`  kept: ${plain(kept)}`]),
];

export async function showBead(id: string, options: Where & { json?: boolean }, screen: Screen): Promise<Result<null>> {
  const town = await client(options, screen);
  if (!town.ok) return town;
  const named = beadNamed(id);
  if (!named.ok) return named;
  const bead = await town.value.bead(named.value);
  if (!bead.ok) return bead;
  if (options.json) screen.json(bead.value);
  else screen.say(beadText(bead.value));
  return ok(null);
}
