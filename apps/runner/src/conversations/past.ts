import type { RunId, StoredItem, TranscriptItem } from '@gastown/protocol';
import type { PastTurn } from '@gastown/prompts';

/** Enough for the usual turns; items of one that called many tools are read on. */
const PAGE = 200;
/** A conversation that is all tools is not read to its beginning. */
const MOST_PAGES = 20;

type Page = (before: number | null, limit: number) => Promise<StoredItem[]>;

/**
 * The last turns of a transcript, oldest first (DR-23), of one run only where it is named. A turn is what was said to the agent and everything until the next time: a turn of tools alone is one, and so is one that was cut before anything was
 * answered. Items of one text are one item already; what was thought, and what the town noted about the session, is no part of what was said.
 */
export async function pastTurns(page: Page, most: number, runId: RunId | null = null): Promise<PastTurn[]> {
  let items: StoredItem[] = [];
  for (let asked = 0; asked < MOST_PAGES; asked += 1) {
    const older = await page(items[0]?.pos ?? null, PAGE);
    const wanted = older.filter(({ item }) => runId === null || item.runId === runId);
    items = [...wanted, ...items];
    if (older.length === 0 || wanted.length < older.length || turnsIn(items.map(({ item }) => item)).length > most) break;
  }
  return turnsIn(items.map(({ item }) => item)).slice(-most);
}

const BEGINS_ANEW = ['session_lost', 'session_full'];
/** The newest session began in the place of another, and nothing was said to it: it was not told what was said before either. */
export function isUntold(newest: readonly TranscriptItem[]): boolean {
  const last = newest.findLast((item) => item.kind !== 'notice' || BEGINS_ANEW.includes(item.code));
  return last?.kind === 'notice';
}

export function turnsIn(items: readonly TranscriptItem[]): PastTurn[] {
  const turns: { said: string | null; from: string | null; answers: PastTurn['answers'][number][] }[] = [];
  for (const item of items) {
    if (item.kind === 'user') turns.push({ said: item.text, from: item.source, answers: [] });
    const answer = answerIn(item);
    if (answer === null) continue;
    if (turns.length === 0) turns.push({ said: null, from: null, answers: [] });
    turns.at(-1)!.answers.push(answer);
  }
  return turns;
}

function answerIn(item: TranscriptItem): PastTurn['answers'][number] | null {
  if (item.kind === 'assistant') return { kind: 'text', text: item.text };
  if (item.kind !== 'tool') return null;
  return {
    kind: 'tool',
    tool: item.tool,
    title: item.title,
    outcome: item.answer?.summary ?? (item.state === 'completed' ? null : item.state),
  };
}
