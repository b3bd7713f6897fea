import { z } from 'zod';
import { LIMITS, StreamAck, StreamOver, TerminalWanted } from '@gastown/protocol';
import type { AgentId, Failure, RunId, StreamIn, TerminalKind, TranscriptItem } from '@gastown/protocol';
import { openSocket, socketUrl } from '../link/socket.ts';
import type { Log } from '../system/log.ts';
import { fittingItem } from './fit-item.ts';
import type { OpenText } from './transcript.ts';

/**
 * The transcript of one agent on its way to the town. Settled items are kept until the town stored them, and are sent again after a reconnect under new
 * numbers (`seq` counts within a connection; the same item twice is harmless, its id decides). Live text is sent at most 20 times a second and is
 * not kept: what a lost connection swallows arrives with the settled item.
 */
export interface AgentStream {
  put(item: TranscriptItem): void;
  live(runId: string, open: OpenText & { readonly offset: number }, at: number): void;
  /** A terminal that somebody wants cannot be. */
  refuseTerminal(kind: TerminalKind, failure: Failure): void;
  /** Resolves when everything put so far is stored. */
  stored(): Promise<void>;
  close(): void;
}

export interface StreamSurroundings {
  readonly url: string;
  readonly token: string;
  readonly agentId: AgentId;
  /** Whose it is: streams of one agent's runs do not replace each other. */
  readonly runId: RunId;
  readonly log: Log;
  readonly redact: (text: string) => string;
  /** Somebody wants this terminal of the agent. */
  readonly onTerminalWanted: (kind: TerminalKind) => void;
  /** Characters that may wait for the town. */
  readonly mostWaiting?: number;
}

interface Waiting {
  readonly item: TranscriptItem;
  readonly characters: number;
  seq: number | null;
}

const LIVE_MS = 50;
/** Characters. */
const MOST_LIVE = LIMITS.frameBytes.value / 8;
const MOST_WAITING = 16 * LIMITS.frameBytes.value;
const FromAgentObject = z.discriminatedUnion('t', [StreamAck, StreamOver, TerminalWanted]);

export function openAgentStream(around: StreamSurroundings): AgentStream {
  let waiting: Waiting[] = [];
  let lost = 0;
  let lastSeq = 0;
  const most = around.mostWaiting ?? MOST_WAITING;
  let pending: Extract<StreamIn, { t: 'live' }> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let drained: (() => void)[] = [];

  const send = (frame: StreamIn): boolean => socket.send(around.redact(JSON.stringify(frame)));
  const sendItem = (entry: Waiting): void => {
    if (!socket.isOpen()) return;
    entry.seq = ++lastSeq;
    send({ t: 'item', seq: entry.seq, item: entry.item });
  };
  const flushLive = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    // What is too long for a frame arrives with the settled item, cut.
    if (pending !== null && pending.text.length <= MOST_LIVE) send(pending);
    pending = null;
  };
  const enqueue = (item: TranscriptItem): void => {
    const fitted = fittingItem(item);
    const entry: Waiting = { item: fitted, seq: null, characters: JSON.stringify(fitted).length };
    waiting.push(entry);
    sendItem(entry);
  };
  /** A town that is away for long: of what waits the newest is kept, and a line says how much is missing. */
  const dropOldest = (runId: string, at: number): void => {
    let characters = waiting.reduce((sum, entry) => sum + entry.characters, 0);
    if (characters <= most) return;
    const id = `${runId}-lost`;
    const kept = waiting.filter(({ item }) => item.id !== id);
    while (kept.length > 1 && characters > most) {
      characters -= kept.shift()?.characters ?? 0;
      lost++;
    }
    waiting = kept;
    around.log('transcript.dropped', { runId, items: lost });
    enqueue({
      id,
      runId,
      at,
      kind: 'notice',
      code: 'transcript_lost',
      text: `The town could not be reached for so long that ${lost} items are missing here.`,
    });
  };
  const acknowledge = (seq: number): void => {
    waiting = waiting.filter((entry) => entry.seq === null || entry.seq > seq);
    if (waiting.length > 0) return;
    const tell = drained;
    drained = [];
    for (const resolve of tell) resolve();
  };
  const socket = openSocket({
    url: socketUrl(around.url, `/runner/agents/${around.agentId}/stream?run=${around.runId}`),
    headers: { authorization: `Bearer ${around.token}` },
    name: `stream ${around.agentId}`,
    log: around.log,
    onOpen() {
      lastSeq = 0;
      for (const entry of waiting) sendItem(entry);
    },
    onText(text) {
      const said = FromAgentObject.safeParse(readJson(text));
      if (!said.success) return;
      if (said.data.t === 'ack') acknowledge(said.data.seq);
      else if (said.data.t === 'over') socket.close();
      else around.onTerminalWanted(said.data.kind);
    },
    onLost() {
      for (const entry of waiting) entry.seq = null;
    },
  });
  return {
    put(item) {
      flushLive();
      enqueue(item);
      dropOldest(item.runId, item.at);
    },
    live(runId, { id, kind, offset, text }, at) {
      if (pending !== null && pending.id === id && pending.offset + pending.text.length === offset)
        pending = { ...pending, text: pending.text + text, at };
      else {
        flushLive();
        pending = { t: 'live', id, runId, kind, offset, text, at };
      }
      timer ??= setTimeout(flushLive, LIVE_MS);
    },
    refuseTerminal: (kind, failure) => void send({ t: 'terminal.refused', kind, failure }),
    stored: () => (waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => drained.push(resolve))),
    close() {
      if (timer !== null) clearTimeout(timer);
      socket.close();
    },
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
