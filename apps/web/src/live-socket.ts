import ReconnectingWebSocket from 'partysocket/ws';
import { LIMITS } from '@gastown/protocol';

/**
 * A socket that says hello each time it opens, hands over parsed JSON, and reconnects with growing waits. The keep-alive is the text `ping`,
 * which the server answers without waking the town.
 */
export interface Socket {
  /** False: the socket is not open, and nothing was sent. */
  send(message: string | Uint8Array<ArrayBuffer>): boolean;
  close(): void;
}
interface Handlers {
  /** Null: nothing to say. */
  hello(): unknown;
  frame(data: unknown): void;
  /** What is not text. */
  bytes?(bytes: Uint8Array): void;
  /** `failures` counts the tries in a row that did not open. */
  down(failures: number): void;
}

export function openSocket(path: string, on: Handlers): Socket {
  const address = () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
  const socket = new ReconnectingWebSocket(address, [], {
    minReconnectionDelay: 300,
    maxReconnectionDelay: 10_000,
    reconnectionDelayGrowFactor: 1.6,
    connectionTimeout: 10_000,
    maxEnqueuedMessages: 0,
  });
  socket.binaryType = 'arraybuffer';
  let failures = 0;
  let closed = false;
  let keepAlive: ReturnType<typeof setInterval> | undefined;
  socket.addEventListener('open', () => {
    failures = 0;
    const hello = on.hello();
    if (hello !== null) socket.send(JSON.stringify(hello));
    keepAlive = setInterval(() => socket.send('ping'), LIMITS.leaseRenewMs.value);
  });
  socket.addEventListener('message', (event) => {
    if (closed || event.data === 'pong') return;
    if (event.data instanceof ArrayBuffer) return on.bytes?.(new Uint8Array(event.data));
    if (typeof event.data !== 'string') return;
    on.frame(parseJson(event.data));
  });
  socket.addEventListener('close', () => {
    clearInterval(keepAlive);
    if (closed) return;
    failures += 1;
    on.down(failures);
  });
  const wake = () => {
    if (!closed && socket.readyState !== socket.OPEN) socket.reconnect();
  };
  addEventListener('online', wake);
  return {
    send(message) {
      if (socket.readyState !== socket.OPEN) return false;
      socket.send(message);
      return true;
    },
    close() {
      closed = true;
      clearInterval(keepAlive);
      removeEventListener('online', wake);
      socket.close();
    },
  };
}

/** Text that is not JSON becomes undefined, which no frame schema accepts. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
