import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { LIMITS } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';
import { fullJitter } from '../system/backoff.ts';
import type { Log } from '../system/log.ts';
import { refusalIn } from './refusal.ts';

/**
 * A WebSocket that comes back: after each loss it is opened again, with full jitter and without giving up. One that the peer closes as soon as it is open counts as a failure like one that was never open, whatever was said on it; one that was heard and breaks off is tried at once. Messages are not kept here; who needs
 * delivery sends again in `onOpen`. A peer that stops answering pings counts as lost.
 */
export interface Socket {
  /** False when the socket is not open: nothing was sent. */
  send(message: string | Uint8Array): boolean;
  readonly isOpen: () => boolean;
  close(): void;
}

export interface SocketWish {
  /** Asked at each connection. */
  readonly url: () => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** False: what is sent costs no time of a compressor. */
  readonly compressed?: boolean;
  readonly onLost?: () => void;
  /** The town would not open it. True: it never will, so nobody asks again. */
  readonly onRefused?: (refused: Failure) => boolean;
  readonly log: Log;
  readonly name: string;
  readonly random?: () => number;
  readonly pingMs?: number;
  /** Open for so long, it was no failure. */
  readonly steadyMs?: number;
}

const RETRY_BASE_MS = 250;
const RETRY_CAP_MS = 10_000;
const STEADY_MS = 2_000;
/** Its peer was killed, or the network is gone: nobody closed it. */
const BROKEN_OFF = 1006;
/**
 * Pings of the protocol itself: the town's object is not woken by them, so that an idle town sleeps on (P7), and one that hears nothing for two of them is given up within a lease. Without them a link that is
 * half open would swallow the next message for as long as its machine waits for a lost packet.
 */
const PING_MS = 20_000;

export function openSocket(wish: SocketWish): Socket {
  let socket: WebSocket | null = null;
  let retry: NodeJS.Timeout | null = null;
  let failures = 0;
  let closed = false;

  const connect = (): void => {
    retry = null;
    const current = new WebSocket(wish.url(), {
      headers: wish.headers,
      maxPayload: LIMITS.frameBytes.value * 4,
      handshakeTimeout: 15_000,
      perMessageDeflate: wish.compressed ?? true,
    });
    socket = current;
    const stopPinging = pingWhileOpen(current, wish.pingMs ?? PING_MS);
    let openedAt = Infinity;
    let heard = false;
    current.on('open', () => {
      openedAt = performance.now();
      wish.log('socket.open', { name: wish.name });
      wish.onOpen();
    });
    current.on('message', (data, binary) => {
      heard = true;
      if (!binary) wish.onText(data.toString());
      else if (data instanceof Buffer) wish.onBytes?.(data);
    });
    current.on('unexpected-response', (_, response) => {
      void refusalOf(response).then((refused) => {
        wish.log('socket.refused', { name: wish.name, status: response.statusCode, ...(refused && { code: refused.code }) });
        if (refused !== null && !closed) closed = wish.onRefused?.(refused) ?? false;
        current.terminate();
      });
    });
    current.on('error', (error) => wish.log('socket.error', { name: wish.name, reason: error.message }));
    current.on('close', (code) => {
      stopPinging();
      if (closed) return;
      const isSteady = performance.now() - openedAt > (wish.steadyMs ?? STEADY_MS);
      if (isSteady || (heard && code === BROKEN_OFF)) failures = 0;
      const waitMs = fullJitter(failures++, RETRY_BASE_MS, RETRY_CAP_MS, wish.random ?? Math.random);
      wish.log('socket.closed', { name: wish.name, code, retryMs: waitMs });
      wish.onLost?.();
      retry = setTimeout(connect, waitMs);
    });
  };
  connect();
  return {
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    send(message) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(message);
      return true;
    },
    close() {
      closed = true;
      if (retry !== null) clearTimeout(retry);
      socket?.close(1000);
    },
  };
}

/** What the town says where it opens no socket. */
async function refusalOf(response: IncomingMessage): Promise<Failure | null> {
  const parts = await response
    .take(REFUSAL_PARTS)
    .toArray()
    .catch(() => []);
  return refusalIn(Buffer.concat(parts).toString('utf8'));
}
const REFUSAL_PARTS = 64;

function pingWhileOpen(socket: WebSocket, everyMs: number): () => void {
  let answered = true;
  const timer = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, everyMs);
  timer.unref();
  socket.on('pong', () => (answered = true));
  return () => clearInterval(timer);
}

export const socketUrl = (base: string, path: string): string => `${base.replace(/^http/, 'ws')}${path}`;
