import { httpStatus, LIMITS, type Failure, failure } from '@gastown/protocol';
import type { z } from 'zod';

/** Small shared ground of the objects' WebSockets. Frames are JSON text; a bad one closes the socket with 1008 and the failure's code, and changes nothing. */
export const accepted = (client: WebSocket): Response => new Response(null, { status: 101, webSocket: client });

export const refusal = (refused: Failure): Response => Response.json({ ok: false, failure: refused }, { status: httpStatus(refused.code) });

export function closeWith(socket: WebSocket, refused: Failure): void {
  closeQuietly(socket, 1008, `${refused.code}: ${refused.message}`);
}

/** A close reason holds 123 bytes. A socket that is closed already stays so: closing it twice throws, and means nothing. */
export function closeQuietly(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState === WebSocket.CLOSED) return;
  socket.close(code, fitted(reason));
}

function fitted(reason: string): string {
  let text = reason;
  while (new TextEncoder().encode(text).byteLength > 123) text = text.slice(0, -1);
  return text;
}

/** Sends to a socket that may be going away. False: it is gone, and the peer will come back and ask for what it missed. */
export function trySend(socket: WebSocket, text: string): boolean {
  if (socket.readyState !== WebSocket.OPEN) return false;
  try {
    socket.send(text);
    return true;
  } catch {
    closeQuietly(socket, 1011, 'send failed');
    return false;
  }
}

export type Parsed<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export function parseFrame<S extends z.ZodType>(
  schema: S,
  message: string | ArrayBuffer,
  limit: number = LIMITS.frameBytes.value,
): Parsed<z.infer<S>> {
  if (typeof message !== 'string') return { ok: false, failure: failure('invalid_input', 'frame: expected text') };
  if (message.length > limit) return { ok: false, failure: failure('too_large', `frame: expected at most ${limit} bytes`) };
  const json = jsonOf(message);
  if (json === undefined) return { ok: false, failure: failure('invalid_json', 'frame: expected JSON') };
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, failure: failure('invalid_input', `${issue?.path.join('.') || 'frame'}: ${issue?.message ?? 'not as expected'}`) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
