import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** How a streamed answer is to go wrong or slow, taken from its step. */
export interface StreamManner {
  readonly chunkMs?: number | undefined;
  readonly hang?: boolean | undefined;
  readonly cutAfterChunks?: number | undefined;
}

/** Writes server-sent events one by one: waits between them, stops for ever (`hang`) or destroys the socket (`cut`) when told to. */
export async function sendEvents(
  response: ServerResponse,
  chunks: readonly string[],
  manner: StreamManner,
  gone: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  if (manner.hang) return;
  for (const [index, chunk] of chunks.entries()) {
    if (index === manner.cutAfterChunks) {
      response.destroy();
      return;
    }
    if (!(await waitUnlessGone(index === 0 ? 0 : (manner.chunkMs ?? 0), gone))) return;
    await flushed(response, chunk);
  }
  if (manner.cutAfterChunks === undefined) response.end();
  else response.destroy();
}

/** Writes and waits until it has left, so that a connection that is cut next was used up to here. */
const flushed = (response: ServerResponse, chunk: string): Promise<void> =>
  new Promise((resolve) => {
    response.write(chunk, () => resolve()); // with an error too: the caller left, which the signal tells
  });

/** Waits; false when the caller left meanwhile. */
export async function waitUnlessGone(ms: number, gone: AbortSignal): Promise<boolean> {
  if (gone.aborted) return false;
  if (ms === 0) return true;
  try {
    await delay(ms, undefined, { signal: gone });
    return true;
  } catch (cause) {
    if (gone.aborted) return false;
    throw cause;
  }
}

/** Text in the pieces in which it is streamed: words with the space after them. */
export const wordsOf = (text: string): string[] => text.match(/\s*\S+\s*/g) ?? (text === '' ? [] : [text]);

export function slicesOf(text: string, size: number): string[] {
  const slices: string[] = [];
  for (let at = 0; at < text.length; at += size) slices.push(text.slice(at, at + size));
  return slices;
}
