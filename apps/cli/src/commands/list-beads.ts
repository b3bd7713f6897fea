/** `./gastown beads list`: every bead of a town, closed ones too, page by page. */
import { ok } from '@gastown/protocol';
import type { BeadsPage, Result } from '@gastown/protocol';
import { many } from '../terminal/many.ts';
import { plain } from '../terminal/plain.ts';
import type { Screen } from '../terminal/screen.ts';
import type { BeadsClient } from '../host/beads-client.ts';
import { stateOf } from './bead-state.ts';
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
  else screen.say(pageText(page.value, await rigNames(town.value, page.value), options));
  return ok(null);
}

/** By id. A repository that is gone, or a town that does not say, leaves the id. */
async function rigNames(town: BeadsClient, { beads }: BeadsPage): Promise<ReadonlyMap<string, string>> {
  const rigs = beads.some(({ rigId }) => rigId !== null) ? await town.rigs() : ok([]);
  return new Map(rigs.ok ? rigs.value.map(({ id, name }) => [id, name]) : []);
}

function queryOf({ search, type, archived, limit, ...named }: ListOptions): Record<string, string> {
  const { status, rig, kind, label, after } = named;
  const chosen = Object.entries({ status, rig, kind, label, after, text: search }).flatMap(([name, said]) =>
    said === undefined ? [] : [[name, said] as const],
  );
  return { type, archived, limit: String(limit), ...Object.fromEntries(chosen) };
}

function pageText({ beads, total, next }: BeadsPage, rigs: ReadonlyMap<string, string>, { after, archived }: ListOptions): string {
  if (total === 0) return `No bead matches.${archived === 'without' ? ' Archived ones are left out: --archived with lists them too.' : ''}`;
  const size = `${many(beads.length, 'bead')}${total === null ? '' : ` of ${total}`}.`;
  const on = next === null ? 'These are the last.' : `The same with --after=${next} lists the next.`;
  const lines = aligned(beads.map((bead) => cellsOf(bead, rigs)));
  return [...lines, ...(next !== null || after !== undefined ? [`${size} ${on}`] : [])].join('\n');
}

const MOST = { rig: 16, title: 60 };
const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function cellsOf(bead: BeadsPage['beads'][number], rigs: ReadonlyMap<string, string>): string[] {
  const { id, type, kind, title, priority, rigId, archivedAt } = bead;
  const rig = rigId === null ? '-' : (rigs.get(rigId) ?? rigId);
  const said = cut(plain(title), MOST.title);
  return [
    id,
    priority,
    stateOf(bead),
    type === 'issue' ? kind : type,
    cut(plain(rig), MOST.rig),
    archivedAt === null ? said : `${said} (archived)`,
  ].map(plain);
}

/** Each column as wide as its widest cell; the last as it is. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  return rows.map((cells) =>
    cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
  );
}
