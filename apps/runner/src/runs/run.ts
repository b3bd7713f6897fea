import { failure } from '@gastown/protocol';
import type { AgentId, Failure, Generation, Outcome, Report, RunId } from '@gastown/protocol';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { AgentSession, TurnEnd } from '../agents/driver.ts';
import { withShortText } from '../agents/said-text.ts';
import type { AgentStream } from '../agents/stream.ts';
import type { Transcript } from '../agents/transcript.ts';
import { subAgentOf } from '../agents/sub-agent.ts';
import { makeStatusReader } from '../agents/status-line.ts';
import { within } from '../system/within.ts';
import { makeAsks } from './asks.ts';
import type { Asks } from './asks.ts';
import { makeTurns } from './turns.ts';
import type { Prompt, Turns } from './turns.ts';

/**
 * One live run: a session, its turns, and what of it is told to the town. `say` sends a report; from its end on nothing is said any more (`ending.ts`).
 */
export interface Run {
  readonly runId: RunId;
  readonly agentId: AgentId;
  readonly generation: Generation;
  readonly outcome: Outcome;
  readonly turns: Turns;
  readonly asks: Asks;
  /** The agent lives, though it streams nothing: it waits for a tool, say. */
  noticeActivity(): void;
  /** Its session is gone, or does not listen. */
  lose(failure: Failure): void;
  /** To be called once, when it ends: nothing is said from now on. Resolves when its turn is over and its session closed, or soon. */
  fallSilent(): Promise<void>;
}

export interface RunWish {
  readonly runId: RunId;
  readonly agentId: AgentId;
  readonly generation: Generation;
  readonly session: AgentSession;
  readonly stream: AgentStream;
  readonly transcript: Transcript;
  readonly silenceMs: number;
  readonly now: () => number;
  readonly say: (report: Report) => void;
  /** It waits for a person, or goes on. */
  readonly onAsk: () => void;
  /** A turn is over, however it ended. */
  readonly onTurnEnd: () => void;
  /** The run is over. */
  readonly onLost: (failure: Failure) => void;
}

export interface RunControls {
  readonly run: Run;
  readonly onUpdate: (update: SessionUpdate) => void;
}

/**
 * Most agents end a turn as they are told, and say how. One that was cancelled as its turn began may never answer, though it does nothing more: closing its session ends
 * that too, and is answered.
 */
const POLITE_MS = 500;

export function makeRun(wish: RunWish): RunControls {
  const { runId, generation, session, stream, transcript, now } = wish;
  const status = makeStatusReader();
  let over = false;
  let gone = false;
  let message: string | null = null;
  const say = (report: Report): void => {
    if (!over) wish.say(report);
  };
  const note = (code: string, text: string): void =>
    stream.put({ id: `${runId}-n-${code}-${now()}`, runId, at: now(), kind: 'notice', code, text });

  const onStart = ({ nudgeId, text, source }: Prompt): void => {
    stream.put({ id: nudgeId ?? `${runId}-first`, runId, at: now(), kind: 'user', text, source });
    say({ kind: 'turn.started', runId, generation, nudgeId });
  };
  const onEnd = ({ stopReason, usage, failure: broken }: TurnEnd): void => {
    asks.drop();
    if (broken !== null) note(broken.code, broken.message);
    for (const item of transcript.endTurn(stopReason, usage, now())) stream.put(item);
    // A crash is told as the loss of the run.
    if (broken?.code !== 'agent_crashed') say({ kind: 'turn.ended', runId, generation, stopReason, failure: broken });
    wish.onTurnEnd();
  };
  const onAsk = (): void => {
    turns.noticeActivity();
    wish.onAsk();
  };
  const asks = makeAsks({ runId, generation, now, say, onChange: onAsk, onTooMany: (why) => note('agent_stalled', why) });
  const turns: Turns = makeTurns({
    session,
    silenceMs: wish.silenceMs,
    waits: asks.waiting,
    now,
    onStart,
    onEnd,
    onStuck: (why) => giveUp(why),
  });

  const readStatus = (update: SessionUpdate): void => {
    if (update.sessionUpdate !== 'agent_message_chunk' || update.content.type !== 'text' || subAgentOf(update) !== null) return;
    if (update.messageId !== message) status.restart();
    message = update.messageId ?? null;
    const statusLine = status.add(update.content.text);
    if (statusLine !== null) say({ kind: 'status', runId, generation, statusLine });
  };
  const onUpdate = (said: SessionUpdate): void => {
    if (over) return;
    turns.noticeActivity();
    const update = withShortText(said);
    const change = transcript.apply(update, now());
    for (const item of change.items) stream.put(item);
    if (change.grown !== null) stream.live(runId, change.grown, now());
    if (change.output !== undefined) stream.grow(change.output);
    readStatus(update);
  };
  const giveUp = (why: Failure): void => {
    run.lose(why);
    session.abandon();
  };
  const run: Run = {
    runId,
    agentId: wish.agentId,
    generation,
    turns,
    asks,
    get outcome(): Outcome {
      return { state: 'succeeded', value: { kind: 'session', sessionId: session.id, resumed: session.resumed, model: session.model } };
    },
    noticeActivity: turns.noticeActivity,
    lose(lost) {
      gone = true;
      wish.onLost(lost);
    },
    async fallSilent() {
      over = true;
      asks.drop();
      const idle = turns.close();
      await within(POLITE_MS, idle);
      if (gone) return;
      if (!(await session.close()) && !(await idle)) session.abandon();
      turns.drop();
    },
  };
  return { run, onUpdate };
}

export const noSuchRun = (runId: RunId): Failure => failure('unknown_run', `${runId} is not here.`);
