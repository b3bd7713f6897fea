import ReconnectingWebSocket from 'partysocket/ws';
import { LIMITS, type FailureCode } from '@gastown/protocol';
import { parseJson } from './json.ts';
import { isSignedIn } from './queries.ts';

/**
 * A socket that says hello each time it opens, hands over parsed JSON, and reconnects with growing waits. The keep-alive is the text `ping`,
 * which the server answers without waking the town. Closed because its session is over, it comes back only for a session that is there (WS-17).
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

const SIGNED_OUT: FailureCode = 'not_signed_in';

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
  let signedOut = false;
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
  socket.addEventListener('close', ({ reason }) => {
    clearInterval(keepAlive);
    if (closed) return;
    // Of a connection that never opened it is no text.
    if (String(reason).startsWith(`${SIGNED_OUT}:`)) void comeBackSignedIn();
    failures += 1;
    on.down(failures);
  });
  const comeBackSignedIn = async () => {
    signedOut = true;
    socket.close();
    signedOut = !(await isSignedIn());
    wake();
  };
  const wake = () => {
    if (!closed && !signedOut && socket.readyState !== socket.OPEN) socket.reconnect();
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
