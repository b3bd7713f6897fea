import { HOME_RUNNER, RunnerId } from '@gastown/protocol';
import { z } from 'zod';
import { closeQuietly } from '../sockets.ts';

/**
 * Whose a socket on the runners' side is, kept in its attachment. A socket that was sent away is still heard until its peer closes it too, and a peer may never
 * do so: hence the mark. A socket of an earlier version is the container's.
 */
export const SIDE = { runner: RunnerId.default(HOME_RUNNER), dropped: z.boolean().default(false) };
const Side = z.looseObject(SIDE);
const sideOf = (socket: WebSocket) => Side.parse(socket.deserializeAttachment());

export const isOf = (socket: WebSocket, runnerId: RunnerId): boolean => sideOf(socket).runner === runnerId;
export const wasDropped = (socket: WebSocket): boolean => sideOf(socket).dropped;

/** From now on nothing that it says counts. */
export function drop(socket: WebSocket, reason: string): void {
  socket.serializeAttachment({ ...sideOf(socket), dropped: true });
  closeQuietly(socket, 1008, reason);
}
