import { failure, LIMITS, type RunnerId } from '@gastown/protocol';
import { closeWith } from '../sockets.ts';
import type { Ground } from './ground.ts';
import { holderOf } from './link.ts';

/** Sockets that said no hello yet: whoever has a token could open them without end. A process that was cut off in good faith comes back. */
const TOO_MANY = failure('overloaded', 'Too many sockets of this runner are open that did not say hello.');

/** Makes room for one more of this runner, the oldest go first. The turn of the new one: later than that of all who wait. */
export function turnAmongUnheard(ground: Ground, runnerId: RunnerId): number {
  const waiting = ground
    .sockets('runner')
    .map((socket) => ({ socket, ...holderOf(socket) }))
    .filter(({ socket, ...of }) => of.runnerId === runnerId && of.instance === null && socket.readyState === WebSocket.OPEN)
    .toSorted((a, b) => b.turn - a.turn);
  for (const { socket } of waiting.slice(LIMITS.unheardLinks.value - 1)) closeWith(socket, TOO_MANY);
  return (waiting[0]?.turn ?? 0) + 1;
}
