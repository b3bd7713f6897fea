import { z } from 'zod';
import { LIMITS, StreamAck, StreamOver, TerminalWanted } from '@gastown/protocol';
import type { AgentId, Failure, FailureCode, RunId, StreamIn, TerminalKind, TranscriptItem } from '@gastown/protocol';
import { openSocket, socketUrl } from '../link/socket.ts';
import type { Log } from '../system/log.ts';
import { redactedJson } from '../system/redact.ts';
import type { Redactor } from '../system/redact.ts';
import { makeGrowing } from './growing.ts';
import type { ToolItem } from './growing.ts';
import { makeLiveText } from './live-text.ts';
import type { OpenText } from './transcript.ts';
import { makeWaitingItems } from './waiting-items.ts';

/**
 * The transcript of one run on its way to the town. Settled items are kept until the town stored them, also when the run is over by then, and are sent again after a reconnect under new
 * numbers (`seq` counts within a connection; the same item twice is harmless, its id decides). Live text is sent at most 20 times a second and is
 * not kept: what a lost connection swallows arrives with the settled item. What is given up is told in the log, and where the town hears of it in the transcript.
 */
export interface AgentStream {
  put(item: TranscriptItem): void;
  live(runId: string, open: OpenText & { readonly offset: number }, at: number): void;
  /** What a tool call gave so far. Not kept: the whole arrives with its end. */
  grow(item: ToolItem): void;
  /** A terminal that somebody wants cannot be. */
  refuseTerminal(kind: TerminalKind, failure: Failure): void;
  /** Resolves when everything put so far is stored, or will not be by this stream. */
  stored(): Promise<void>;
  /** The run is over: the stream ends when everything put is stored, or could not be for `closingMs`. */
  close(): void;
}

/** What else the set of streams (`streams.ts`) does with one. */
export interface OwnedStream extends AgentStream {
  /** The next stream of its agent sends what waits, before its own, and whatever comes late. */
  handTo(next: AgentStream): void;
  /** Characters that wait; null: its run is not over. */
  left(): number | null;
  /** Of what waits nothing is kept but the notice that it is missing. */
  giveUp(): void;
  /** At once, with whatever waits. */
  end(): void;
}

export interface StreamSurroundings {
  readonly url: string;
  readonly token: string;
  readonly agentId: AgentId;
  /** Whose it is: streams of one agent's runs do not replace each other. */
  readonly runId: RunId;
  readonly log: Log;
  readonly redactor: Pick<Redactor, 'redact' | 'begun'>;
  /** Somebody wants this terminal of the agent. */
  readonly onTerminalWanted: (kind: TerminalKind) => void;
  /** It ended and holds nothing any more. */
  readonly onEnd?: () => void;
  /** Characters that may wait for the town. */
  readonly mostWaiting?: number;
  readonly closingMs?: number;
  /** How long live text waits for what follows, where a secret may begin. */
  readonly heldMs?: number;
}

/** Of what may wait, when there is more. */
const KEPT = 3 / 4;
export const MOST_WAITING = 16 * LIMITS.frameBytes.value;
/** How long what a run said waits for the town after its end: a cut that is longer has cost the run's lease long ago. */
const CLOSING_MS = 15 * 60_000;
/** The agent is gone, or with another runner, or this is no runner any more: nothing of a run that is over is taken. */
const TAKES_NO_MORE: readonly FailureCode[] = [
  'unknown_agent',
  'forbidden',
  'town_deleted',
  'unknown_runner',
  'runner_token_refused',
  'not_signed_in',
];
const FromAgentObject = z.discriminatedUnion('t', [StreamAck, StreamOver, TerminalWanted]);

export function openAgentStream(around: StreamSurroundings): OwnedStream {
  const { redact } = around.redactor;
  const waiting = makeWaitingItems(around.runId, redact);
  let state: 'open' | 'closing' | 'over' = 'open';
  let next: AgentStream | null = null;
  let lastSeq = 0;
  const most = around.mostWaiting ?? MOST_WAITING;
  let limit: NodeJS.Timeout | undefined;
  let onStored: (() => void)[] = [];

  const send = (frame: StreamIn): boolean => socket.send(redactedJson(redact, frame));
  const live = makeLiveText({ redactor: around.redactor, send, heldMs: around.heldMs });
  const sendItems = (): void => {
    if (!socket.isOpen()) return;
    for (let item = waiting.next(lastSeq + 1); item !== null; item = waiting.next(lastSeq + 1)) send({ t: 'item', seq: ++lastSeq, item });
  };
  const tellDropped = (items: number): void => {
    if (items > 0) around.log('transcript.dropped', { runId: around.runId, items });
  };
  /** A town that is away for long, or slower than its agent. */
  const shrink = (to: number): void => {
    if (waiting.shrink(to)) tellDropped(waiting.dropped());
    sendItems();
  };
  const keep = (item: TranscriptItem): void => {
    waiting.add(item);
    // Well below, or the next item would have everything looked through again, and so each after it.
    if (waiting.characters() > most) shrink(most * KEPT);
    else sendItems();
  };
  const isFree = (): boolean => socket.isOpen() && waiting.all().length === 0;
  const growing = makeGrowing({ redactor: around.redactor, isFree, put: keep });
  const nothingWaits = (): void => {
    const tell = onStored;
    onStored = [];
    for (const resolve of tell) resolve();
  };
  const disconnect = (): void => {
    state = 'over';
    live.stop();
    growing.stop();
    clearTimeout(limit);
    socket.close();
    nothingWaits();
  };
  const end = (): void => {
    disconnect();
    waiting.clear();
    around.onEnd?.();
  };
  const endWithLoss = (): void => {
    tellDropped(waiting.all().length);
    end();
  };
  const acknowledge = (seq: number): void => {
    waiting.acknowledge(seq);
    sendItems();
    if (waiting.all().length > 0) return;
    nothingWaits();
    if (state === 'closing') end();
  };
  const socket = openSocket({
    /** A run that is over has no say about which one of the agent's is its own. */
    url: () => socketUrl(around.url, `/runner/agents/${around.agentId}/stream?run=${around.runId}${state === 'closing' ? '&over=1' : ''}`),
    headers: { authorization: `Bearer ${around.token}` },
    name: `stream ${around.agentId}`,
    log: around.log,
    onOpen() {
      lastSeq = 0;
      waiting.lost();
      sendItems();
    },
    onText(text) {
      const said = FromAgentObject.safeParse(readJson(text));
      if (!said.success || state === 'over') return;
      if (said.data.t === 'ack') acknowledge(said.data.seq);
      else if (said.data.t === 'over') endWithLoss();
      else around.onTerminalWanted(said.data.kind);
    },
    onLost() {
      waiting.lost();
    },
    onRefused({ code }) {
      const isFinal = state === 'closing' && TAKES_NO_MORE.includes(code);
      if (isFinal) endWithLoss();
      return isFinal;
    },
  });
  return {
    put(item) {
      if (next !== null) return next.put(item);
      if (state === 'over') return tellDropped(1);
      live.settle(item.id);
      growing.settle(item.id);
      keep(item);
    },
    grow: (item) => state === 'open' && growing.add(item),
    live(runId, { id, kind, offset, text }, at) {
      if (state === 'over') return;
      live.add({ t: 'live', id, runId, kind, offset, text, at });
    },
    refuseTerminal: (kind, failure) => void send({ t: 'terminal.refused', kind, failure }),
    stored() {
      if (next !== null) return next.stored();
      return state === 'over' || waiting.all().length === 0 ? Promise.resolve() : new Promise((resolve) => onStored.push(resolve));
    },
    close() {
      if (state !== 'open') return;
      growing.stop();
      if (waiting.all().length === 0) return end();
      state = 'closing';
      limit = setTimeout(() => {
        shrink(0);
        disconnect();
      }, around.closingMs ?? CLOSING_MS).unref();
    },
    handTo(heir) {
      next = heir;
      for (const { item } of waiting.all()) heir.put(item);
      end();
    },
    left: () => (state === 'open' ? null : waiting.characters()),
    giveUp: () => shrink(0),
    end: endWithLoss,
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
