import ReconnectingWebSocket from 'partysocket/ws';
import { LIMITS } from '@gastown/protocol';

/**
 * A socket that says hello each time it opens, hands over parsed JSON, and reconnects with growing waits. The keep-alive is the text `ping`,
 * which the server answers without waking the town.
 */
export interface Socket {
  close(): void;
}
interface Handlers {
  hello(): unknown;
  frame(data: unknown): void;
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
  let failures = 0;
  let closed = false;
  let keepAlive: ReturnType<typeof setInterval> | undefined;
  socket.addEventListener('open', () => {
    failures = 0;
    socket.send(JSON.stringify(on.hello()));
    keepAlive = setInterval(() => socket.send('ping'), LIMITS.leaseRenewMs.value);
  });
  socket.addEventListener('message', (event) => {
    if (closed || typeof event.data !== 'string' || event.data === 'pong') return;
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
