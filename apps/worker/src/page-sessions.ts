import { failure } from '@gastown/protocol';
import { z } from 'zod';
import { closeWith } from './sockets.ts';

/**
 * Whose session a page's socket belongs to, kept in its attachment (WS-17). `session` is the hash of its token. `until`: when it expires; 0: it was ended. A socket that
 * was closed is still heard until its page closes it too, and that may never be: hence the mark. No alarm: a socket whose time is over is closed before anything
 * goes over it in either direction.
 */
export const PAGE = { session: z.string(), until: z.number() };
const Page = z.object(PAGE);
const Held = z.looseObject(PAGE);
export type Page = z.infer<typeof Page>;

/** As the edge says it with the upgrade. */
export const pageOf = (asked: URLSearchParams): Page => Page.parse({ session: asked.get('session'), until: Number(asked.get('until')) });
export const sessionTag = (session: string): string => `session:${session}`;

/** True: its session is over, the socket is closed, and nothing of it counts. Never so of a runner's. */
export function isOver(socket: WebSocket, now: number): boolean {
  const held = Held.safeParse(socket.deserializeAttachment());
  if (!held.success || held.data.until > now) return false;
  endSocket(socket);
  return true;
}

export function endSocket(socket: WebSocket): void {
  socket.serializeAttachment({ ...Held.parse(socket.deserializeAttachment()), until: 0 });
  closeWith(socket, failure('not_signed_in'));
}
