import {
  failure,
  LIMITS,
  StreamIn,
  WatchHello,
  type Failure,
  type StoredItem,
  type StreamOut,
  type StreamOver,
  type TerminalKind,
} from '@gastown/protocol';
import { z } from 'zod';
import { PAGE } from '../page-sessions.ts';
import { closeQuietly, closeWith, parseFrame, trySend } from '../sockets.ts';
import type { LiveItems } from './live-items.ts';
import { SIDE } from './sides.ts';
import type { Transcript } from './transcript.ts';

/**
 * The two sides of an agent's stream: the runner writes, browsers watch. State that must survive hibernation is in the transcript and in each socket's
 * attachment (`watching` after its first frame); open items are memory only. A send follows its write in the same turn, so the output gate holds it until the write is durable.
 */
export const Attachment = z.discriminatedUnion('role', [
  /** `run`: of a runner that names none, the empty one. */
  z.object({ role: z.literal('runner'), run: z.string().default(''), ...SIDE }),
  z.object({ role: z.literal('browser'), ...PAGE, watching: z.boolean() }),
]);
export type Attachment = z.infer<typeof Attachment>;

export interface StreamGround {
  readonly transcript: Transcript;
  readonly live: LiveItems;
  readonly sockets: (role: 'runner' | 'browser') => WebSocket[];
  readonly databaseBytes: () => number;
  /** The runs whose streams came, in the order in which they came first; kept. */
  readonly runs: () => readonly string[];
  readonly keepRuns: (runs: readonly string[]) => void;
  readonly onTerminalRefused: (kind: TerminalKind, failure: Failure) => void;
}

export function receive(ground: StreamGround, socket: WebSocket, message: string | ArrayBuffer): void {
  const attachment = Attachment.parse(socket.deserializeAttachment());
  if (attachment.role === 'runner') receiveFromRunner(ground, socket, message);
  else receiveFromBrowser(ground, socket, message);
}

/** The run of an agent that came last has its stream; the one before may still say its end, beside it. Any earlier one is told to end for good. */
const WRITING = 2;
const KNOWN_RUNS = 16;

/**
 * Of one run the newer connection replaces the older. Runs do not replace each other: each would come back, and so on. Is this one the agent's own, that is, the run which came last? One that is
 * over when it comes first was cut off for all its life: it came before the one that is there.
 */
export function runnerCame(ground: StreamGround, socket: WebSocket, { run, over }: { run: string; over: boolean }): boolean {
  const before = ground.runs();
  const after = over ? before.length - 1 : before.length;
  const runs = before.includes(run) ? before : before.toSpliced(Math.max(0, after), 0, run).slice(-KNOWN_RUNS);
  if (runs !== before) ground.keepRuns(runs);
  const writing = runs.slice(-WRITING);
  for (const one of ground.sockets('runner')) {
    const of = runOf(one);
    if (!writing.includes(of)) {
      trySend(one, JSON.stringify({ t: 'over' } satisfies StreamOver));
      closeQuietly(one, 1000, 'later runs write');
    } else if (of === run && one !== socket) closeQuietly(one, 1000, 'replaced by a newer connection');
  }
  return runs.at(-1) === run;
}

/** The stream of the agent's own run: who is asked for a terminal. */
export const currentStreams = ({ sockets, runs }: Pick<StreamGround, 'sockets' | 'runs'>): WebSocket[] => {
  const current = runs().at(-1) ?? '';
  return sockets('runner').filter((socket) => runOf(socket) === current);
};

export function runOf(socket: WebSocket): string {
  const attachment = Attachment.parse(socket.deserializeAttachment());
  return attachment.role === 'runner' ? attachment.run : '';
}

function receiveFromRunner(ground: StreamGround, socket: WebSocket, message: string | ArrayBuffer): void {
  const frame = parseFrame(StreamIn, message);
  if (!frame.ok) return closeWith(socket, frame.failure);
  if (frame.value.t === 'live') return fanOut(ground, ground.live.add(frame.value));
  if (frame.value.t === 'terminal.refused') return ground.onTerminalRefused(frame.value.kind, frame.value.failure);
  const { seq, item } = frame.value;
  const stored = ground.transcript.put(item, ground.databaseBytes());
  ground.live.settle(item.id);
  trySend(socket, JSON.stringify({ t: 'ack', seq }));
  if (stored) fanOut(ground, itemsFrame(ground, stored.rev, [stored]));
}

function receiveFromBrowser(ground: StreamGround, socket: WebSocket, message: string | ArrayBuffer): void {
  const frame = parseFrame(WatchHello, message);
  if (!frame.ok) return closeWith(socket, frame.failure);
  // One watch a socket: a page that lost its place comes back on a new one.
  const attachment = Attachment.parse(socket.deserializeAttachment());
  if (attachment.role === 'runner') return;
  if (attachment.watching) return closeWith(socket, failure('invalid_input', 'watch was said on this socket already'));
  for (const text of backfill(ground, frame.value.rev, frame.value.limit)) trySend(socket, text);
  for (const open of ground.live.all()) trySend(socket, JSON.stringify(open));
  socket.serializeAttachment({ ...attachment, watching: true } satisfies Attachment);
}

/**
 * The frames that bring a watcher up to date, at least one. From revision 0, from one that this store never had, or when more was written since than an object should hold in memory at once: the newest `limit`, and the
 * watcher begins anew. Else everything since.
 */
function backfill(ground: StreamGround, rev: number, limit: number): string[] {
  const { transcript } = ground;
  const current = transcript.rev();
  if (rev === 0) return [JSON.stringify(newest(ground, limit))];
  if (rev > current) return [JSON.stringify({ ...newest(ground, limit), anew: true })];
  const texts: string[] = [];
  let size = 0;
  for (const items of transcript.after(rev)) {
    const text = JSON.stringify(itemsFrame(ground, items.at(-1)!.rev, items));
    size += text.length;
    if (size > LIMITS.backfillBytes.value) return [JSON.stringify({ ...newest(ground, limit), anew: true })];
    texts.push(text);
  }
  return texts.length > 0 ? texts : [JSON.stringify(itemsFrame(ground, current, []))];
}

const newest = (ground: StreamGround, limit: number): ItemsFrame =>
  itemsFrame(ground, ground.transcript.rev(), ground.transcript.before(null, limit));

type ItemsFrame = Extract<StreamOut, { t: 'items' }>;
const itemsFrame = ({ transcript }: StreamGround, rev: number, items: StoredItem[]): ItemsFrame => ({
  t: 'items',
  rev,
  items,
  more: items.length > 0 && transcript.hasBefore(Math.min(...items.map(({ pos }) => pos))),
});

function fanOut(ground: StreamGround, frame: StreamOut | null): void {
  if (!frame) return;
  const text = JSON.stringify(frame);
  for (const socket of ground.sockets('browser')) {
    const attachment = Attachment.parse(socket.deserializeAttachment());
    if (attachment.role === 'browser' && attachment.watching) trySend(socket, text);
  }
}
