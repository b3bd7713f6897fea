import { describe, expect, it } from 'vitest';
import { forward, passThrough } from './forward.ts';

describe('a call to a provider', () => {
  it('that does not begin to answer in time is given up, with the host named and no key', async () => {
    const call = {
      url: 'http://provider.test/hang/chat/completions',
      headers: new Headers({ authorization: 'Bearer sk-secret' }),
      body: '{}',
      gone: new AbortController().signal,
      headersMs: 50,
    };
    const given = await forward(call);
    expect(given).toEqual({ ok: false, failure: { code: 'model_unreachable', message: 'provider.test: no answer within 0.05 s.' } });
  });

  it('whose stream falls silent is cancelled, and what came is counted', async () => {
    const cancelled: string[] = [];
    const seen: number[] = [];
    let source!: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (source = controller) });
    source.enqueue(new TextEncoder().encode('some text'));
    const cancel = (why: string) => {
      cancelled.push(why);
      source.error(new Error(why));
    };
    const { body, ended } = passThrough({ source: stream, see: (chunk) => seen.push(chunk.length), cancel, silenceMs: 50 });
    await expect(new Response(body).text()).rejects.toThrow('nothing came');
    await ended;
    expect([seen, cancelled[0]]).toEqual([[9], 'nothing came for 0.05 s']);
  });
});
