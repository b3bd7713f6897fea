import { ClientHello, failure, type ServerFrame } from '@gastown/protocol';
import type { Town } from '@gastown/town';
import { z } from 'zod';
import { PAGE } from '../page-sessions.ts';
import { closeWith, parseFrame, trySend } from '../sockets.ts';
import type { Ground } from './ground.ts';

/**
 * Browser sockets (architecture §6). Each socket's attachment says which revision it has, so that sleeping and waking loses nothing;
 * a socket that cannot be written is closed, and its page comes back with the revision it holds.
 */
export const BrowserAttachment = z.object({ role: z.literal('browser'), ...PAGE, rev: z.number().nullable() });
export type BrowserAttachment = z.infer<typeof BrowserAttachment>;

export function greetBrowser(town: Town, socket: WebSocket, message: string | ArrayBuffer): void {
  const frame = parseFrame(ClientHello, message);
  if (!frame.ok) return closeWith(socket, frame.failure);
  // One greeting a socket: a page that lost its place comes back on a new one.
  if (BrowserAttachment.parse(socket.deserializeAttachment()).rev !== null)
    return closeWith(socket, failure('invalid_input', 'hello was said on this socket already'));
  const { rev, epoch } = frame.value;
  const first = firstFrame(town, rev, epoch);
  deliver(socket, JSON.stringify(first), first.rev);
}

function firstFrame(town: Town, rev: number | null, epoch: string | null): ServerFrame {
  if (rev === null || epoch === null || rev > town.rev()) return town.snapshot();
  const since = town.since(rev);
  return since.epoch === epoch ? since : town.snapshot();
}

/** Sends every browser what it does not have yet. Frames are made once for each revision that is behind: usually once. */
export function publish(ground: Ground, town: Town): void {
  const current = town.rev();
  const frames = new Map<number, ServerFrame>();
  const texts = new Map<number, string>();
  for (const socket of ground.sockets('browser')) {
    const { rev } = BrowserAttachment.parse(socket.deserializeAttachment());
    if (rev === null || rev >= current) continue;
    const frame = frames.get(rev) ?? town.since(rev);
    frames.set(rev, frame);
    const text = texts.get(rev) ?? JSON.stringify(frame);
    texts.set(rev, text);
    deliver(socket, text, frame.rev);
  }
}

function deliver(socket: WebSocket, text: string, rev: number): void {
  if (!trySend(socket, text)) return;
  const attachment = BrowserAttachment.parse(socket.deserializeAttachment());
  socket.serializeAttachment({ ...attachment, rev } satisfies BrowserAttachment);
}
