/** `./gastown beads list`: every bead of a town, closed ones too, page by page. */
import { ok } from '@gastown/protocol';
import type { BeadsPage, Result } from '@gastown/protocol';
import { many } from '../terminal/many.ts';
import { plain } from '../terminal/plain.ts';
import type { Screen } from '../terminal/screen.ts';
import { client, type Where } from './beads.ts';

export interface ListOptions extends Where {
  readonly search?: string;
  readonly status?: string;
  readonly type: string;
  readonly rig?: string;
  readonly kind?: string;
  readonly label?: string;
  readonly archived: string;
  readonly limit: number;
  readonly after?: string;
  readonly json?: boolean;
}

export async function listBeads(options: ListOptions, screen: Screen): Promise<Result<null>> {
  const town = await client(options, screen);
  if (!town.ok) return town;
  const page = await town.value.list(queryOf(options));
  if (!page.ok) return page;
  if (options.json) screen.json(page.value);
  else screen.say(pageText(page.value, options));
  return ok(null);
}

function queryOf({ search, type, archived, limit, ...named }: ListOptions): Record<string, string> {
  const { status, rig, kind, label, after } = named;
  const chosen = Object.entries({ status, rig, kind, label, after, text: search }).flatMap(([name, said]) =>
    said === undefined ? [] : [[name, said] as const],
  );
  return { type, archived, limit: String(limit), ...Object.fromEntries(chosen) };
}

function pageText({ beads, total, next }: BeadsPage, { after, archived }: ListOptions): string {
  if (total === 0) return `No bead matches.${archived === 'without' ? ' Archived ones are left out: --archived with lists them too.' : ''}`;
  const size = `${many(beads.length, 'bead')}${total === null ? '' : ` of ${total}`}.`;
  const on = next === null ? 'These are the last.' : `The same with --after=${next} lists the next.`;
  return [...beads.map(lineOf), ...(next !== null || after !== undefined ? [`${size} ${on}`] : [])].join('\n');
}

const day = (at: number): string => new Date(at).toLocaleDateString('sv');
function lineOf({ id, status, type, kind, title, closedAt, archivedAt }: BeadsPage['beads'][number]): string {
  const what = type === 'issue' ? kind : type;
  const when = closedAt === null ? '' : `  closed ${day(closedAt)}`;
  return `${id.padEnd(20)} ${status.padEnd(11)} ${what.padEnd(9)} ${plain(title)}${when}${archivedAt === null ? '' : ', archived'}`;
}
