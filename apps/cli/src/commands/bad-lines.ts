/** `./gastown beads bad-lines` and `beads discard`: what imports could not take, until it comes mended or somebody lets it go. */
import { failure, ImportId, ok, refuse, type BadLine, type Result } from '@gastown/protocol';
import type { DiscardWish } from '../host/beads-client.ts';
import { many } from '../terminal/many.ts';
import { plain } from '../terminal/plain.ts';
import type { Screen } from '../terminal/screen.ts';
import { shellWord } from '../terminal/shell-word.ts';
import { client, type Where } from './beads.ts';

export interface BadLinesOptions extends Where {
  readonly rig?: string;
  readonly json?: boolean;
}
export async function listBadLines(options: BadLinesOptions, screen: Screen): Promise<Result<null>> {
  const town = await client(options, screen);
  if (!town.ok) return town;
  const lines = await town.value.badLines(options.rig);
  if (!lines.ok) return lines;
  if (options.json) screen.json({ lines: lines.value });
  else screen.say(badLinesText(lines.value, options));
  return ok(null);
}

/** Each line under its import, with what is wrong and how it begins. */
function badLinesText(lines: readonly BadLine[], { town, rig }: BadLinesOptions): string {
  if (lines.length === 0)
    return `No bad lines are kept${rig === undefined ? '' : ` of ${rig}`}: every line that came was taken, came mended, or was let go.`;
  const imports = [...Map.groupBy(lines, ({ importId }) => importId)];
  return [
    ...imports.flatMap(([importId, own]) => [
      `${importId}, ${new Date(own[0]!.at).toLocaleString('sv')}, into ${plain(own[0]!.rig || own[0]!.rigId)}`,
      ...own.flatMap(lineText),
    ]),
    `${many(lines.length, 'bad line is', 'bad lines are')} kept. Mend them in the file and import it again, or let go of them: ./gastown beads discard --town ${shellWord(plain(town))} ${which(lines)}`,
  ].join('\n');
}
/** What lets go of all that is listed, or of the first of them and how of the others: a line that can be copied, and a sentence. */
function which(lines: readonly BadLine[]): string {
  const [imports, rigs] = [new Set(lines.map(({ importId }) => importId)), new Set(lines.map(({ rig }) => rig))];
  const [{ importId, rig }] = [lines[0]!];
  if (imports.size === 1) return `--import ${importId}`;
  if (rigs.size === 1 && rig !== '')
    return `--rig ${shellWord(plain(rig))}\nThat is all of them; --import with its id lets go of one import alone.`;
  return `--import ${importId}\nThat is the first import; the others have their ids above, and --rig lets go of all of one repository.`;
}
const SHOWN = 160;
function lineText({ line, id, field, why, text, cut }: BadLine): string[] {
  const begins = plain(text).replaceAll(/\s+/g, ' ');
  return [
    `  line ${line}${id === null ? '' : ` ${plain(id)}`}: ${field === 'line' ? '' : `${field} `}${plain(why)}`,
    `    ${begins.slice(0, SHOWN)}${cut || begins.length > SHOWN ? '…' : ''}`,
  ];
}

const LINES = /^\d{1,9}(,\d{1,9})*$/;
export interface DiscardOptions extends Where, DiscardWish {}
export async function discardLines(options: DiscardOptions, screen: Screen): Promise<Result<null>> {
  const { rig, import: importId, line } = options;
  if ((rig === undefined) === (importId === undefined))
    return refuse(failure('invalid_input', '--import or --rig: name one of the two; ./gastown beads bad-lines lists them.'));
  if (importId !== undefined && !ImportId.safeParse(importId).success)
    return refuse(
      failure(
        'invalid_input',
        `--import: ${JSON.stringify(plain(importId))} is no import; one is called like im-0123abcd, and ./gastown beads bad-lines lists them.`,
      ),
    );
  if (line !== undefined && !LINES.test(line))
    return refuse(failure('invalid_input', `--line: ${JSON.stringify(plain(line))} is no list of lines; say it like 3,8.`));
  const town = await client(options, screen);
  if (!town.ok) return town;
  const gone = await town.value.discard({ ...(rig && { rig }), ...(importId && { import: importId }), ...(line && { line }) });
  if (!gone.ok) return gone;
  screen.say(gone.value === 0 ? 'No line of it was kept.' : `${many(gone.value, 'line')} let go.`);
  return ok(null);
}
