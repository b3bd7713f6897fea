import { vi } from 'vitest';

/** The client side of a WebSocket: what came, in order, and how it ended. */
export interface Client {
  readonly socket: WebSocket;
  readonly frames: Frame[];
  readonly closed: () => { code: number; reason: string } | null;
  send(frame: unknown): void;
  /** Resolves to the first frame, seen or yet to come, for which `matches` holds. */
  until(matches: (frame: Frame) => boolean): Promise<Frame>;
  untilClosed(): Promise<{ code: number; reason: string }>;
}
// Frames are checked by the assertions of the tests, field by field.
export type Frame = Record<string, unknown> & { t: string };

export function clientOf(response: Response): Client {
  const socket = response.webSocket;
  if (!socket) throw new Error(`no socket: ${response.status}`);
  const frames: Frame[] = [];
  let closed: { code: number; reason: string } | null = null;
  socket.accept();
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => void frames.push(frameOf(data)));
  socket.addEventListener('close', ({ code, reason }) => {
    closed = { code, reason };
  });
  const until = (matches: (frame: Frame) => boolean) => vi.waitUntil(() => frames.find(matches), { timeout: 3_000, interval: 5 });
  return {
    socket,
    frames,
    closed: () => closed,
    send: (frame) => socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame)),
    until,
    untilClosed: () => vi.waitUntil(() => closed, { timeout: 3_000, interval: 5 }),
  };
}

function frameOf(data: unknown): Frame {
  if (data === 'pong') return { t: 'pong' };
  if (data instanceof ArrayBuffer) return { t: 'bytes', bytes: new Uint8Array(data) };
  return JSON.parse(String(data)) as Frame;
}
