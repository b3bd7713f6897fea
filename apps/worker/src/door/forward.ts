import { failure, LIMITS, ok, refuse, type Result } from '@gastown/protocol';

/** One call to a provider: a time limit until its headers are there, no redirects, cancelled when `gone` is: the agent went away, or the town ends it. */
export interface Forwarded {
  readonly response: Response;
  readonly cancel: (why: string) => void;
}
/** The town does not want the call any more. */
export class CallEnded extends Error {}

interface Call {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly gone: AbortSignal;
  readonly headersMs?: number;
}

export async function forward({ url, headers, body, gone, headersMs = LIMITS.modelHeadersMs.value }: Call): Promise<Result<Forwarded>> {
  const abort = new AbortController();
  const cancel = (why: string) => abort.abort(new Error(why));
  const timer = setTimeout(() => cancel(`no answer within ${headersMs / 1000} s`), headersMs);
  const leave = () => cancel(gone.reason instanceof CallEnded ? gone.reason.message : 'the agent went away');
  if (gone.aborted) leave();
  gone.addEventListener('abort', leave, { once: true });
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: abort.signal });
    if (response.status >= 300 && response.status < 400) {
      cancel('redirect');
      return refuse(failure('model_unreachable', `The provider answered with a redirect (${response.status}), which is not followed.`));
    }
    return ok({ response, cancel });
  } catch {
    const why = abort.signal.reason instanceof Error ? abort.signal.reason.message : 'the connection failed';
    return refuse(failure('model_unreachable', `${new URL(url).host}: ${why}.`));
  } finally {
    clearTimeout(timer);
  }
}

/** Passes a body on, chunk by chunk, showing each to `see`. `ended` resolves when it ended, broke, fell silent, or the reader went away (then the source is cancelled). */
interface Passing {
  readonly source: ReadableStream<Uint8Array>;
  readonly see: (chunk: Uint8Array) => void;
  readonly cancel: (why: string) => void;
  readonly silenceMs?: number;
  /** What the reader is told last when the town ended the call; null: the stream breaks. */
  readonly farewell?: () => string | null;
}

export function passThrough(passing: Passing): { body: ReadableStream<Uint8Array>; ended: Promise<void> } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  return { body: readable, ended: pump(passing, passing.source.getReader(), writable.getWriter()) };
}

async function pump(
  { see, cancel, farewell = () => null, silenceMs = LIMITS.turnSilenceMs.value }: Passing,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  // The agent's side closing shows here at once, and otherwise only at the next chunk.
  writer.closed.catch(() => cancel('the agent went away'));
  try {
    for (;;) {
      const silence = setTimeout(() => cancel(`nothing came for ${silenceMs / 1000} s`), silenceMs);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) break;
      see(value);
      await writer.write(value);
    }
    await writer.close();
  } catch (cause) {
    cancel('the stream broke');
    const last = farewell();
    // Both sides may be closed already; there is nobody left to tell.
    if (last === null) await Promise.allSettled([reader.cancel(cause), writer.abort(cause)]);
    else {
      // An agent that does not read any more must not keep the call from being booked.
      void writer.write(new TextEncoder().encode(last)).then(
        () => writer.close(),
        () => undefined,
      );
      await Promise.allSettled([reader.cancel(cause)]);
    }
  }
}
