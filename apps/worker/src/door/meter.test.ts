import { describe, expect, it } from 'vitest';
import { Meter } from './meter.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
const PRICE = { input: 1_000_000, output: 2_000_000, cacheRead: 500_000, cacheWrite: 0 };
const SSE = 'text/event-stream; charset=utf-8';

function metered(api: 'chat' | 'responses' | 'messages', type: string, text: string, { size = 7, characters = 400 } = {}) {
  const meter = new Meter(api, type);
  const all = bytes(text);
  for (let at = 0; at < all.length; at += size) meter.push(all.slice(at, at + size));
  return meter.total(characters, PRICE);
}

describe('the meter of the model door (MT-1)', () => {
  const openai =
    event({ choices: [{ delta: { content: 'Grüße' } }] }) +
    event({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 40 } } }) +
    'data: [DONE]\n\n';

  it('reads the usage chunk of an OpenAI stream in any chunking', () => {
    for (const size of [1, 2, 3, 64, 10_000]) {
      expect(metered('chat', SSE, openai, { size })).toEqual({
        inputTokens: 60,
        outputTokens: 20,
        cacheReadTokens: 40,
        cacheWriteTokens: 0,
        costMicros: 120,
      });
    }
  });

  it("takes the provider's own cost before the configured price", () => {
    const text = JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, cost: 0.0123456 } });
    expect(metered('chat', 'application/json', text).costMicros).toBe(12_346);
  });

  it('adds message_start and message_delta of an Anthropic stream', () => {
    const text =
      `event: message_start\n${event({ type: 'message_start', message: { usage: { input_tokens: 10, cache_read_input_tokens: 30, cache_creation_input_tokens: 5, output_tokens: 1 } } })}` +
      event({ type: 'content_block_delta', delta: { type: 'text_delta', text: 'hello there' } }) +
      event({ type: 'message_delta', usage: { output_tokens: 42 } });
    expect(metered('messages', SSE, text)).toEqual({
      inputTokens: 10,
      outputTokens: 42,
      cacheReadTokens: 30,
      cacheWriteTokens: 5,
      costMicros: 109,
    });
  });

  const response = (usage: object) => ({ type: 'response.completed', response: { output: [], usage } });
  const counts = { input_tokens: 100, output_tokens: 20, input_tokens_details: { cached_tokens: 40 } };

  it('reads the last event of a stream of the responses API, and its whole body', () => {
    const streamed = event({ type: 'response.output_text.delta', delta: 'hello' }) + event(response(counts));
    const expected = { inputTokens: 60, outputTokens: 20, cacheReadTokens: 40, cacheWriteTokens: 0, costMicros: 120 };
    for (const size of [1, 7, 10_000]) expect(metered('responses', SSE, streamed, { size })).toEqual(expected);
    expect(metered('responses', 'application/json', JSON.stringify({ output: [], usage: counts }))).toEqual(expected);
  });

  it('estimates a cut stream of the responses API from its deltas alone: what they made up is not counted again', () => {
    const cut =
      event({ type: 'response.created', response: { usage: null } }) +
      event({ type: 'response.output_text.delta', delta: 'x'.repeat(400) }) +
      event({ type: 'response.output_item.done', item: { content: [{ text: 'x'.repeat(400) }] } });
    expect(metered('responses', SSE, cut, { characters: 800 })).toMatchObject({ inputTokens: 200, outputTokens: 100 });
  });

  it('reads whole bodies of both shapes', () => {
    expect(metered('chat', 'application/json', JSON.stringify({ usage: { prompt_tokens: 3, completion_tokens: 4 } }))).toMatchObject({
      inputTokens: 3,
      outputTokens: 4,
    });
    expect(metered('messages', 'application/json', JSON.stringify({ usage: { input_tokens: 3, output_tokens: 4 } }))).toMatchObject({
      inputTokens: 3,
      outputTokens: 4,
    });
  });

  it('estimates what a stream that was cut off produced', () => {
    const cut = event({ choices: [{ delta: { content: 'x'.repeat(400) } }] });
    expect(metered('chat', SSE, cut, { characters: 800 })).toMatchObject({ inputTokens: 200, outputTokens: 100 });
    const anthropic =
      event({ type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1 } } }) +
      event({ type: 'content_block_delta', delta: { text: 'x'.repeat(400) } });
    expect(metered('messages', SSE, anthropic)).toMatchObject({ inputTokens: 10, outputTokens: 100 });
  });

  it('survives nonsense: broken JSON, negative counts, no body', () => {
    expect(metered('chat', SSE, 'data: {broken\n\ndata:\n\n: comment\n\n')).toMatchObject({ outputTokens: 0 });
    expect(metered('chat', 'application/json', JSON.stringify({ usage: { prompt_tokens: -5, completion_tokens: 'many' } }))).toMatchObject({
      inputTokens: 100,
      outputTokens: 0,
    });
    expect(metered('messages', 'application/json', '')).toMatchObject({ inputTokens: 100, outputTokens: 0 });
  });
});
