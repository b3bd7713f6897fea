import { BeadsPage, LIMITS, type BeadId } from '@gastown/protocol';
import { api, orThrow } from './api.ts';
import type { BoardFilter } from './ordering.ts';

/** Closed beads that the replica does not hold: the town is asked, page by page (UI-22). */
export type Question = Readonly<Record<string, string>>;

export function questionOf({ rig, q, kind, label, convoy, archived }: BoardFilter, which = archived ? 'with' : 'without'): Question {
  const text = (q ?? '').trim().slice(0, LIMITS.searchCharacters.value);
  const chosen = Object.entries({ rig, kind, label, convoy, text }).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return { status: 'closed', archived: which, ...Object.fromEntries(chosen) };
}

export const askPage = (town: string, question: Question, after: string | null, limit?: number): Promise<BeadsPage> =>
  orThrow(
    api.beads(town, { ...question, ...(after !== null && { after }), ...(limit !== undefined && { limit: String(limit) }) }, BeadsPage),
  );

/** So many that are not held are worth a press, and so many pages may be asked for them. */
const WORTH = 50;
const ON_END = 20;
/** The next of those that are not held. */
export async function nextOlder(
  ask: (after: string | null) => Promise<BeadsPage>,
  after: string | null,
  holds: (id: BeadId) => boolean,
  worth = WORTH,
): Promise<BeadsPage> {
  let page = await ask(after);
  const beads = page.beads.filter(({ id }) => !holds(id));
  for (let asked = 1; asked < ON_END && page.next !== null && beads.length < worth; asked += 1) {
    page = await ask(page.next);
    beads.push(...page.beads.filter(({ id }) => !holds(id)));
  }
  return { ...page, beads };
}

/** So many are brought back at once. */
export const MOST_BACK = 5_000;
/** The ids of a question, the first of them when there are very many. */
export async function idsOf(ask: (after: string | null) => Promise<BeadsPage>, most = MOST_BACK): Promise<BeadId[]> {
  const ids = new Set<BeadId>();
  let after: string | null = null;
  do {
    const page: BeadsPage = await ask(after);
    for (const { id } of page.beads) ids.add(id);
    after = page.next;
  } while (after !== null && ids.size < most);
  return [...ids].slice(0, most);
}
