import { BeadsPage, LIMITS, type BeadId } from '@gastown/protocol';
import { api, orThrow } from './api.ts';
import type { BoardFilter } from './ordering.ts';

/** Closed beads that the replica does not hold: the town is asked, page by page (UI-22). */
export type Question = Readonly<Record<string, string>>;

export function questionOf({ rig, q, kind, label, convoy, archived }: BoardFilter, which = archived ? 'with' : 'without'): Question {
  const text = textOf(q ?? '');
  const chosen = Object.entries({ rig, kind, label, convoy, text }).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return { status: 'closed', archived: which, ...Object.fromEntries(chosen) };
}

/** What is typed, as much of it as the town takes: of a text with more words the first are asked for. */
export function textOf(typed: string): string {
  const words = typed.slice(0, LIMITS.searchCharacters.value).split(/\s+/).filter(Boolean);
  return [...new Set(words)].slice(0, LIMITS.searchWords.value).join(' ');
}

export const askPage = (
  town: string,
  question: Question,
  after: string | null,
  { limit, signal }: { limit?: number; signal: AbortSignal },
): Promise<BeadsPage> => {
  const query = { ...question, ...(after !== null && { after }), ...(limit !== undefined && { limit: String(limit) }) };
  return orThrow(api.beads(town, query, BeadsPage, signal));
};

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

/** A column that shows too few loads once; where no more is shown then, it waits until something else is. `last`: what was shown as it loaded. */
export function refill(last: string | null, now: string, isDue: boolean): { last: string | null; loads: boolean } {
  const before = last === now ? last : null;
  return isDue && before === null ? { last: now, loads: true } : { last: before, loads: false };
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
