import {
  failure,
  FromTerminal,
  FromViewer,
  LIMITS,
  output,
  readOutputFor,
  readTyped,
  TerminalKind,
  typedBy,
  type Failure,
  type LastScreen,
  type ToTerminal,
  type ToViewer,
} from '@gastown/protocol';
import { z } from 'zod';
import { PAGE, type Page } from '../page-sessions.ts';
import { closeQuietly, closeWith, parseFrame, trySend } from '../sockets.ts';
import { SIDE, wasDropped, type Holder } from './sides.ts';

/**
 * The terminals of one agent: browsers on one side, the runner's terminals on the other, and this only passes on. It remembers nothing but each socket's attachment and
 * what a terminal showed last, so sleep costs nothing: who watches and how far is known to the runner, what is shown to the page.
 */
const Viewer = z.object({ role: z.literal('viewer'), ...PAGE, viewer: z.number(), kind: TerminalKind });
const Pty = z.object({ role: z.literal('terminal'), kind: TerminalKind, ...SIDE });
const TerminalAttachment = z.discriminatedUnion('role', [Viewer, Pty]);
type Viewer = z.infer<typeof Viewer>;
export type TerminalAttachment = z.infer<typeof TerminalAttachment>;

export interface TerminalGround {
  readonly tagged: (tag: string) => WebSocket[];
  /** The runner's stream of this agent: there while the agent has a live run. */
  readonly streams: () => WebSocket[];
  readonly last: (kind: TerminalKind) => LastScreen | null;
  readonly keepLast: (kind: TerminalKind, last: LastScreen) => void;
}

const VIEWERS = 'viewers';
const terminalsOf = (kind: TerminalKind): string => `terminal:${kind}`;
const viewersOf = (kind: TerminalKind): string => `viewers:${kind}`;
const viewerTag = (viewer: number): string => `viewer:${viewer}`;

const isOpen = (socket: WebSocket): boolean => socket.readyState === WebSocket.OPEN && !wasDropped(socket);
const tell = (socket: WebSocket, frame: ToViewer): void => void trySend(socket, JSON.stringify(frame));
const attachmentOf = (socket: WebSocket) => TerminalAttachment.parse(socket.deserializeAttachment());
const terminal = (ground: TerminalGround, kind: TerminalKind): WebSocket | undefined => ground.tagged(terminalsOf(kind)).find(isOpen);
export const terminalSockets = (ground: TerminalGround): WebSocket[] =>
  TerminalKind.options.flatMap((kind) => ground.tagged(terminalsOf(kind)));
const tellRunner = (ground: TerminalGround, kind: TerminalKind, frame: ToTerminal): void => {
  const socket = terminal(ground, kind);
  if (socket) trySend(socket, JSON.stringify(frame));
};

/** May another page look? Null: yes. */
export const viewersFull = (ground: TerminalGround): Failure | null =>
  ground.tagged(VIEWERS).filter(isOpen).length >= LIMITS.terminalWatchers.value ? failure('terminal_watchers_full') : null;

/** The tags and the attachment of a socket that is about to be accepted. */
export function asViewer(kind: TerminalKind, viewer: number, page: Page): { tags: string[]; attachment: Viewer } {
  return { tags: [VIEWERS, viewersOf(kind), viewerTag(viewer)], attachment: { role: 'viewer', ...page, viewer, kind } };
}
export const asTerminal = (kind: TerminalKind, holder: Holder): { tags: string[]; attachment: z.infer<typeof Pty> } => ({
  tags: [terminalsOf(kind)],
  attachment: { role: 'terminal', kind, ...holder, dropped: false },
});

/** A runner's terminal came, perhaps back: an older socket of it goes, and everybody who watches says anew what they have. */
export function terminalCame(ground: TerminalGround, kind: TerminalKind, socket: WebSocket): void {
  for (const older of ground.tagged(terminalsOf(kind))) if (older !== socket) closeQuietly(older, 1000, 'replaced by a newer connection');
  for (const viewer of ground.tagged(viewersOf(kind))) tell(viewer, { t: 'again' });
}

/** A live run is here: whoever waits for one may ask again. */
export function runCame(ground: TerminalGround): void {
  for (const viewer of ground.tagged(VIEWERS)) if (!terminal(ground, attachmentOf(viewer).kind)) tell(viewer, { t: 'again' });
}

/** Of a run that is over there is what was there last; its stream may stay for a moment. */
export function terminalRefused(ground: TerminalGround, kind: TerminalKind, refused: Failure): void {
  const frame: ToViewer = refused.code === 'run_over' ? { t: 'none', last: ground.last(kind) } : { t: 'refused', failure: refused };
  for (const viewer of ground.tagged(viewersOf(kind))) tell(viewer, frame);
}

export function receiveTerminal(ground: TerminalGround, socket: WebSocket, message: string | ArrayBuffer): void {
  const attachment = attachmentOf(socket);
  if (attachment.role === 'viewer') fromViewer(ground, socket, attachment, message);
  else fromTerminal(ground, socket, attachment.kind, message);
}

export function terminalLeft(ground: TerminalGround, socket: WebSocket): void {
  const attachment = attachmentOf(socket);
  const { kind } = attachment;
  if (attachment.role === 'viewer') return tellRunner(ground, kind, { t: 'leave', viewer: attachment.viewer });
  if (ground.tagged(terminalsOf(kind)).some((other) => other !== socket && isOpen(other))) return;
  for (const viewer of ground.tagged(viewersOf(kind))) tell(viewer, { t: 'away' });
}

function fromViewer(ground: TerminalGround, socket: WebSocket, { viewer, kind }: Viewer, message: string | ArrayBuffer): void {
  if (typeof message !== 'string') return typedIn(ground, socket, viewer, kind, new Uint8Array(message));
  const frame = parseFrame(FromViewer, message);
  if (!frame.ok) return closeWith(socket, frame.failure);
  const { value } = frame;
  if (value.t === 'size') return tellRunner(ground, kind, value);
  if (value.t === 'ack') return tellRunner(ground, kind, { ...value, viewer });
  if (terminal(ground, kind)) return tellRunner(ground, kind, { ...value, t: 'join', viewer });
  const streams = ground.streams().filter(isOpen);
  if (streams.length === 0) return tell(socket, { t: 'none', last: ground.last(kind) });
  // It comes over a socket of its own, and everybody who watches is told then.
  for (const stream of streams) trySend(stream, JSON.stringify({ t: 'terminal.open', kind }));
}

function typedIn(ground: TerminalGround, socket: WebSocket, viewer: number, kind: TerminalKind, message: Uint8Array): void {
  const typed = message.byteLength <= LIMITS.terminalInputBytes.value + 9 ? readTyped(message) : null;
  if (!typed) return closeWith(socket, failure('invalid_input', 'frame: expected what was typed, in pieces within the limit'));
  const runner = terminal(ground, kind);
  if (runner) sendBytes(runner, typedBy(viewer, typed));
}

function fromTerminal(ground: TerminalGround, socket: WebSocket, kind: TerminalKind, message: string | ArrayBuffer): void {
  if (typeof message !== 'string') return outputOf(ground, socket, new Uint8Array(message));
  const frame = parseFrame(FromTerminal, message);
  if (!frame.ok) return closeWith(socket, frame.failure);
  const { value } = frame;
  if (value.t === 'ended') return ended(ground, socket, kind, value.last);
  if (value.t === 'size') {
    const { viewers, ...size } = value;
    for (const viewer of viewers) toViewer(ground, viewer, (to) => tell(to, size));
    return;
  }
  const { viewer, ...said } = value;
  toViewer(ground, viewer, (to) => tell(to, said));
}

function outputOf(ground: TerminalGround, socket: WebSocket, message: Uint8Array): void {
  const read = readOutputFor(message);
  if (!read) return closeWith(socket, failure('invalid_input', 'frame: expected output'));
  const frame = output(read);
  for (const viewer of read.viewers) toViewer(ground, viewer, (to) => sendBytes(to, frame));
}

function ended(ground: TerminalGround, socket: WebSocket, kind: TerminalKind, last: LastScreen): void {
  ground.keepLast(kind, last);
  for (const viewer of ground.tagged(viewersOf(kind))) tell(viewer, { t: 'ended', last });
  trySend(socket, JSON.stringify({ t: 'kept' } satisfies ToTerminal));
}

function toViewer(ground: TerminalGround, viewer: number, act: (socket: WebSocket) => void): void {
  const socket = ground.tagged(viewerTag(viewer)).find(isOpen);
  if (socket) act(socket);
}

/** To a socket that is going away: the peer comes back and says what it has. */
function sendBytes(socket: WebSocket, bytes: Uint8Array<ArrayBuffer>): void {
  try {
    socket.send(bytes);
  } catch {
    closeQuietly(socket, 1011, 'send failed');
  }
}
