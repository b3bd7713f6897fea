import { z } from 'zod';
import { Failure } from './failures.ts';
import { LIMITS } from './limits.ts';
import { TerminalKind } from './states.ts';

/**
 * Terminals of an agent (WS-6 to WS-17). Three sockets meet in the AgentDO, which only passes on:
 *
 *     browser ── /api/towns/:town/agents/:agent/terminal?kind= ──► AgentDO ◄── /runner/agents/:agent/terminal?kind= ── runner
 *
 * and the runner learns over its stream socket that somebody wants one. What is said is a JSON frame; what the program reads and writes is a binary frame and nothing
 * else is, so nothing said can be printed (WS-10). Output is numbered by the bytes since the terminal began: a watcher knows what it has, whatever socket it came over.
 */
const bytesSoFar = z.number().int().nonnegative();
const size = { cols: z.number().int().min(2).max(500), rows: z.number().int().min(1).max(300) };
/** One life of one terminal: another id, another screen and other numbers. */
const terminal = z.string().min(1).max(60);
/** One view of one page, over all its sockets: what it typed is numbered under this name. */
const client = z.string().min(1).max(60);
/** One watching socket, named by the AgentDO. */
const viewer = z.number().int().min(0).max(0xffff_ffff);
const have = z.object({ terminal, offset: bytesSoFar }).nullable();

/** What a terminal showed when it ended (WS-16): text that draws the screen and its scroll-back again. */
export const LastScreen = z.object({
  ...size,
  screen: z.string().max(LIMITS.terminalScreenBytes.value),
  reason: z.enum(['exited', 'unwatched', 'run_over', 'runner_stopped']),
  exitCode: z.number().int().nullable(),
  at: z.number().int(),
});
export type LastScreen = z.infer<typeof LastScreen>;

/** Browser → AgentDO. `open` comes first, and again after `again`; `have` is what the page shows already. What is typed is a binary frame. */
export const FromViewer = z.discriminatedUnion('t', [
  z.object({ t: z.literal('open'), client, ...size, have }),
  z.object({ t: z.literal('size'), ...size }),
  /** Shown up to here: credit for more (flow control). */
  z.object({ t: z.literal('ack'), offset: bytesSoFar }),
]);
export type FromViewer = z.infer<typeof FromViewer>;

/** AgentDO → browser. Output is a binary frame. */
export const ToViewer = z.discriminatedUnion('t', [
  /** The screen as it is at `offset`; null: what the page has goes on from there. `typed`: so much of what this client typed has reached the program. */
  z.object({ t: z.literal('state'), terminal, offset: bytesSoFar, ...size, screen: z.string().nullable(), typed: bytesSoFar }),
  z.object({ t: z.literal('size'), offset: bytesSoFar, ...size }),
  z.object({ t: z.literal('typed'), number: bytesSoFar }),
  /** Somebody who knows the screen is back: say `open` again. */
  z.object({ t: z.literal('again') }),
  /** The runner is out of reach; it may come back. */
  z.object({ t: z.literal('away') }),
  /** No runner works for this agent now; what there was last, if anything. */
  z.object({ t: z.literal('none'), last: LastScreen.nullable() }),
  z.object({ t: z.literal('ended'), last: LastScreen }),
  z.object({ t: z.literal('refused'), failure: Failure }),
]);
export type ToViewer = z.infer<typeof ToViewer>;

/** AgentDO → runner, on the terminal's own socket. What is typed is a binary frame. */
export const ToTerminal = z.discriminatedUnion('t', [
  z.object({ t: z.literal('join'), viewer, client, ...size, have }),
  z.object({ t: z.literal('leave'), viewer }),
  z.object({ t: z.literal('size'), ...size }),
  z.object({ t: z.literal('ack'), viewer, offset: bytesSoFar }),
  /** What it showed last is stored. */
  z.object({ t: z.literal('kept') }),
]);
export type ToTerminal = z.infer<typeof ToTerminal>;

/** Runner → AgentDO, on the terminal's own socket. Output is a binary frame. */
export const FromTerminal = z.discriminatedUnion('t', [
  z.object({ t: z.literal('state'), viewer, terminal, offset: bytesSoFar, ...size, screen: z.string().nullable(), typed: bytesSoFar }),
  z.object({ t: z.literal('size'), viewers: z.array(viewer), offset: bytesSoFar, ...size }),
  z.object({ t: z.literal('typed'), viewer, number: bytesSoFar }),
  z.object({ t: z.literal('ended'), last: LastScreen }),
]);
export type FromTerminal = z.infer<typeof FromTerminal>;

/** AgentDO → runner on the stream socket: somebody wants this terminal. */
export const TerminalWanted = z.object({ t: z.literal('terminal.open'), kind: TerminalKind });

/*
 * Binary frames: one byte that says which, numbers in big-endian, then the bytes as they are.
 *   output to the AgentDO   1, offset f64, count u8, viewer u32 each   |  to the browser   1, offset f64
 *   typed to the runner     2, viewer u32, number f64                  |  to the AgentDO   2, number f64
 */
const OUTPUT = 1;
const TYPED = 2;

export interface Output {
  readonly offset: number;
  readonly bytes: Uint8Array;
}
export interface Typed {
  /** Place of the first byte in what this client typed to this terminal. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

const viewOf = (frame: Uint8Array): DataView => new DataView(frame.buffer, frame.byteOffset, frame.byteLength);

function framed(kind: number, head: number, bytes: Uint8Array): { frame: Uint8Array<ArrayBuffer>; view: DataView } {
  const frame = new Uint8Array(head + bytes.byteLength);
  frame[0] = kind;
  frame.set(bytes, head);
  return { frame, view: viewOf(frame) };
}

export function outputFor(viewers: readonly number[], { offset, bytes }: Output): Uint8Array<ArrayBuffer> {
  const { frame, view } = framed(OUTPUT, 10 + 4 * viewers.length, bytes);
  view.setFloat64(1, offset);
  view.setUint8(9, viewers.length);
  for (const [at, one] of viewers.entries()) view.setUint32(10 + 4 * at, one);
  return frame;
}

/** Null: not a frame of this kind. */
export function readOutputFor(frame: Uint8Array): (Output & { viewers: number[] }) | null {
  const view = viewOf(frame);
  if (frame.byteLength < 10 || frame[0] !== OUTPUT) return null;
  const count = view.getUint8(9);
  const head = 10 + 4 * count;
  if (frame.byteLength < head || !isCount(view.getFloat64(1))) return null;
  const viewers = Array.from({ length: count }, (_, at) => view.getUint32(10 + 4 * at));
  return { viewers, offset: view.getFloat64(1), bytes: frame.subarray(head) };
}

export function output({ offset, bytes }: Output): Uint8Array<ArrayBuffer> {
  const { frame, view } = framed(OUTPUT, 9, bytes);
  view.setFloat64(1, offset);
  return frame;
}

export function readOutput(frame: Uint8Array): Output | null {
  if (frame.byteLength < 9 || frame[0] !== OUTPUT || !isCount(viewOf(frame).getFloat64(1))) return null;
  return { offset: viewOf(frame).getFloat64(1), bytes: frame.subarray(9) };
}

export function typed({ number, bytes }: Typed): Uint8Array<ArrayBuffer> {
  const { frame, view } = framed(TYPED, 9, bytes);
  view.setFloat64(1, number);
  return frame;
}

export function readTyped(frame: Uint8Array): Typed | null {
  if (frame.byteLength < 9 || frame[0] !== TYPED || !isCount(viewOf(frame).getFloat64(1))) return null;
  return { number: viewOf(frame).getFloat64(1), bytes: frame.subarray(9) };
}

export function typedBy(by: number, { number, bytes }: Typed): Uint8Array<ArrayBuffer> {
  const { frame, view } = framed(TYPED, 13, bytes);
  view.setUint32(1, by);
  view.setFloat64(5, number);
  return frame;
}

export function readTypedBy(frame: Uint8Array): (Typed & { viewer: number }) | null {
  const view = viewOf(frame);
  if (frame.byteLength < 13 || frame[0] !== TYPED || !isCount(view.getFloat64(5))) return null;
  return { viewer: view.getUint32(1), number: view.getFloat64(5), bytes: frame.subarray(13) };
}

const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;
