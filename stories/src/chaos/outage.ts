import { once } from 'node:events';
import { createServer } from 'node:net';
import type { GitServer } from '@gastown/rehearsal';

/** The git server is down with every connection of it; whoever calls meanwhile is refused. How many calls that were. */
export async function outage(git: Pick<GitServer, 'port' | 'down' | 'up'>, meanwhile: () => Promise<void>): Promise<number> {
  let refused = 0;
  const door = createServer((socket) => {
    refused += 1;
    socket.resetAndDestroy();
  });
  await git.down();
  door.listen(git.port, '127.0.0.1');
  await once(door, 'listening');
  await meanwhile();
  door.close();
  await once(door, 'close');
  await git.up();
  return refused;
}
