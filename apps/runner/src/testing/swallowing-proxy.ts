import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { Socket } from 'node:net';

/** A network in between that can swallow everything: both ends stay open and hear nothing. What was swallowed never arrives. */
export async function openSwallowingProxy(port: number) {
  let swallowing = false;
  const ends = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    ends.add(from);
    let lost = false;
    from.on('data', (data: Buffer) => {
      lost ||= swallowing;
      if (!lost) to.write(data);
    });
    from.on('error', () => undefined);
    from.on('close', () => lost || to.destroy());
  };
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    pass(client, upstream);
    pass(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** Connections that are made later work, unless it goes on. */
    swallow(on: boolean) {
      swallowing = on;
    },
    close() {
      for (const end of ends) end.destroy();
      server.close();
    },
  };
}
