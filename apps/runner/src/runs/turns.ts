import { failure, LIMITS } from '@gastown/protocol';
import type { Failure, NudgeId, NudgeMode } from '@gastown/protocol';
import type { AgentSession, TurnEnd } from '../agents/driver.ts';
import { within } from '../system/within.ts';

/**
 * The turns of one session, one at a time. A prompt that comes during a turn waits for its end; an `immediate` one ends the turn first. A turn without any
 * sign of life for `silenceMs` is cancelled and ends as stalled (PT-4).
 */
export interface Turns {
  /** The same nudge twice is one turn. */
  add(prompt: Prompt): void;
  /** Any sign of life of the session. */
  noticeActivity(): void;
  interrupt(): Promise<void>;
  inFlight(): boolean;
  /** Epoch ms. A clock set back leaves none in times to come; one set ahead, or a machine that slept, makes none later. */
  lastActivityAt(): number;
  /** No further turn begins; the one in flight is cancelled. Whether it is over; false: its agent has not said so for a while. */
  close(): Promise<boolean>;
  /** Nothing of the session goes on: the turn in flight is over, whatever its agent says of it. */
  drop(): void;
}

export interface Prompt {
  /** Null: the first prompt of the run. */
  readonly nudgeId: NudgeId | null;
  /** What the person, or the town, said: the transcript shows this. */
  readonly text: string;
  /** It may have been said before, to a session that was lost in between (MS-8). The agent is told; the transcript is not. */
  readonly again: boolean;
  /** The work of the run is handed in. */
  readonly handedIn?: boolean | undefined;
  readonly source: string;
  readonly mode: NudgeMode;
}

export interface TurnSurroundings {
  readonly session: AgentSession;
  readonly silenceMs: number;
  /** It waits for a person: silent, and not stalled. */
  readonly waits: () => boolean;
  readonly now: () => number;
  readonly onStart: (prompt: Prompt) => void;
  readonly onEnd: (end: TurnEnd) => void;
  /** The agent does not end its turn though it was told to: it gets no further prompt. Told before the end of that turn. */
  readonly onStuck: (why: Failure) => void;
}

const SAID_AGAIN = '(This message may have reached you before. If you acted on it already, do not do it again.)';
const HANDED_IN =
  '(Your work is handed in already, and lands as it was then: what you commit now is lost. Answer what you can; if more must change, say that it needs a bead of its own.)';
/** Agent programs have commands of their own that begin so, with rights of their own; whoever writes to an agent writes to its model. */
const A_SLASH = '(The message begins with a slash, and is a message as any other.)';
/** The message with what its reader should know of it. */
const worded = ({ text, again, handedIn }: Prompt): string =>
  [...(again ? [SAID_AGAIN] : []), ...(handedIn ? [HANDED_IN] : []), ...(text.trimStart().startsWith('/') ? [A_SLASH] : []), text].join(
    '\n\n',
  );
const CANCEL_MS = 5_000;

export function makeTurns(around: TurnSurroundings): Turns {
  const queue: Prompt[] = [];
  const seen = new Set<string>();
  let current: Promise<void> | null = null;
  let closed = false;
  const seenNow = () => ({ at: around.now(), since: performance.now() });
  let active = seenNow();
  let watch: NodeJS.Timeout | null = null;
  /** Ends the turn in flight before its agent does. */
  let cut: ((end: Failure | TurnEnd) => void) | null = null;

  const rewatch = (): void => {
    if (watch !== null) clearTimeout(watch);
    watch =
      cut === null
        ? null
        : setTimeout(() => {
            if (around.waits()) return rewatch();
            cut?.(failure('agent_stalled', `The agent gave no sign for ${Math.round(around.silenceMs / 1_000)} seconds.`));
          }, around.silenceMs);
  };
  const cancel = (): Promise<void> => around.session.cancel();
  /** An agent that streams on and on, or falls silent, after it was told to stop is given up like one that stalls. */
  const stop = async (): Promise<void> => {
    const turn = current;
    await cancel();
    if (
      turn === null ||
      (await within(
        LIMITS.cancelMs.value,
        turn.then(() => true),
      )) !== null
    )
      return;
    if (current === turn) cut?.(failure('agent_stalled', 'The agent did not stop when it was told to.'));
  };

  const play = async (prompt: Prompt): Promise<void> => {
    around.onStart(prompt);
    active = seenNow();
    const ended = new Promise<Failure | TurnEnd>((resolve) => (cut = resolve));
    rewatch();
    const turn = around.session.prompt(worded(prompt));
    const first = await Promise.race([turn, ended]);
    cut = null;
    rewatch();
    if ('stopReason' in first) return around.onEnd(first);
    await cancel();
    const late = await within(CANCEL_MS, turn);
    if (late === null) {
      closed = true;
      around.onStuck(first);
    }
    around.onEnd({ stopReason: 'cancelled', usage: late?.usage ?? null, failure: first });
  };
  const next = (): void => {
    if (current !== null || closed) return;
    const prompt = queue.shift();
    if (prompt === undefined) return;
    current = play(prompt).finally(() => {
      current = null;
      next();
    });
  };
  return {
    add(prompt) {
      if (closed) return;
      if (prompt.nudgeId !== null && seen.has(prompt.nudgeId)) return;
      if (prompt.nudgeId !== null) seen.add(prompt.nudgeId);
      if (prompt.mode === 'immediate') queue.unshift(prompt);
      else queue.push(prompt);
      if (prompt.mode === 'immediate' && current !== null) void stop();
      next();
    },
    noticeActivity() {
      active = seenNow();
      if (cut !== null) rewatch();
    },
    async interrupt() {
      if (current !== null) void stop();
    },
    inFlight: () => current !== null,
    lastActivityAt: () => Math.min(active.at, around.now() - Math.round(performance.now() - active.since)),
    async close() {
      closed = true;
      if (current === null) return true;
      return (await within(CANCEL_MS, Promise.all([cancel(), current]))) !== null;
    },
    drop: () => cut?.({ stopReason: 'cancelled', usage: null, failure: null }),
  };
}
