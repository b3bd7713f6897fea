import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Of these each runner has a handful: an agent's first request follows its connection at once. */
const MOST_UNKNOWN = 256;
const MOST = 1_024;
const HEADERS_MS = 10_000;

/**
 * Keeps the tool server's connections few: any program of the machine can open one without the secret of a run, and each takes a descriptor of the runner. Those of agents are never closed for one that nobody
 * is known to call from; of these the oldest go first. The result tells it that a connection is an agent's.
 */
export function boundConnections(http: Server): (socket: Socket) => void {
  const unknown = new Set<Socket>();
  http.maxConnections = MOST;
  http.headersTimeout = HEADERS_MS;
  http.on('connection', (socket: Socket) => {
    unknown.add(socket);
    socket.once('close', () => unknown.delete(socket));
    const [oldest] = unknown;
    if (unknown.size > MOST_UNKNOWN) oldest?.destroy();
  });
  return (socket) => void unknown.delete(socket);
}
