import { HOME_RUNNER, RunnerId } from '@gastown/protocol';
import { z } from 'zod';
import { closeQuietly } from '../sockets.ts';

/**
 * Whose a socket on the runners' side is, kept in its attachment. A socket that was sent away is still heard until its peer closes it too, and a peer may never
 * do so: hence the mark. `serial`: of the token that opened it. A socket of an earlier version is the container's, of no start that had a number.
 */
export const SIDE = { runner: RunnerId.default(HOME_RUNNER), serial: z.number().int().default(0), dropped: z.boolean().default(false) };
export interface Holder {
  readonly runner: RunnerId;
  readonly serial: number;
}
const Side = z.looseObject(SIDE);
const sideOf = (socket: WebSocket) => Side.parse(socket.deserializeAttachment());

/** With a token of this serial, or a later one. */
export function isOf(socket: WebSocket, { runner, serial }: Holder): boolean {
  const side = sideOf(socket);
  return side.runner === runner && side.serial >= serial;
}
export const wasDropped = (socket: WebSocket): boolean => sideOf(socket).dropped;

/** From now on nothing that it says counts. */
export function drop(socket: WebSocket, reason: string): void {
  socket.serializeAttachment({ ...sideOf(socket), dropped: true });
  closeQuietly(socket, 1008, reason);
}
