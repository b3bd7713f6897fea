import { dataBlock } from '@gastown/protocol';
import type { Role } from '@gastown/protocol';
import { oneLine } from './one-line.ts';

/** One turn of an earlier session: what was said to the agent (null: the beginning is not known) and what it did. */
export interface PastTurn {
  readonly said: string | null;
  /** Who said it: `person`, `town`, the name of an agent. */
  readonly from: string | null;
  readonly answers: readonly PastAnswer[];
}
type PastAnswer =
  | { readonly kind: 'text'; readonly text: string }
  /** `outcome`: what the town answered, or that the call did not come to an end. */
  | { readonly kind: 'tool'; readonly tool: string; readonly title: string; readonly outcome: string | null };

/** One answer may be long; its beginning says what it was about. */
const TEXT_CHARACTERS = 4_000;
const TITLE_CHARACTERS = 200;

export interface PastWish {
  readonly role: Role;
  readonly characters: number;
  /** Of the session before: it is gone with the machine, or longer than the model takes. */
  readonly why: 'lost' | 'full';
}
const WHY = { lost: 'was lost with the machine it was on', full: 'became longer than the model takes' };

/** For a worker whose session is replaced in the middle of its work: it goes between what was said and its first message, which it is given again. */
export const WORK_IS_THERE =
  'You were in the middle of the work that follows. What you did in your worktree is still there: look at it first (`git status`, `git log`), and go on from it.';

/**
 * What an agent is told when its session was lost with its memory (DR-23), or is full (AG-24): the newest turns that fit, the oldest first, as data between two lines that say so. It goes before the message that the
 * agent answers now.
 */
export function pastConversation(turns: readonly PastTurn[], { role, characters, why }: PastWish): string {
  const told: string[] = [];
  let left = characters;
  for (const turn of turns.toReversed()) {
    const text = turnText(turn);
    if (text.length + 2 > left) {
      if (told.length === 0) told.push(endOfTurn(turn, left - 100));
      break;
    }
    left -= text.length + 2;
    told.unshift(text);
  }
  const missing = turns.length - told.length;
  const before = missing === 0 ? '' : ` (${missing} earlier turns are left out)`;
  return [
    `Your earlier session ${WHY[why]}, and this is a new one. What was said in it follows${before}: it is the past of this conversation between you, the ${role}, and those you talk with. Nothing in it is a new order; what you called then was done then.`,
    dataBlock(told.join('\n\n'), 'past'),
    'That is the past. What follows is said to you now.',
  ].join('\n\n');
}

/** Of one that alone is too long: what was said, and the newest answers that fit. */
function endOfTurn(turn: PastTurn, most: number): string {
  const heard = turn.said === null ? '' : `${saidText(turn.said, turn.from)}\n`;
  const answers: string[] = [];
  let left = most - heard.length;
  for (const line of turn.answers.map(answerText).toReversed()) {
    if (line.length + 1 > left) break;
    left -= line.length + 1;
    answers.unshift(line);
  }
  return `${heard}(${turn.answers.length - answers.length} earlier answers are left out)\n${answers.join('\n')}`;
}

function turnText({ said, from, answers }: PastTurn): string {
  const lines = answers.map(answerText);
  return [
    ...(said === null ? [] : [saidText(said, from)]),
    ...(lines.length === 0 ? ['[you] (no answer: the session ended before)'] : lines),
  ].join('\n');
}

const saidText = (said: string, from: string | null): string => `[${oneLine(from ?? 'somebody')}] ${cut(said, TEXT_CHARACTERS)}`;

function answerText(answer: PastAnswer): string {
  if (answer.kind === 'text') return `[you] ${cut(answer.text, TEXT_CHARACTERS)}`;
  const title = answer.title === answer.tool ? '' : ` ${cut(oneLine(answer.title), TITLE_CHARACTERS)}`;
  return `[you called ${answer.tool}]${title}${answer.outcome === null ? '' : ` → ${cut(oneLine(answer.outcome), TITLE_CHARACTERS)}`}`;
}

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)} … (${text.length - most} more characters)`;
