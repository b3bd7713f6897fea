/** `./gastown beads …`: beads in and out of a running town, and what is ready in it, for a terminal and for scripts. */
import { failure, LIMITS, NO_BEADS, ok, refuse } from '@gastown/protocol';
import type { ImportAnswer, ReadyAnswer, Result } from '@gastown/protocol';
import { beadsClient, type BeadsClient } from '../host/beads-client.ts';
import { many } from '../terminal/many.ts';
import { plain, plainJson } from '../terminal/plain.ts';
import type { Screen } from '../terminal/screen.ts';
import { shellWord } from '../terminal/shell-word.ts';
import { beadText } from './bead-text.ts';
import { fileBytes, INPUT, inputBytes } from './import-file.ts';
import { importText } from './import-text.ts';
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
  /** Each line that is not simply taken, in the order of the file. */
  readonly verbose?: boolean;
}
/** `-` is the standard input. */
export async function importBeads(
  file: string,
  options: ImportOptions,
  screen: Screen,
  input: AsyncIterable<Uint8Array> = process.stdin,
): Promise<Result<null>> {
  const bytes = file === '-' ? await inputBytes(input) : fileBytes(file);
  if (!bytes.ok) return bytes;
  const town = await client(options, screen);
  if (!town.ok) return town;
  const wish = { rig: options.rig, dryRun: options.dryRun ?? false, start: options.start ?? false };
  const brought = await screen.during('Importing', town.value.importFile(bytes.value, wish));
  if (!brought.ok) return brought;
  if (options.json) screen.json(brought.value);
  else screen.say(importText(brought.value, options));
  return nothingOf(file === '-' ? INPUT : file, brought.value) ?? ok(null);
}
/** A script must see that none of it came in. */
function nothingOf(file: string, { noBeads, counts: { lines, bad } }: ImportAnswer): Result<null> | null {
  if (noBeads) return refuse(failure('invalid_input', `${file}: ${NO_BEADS}`));
  return bad > 0 && bad === lines
    ? refuse(
        failure(
          'invalid_input',
          `${file}: ${lines === 1 ? 'its only line' : `none of its ${lines} lines`} can${lines === 1 ? 'not' : ''} be taken; nothing came in. It must be JSONL, one bead a line, as bd export writes it.`,
        ),
      )
    : null;
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
  const named = beadNamed(id, options.town);
  if (!named.ok) return named;
  const bead = await town.value.bead(named.value);
  if (!bead.ok) return bead;
  if (options.json) screen.json(bead.value);
  else screen.say(beadText(bead.value));
  return ok(null);
}
