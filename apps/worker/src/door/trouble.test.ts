import { describe, expect, it } from 'vitest';
import { troubleOfAnswer, troubleOfBody } from './trouble.ts';

const NOW = 1_800_000_000_000;
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  troubleOfAnswer(status, new Headers(headers), typeof body === 'string' ? body : JSON.stringify(body), NOW);
const openai = (code: string | null, message: string, type = 'invalid_request_error') => ({ error: { message, type, param: null, code } });
const anthropic = (type: string, message: string) => ({ type: 'error', error: { type, message } });

describe('what a refused call means (RC-34)', () => {
  it.each([
    ['limit', 429, openai('rate_limit_exceeded', 'Rate limit reached for gpt', 'tokens')],
    ['limit', 429, anthropic('rate_limit_error', 'This request would exceed your rate limit')],
    ['overload', 503, openai(null, 'The server had an error', 'server_error')],
    ['overload', 529, anthropic('overloaded_error', 'Overloaded')],
    ['overload', 502, '<html>bad gateway</html>'],
    ['quota', 429, openai('insufficient_quota', 'You exceeded your current quota, please check your plan', 'insufficient_quota')],
    ['quota', 400, anthropic('invalid_request_error', 'Your credit balance is too low to access the Anthropic API')],
    ['quota', 402, { error: { message: 'Insufficient credits', code: 402 } }],
    ['auth', 401, openai('invalid_api_key', 'Incorrect API key provided: sk-abc')],
    ['auth', 403, anthropic('permission_error', 'Your API key does not have permission')],
    ['context', 400, openai('context_length_exceeded', "This model's maximum context length is 8192 tokens")],
    ['context', 400, anthropic('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum')],
    ['refused', 400, openai('content_filter', 'The response was filtered')],
    ['refused', 403, { error: { message: 'Input was flagged by moderation', code: 403 } }],
    [null, 400, openai(null, "Unsupported parameter: 'temperature'")],
    [null, 404, openai('model_not_found', 'The model does not exist')],
    [null, 404, openai('constructor', 'x', 'toString')],
    [null, 500, openai(null, 'internal', 'server_error')],
  ] as const)('%s: %i', (kind, status, body) => {
    expect(answer(status, body)?.kind ?? null).toBe(kind);
  });

  it('says until when to wait, in seconds, milliseconds or as a date, and only of what passes', () => {
    const slow = openai(null, 'slow down');
    expect(answer(429, slow, { 'retry-after': '7' })?.until).toBe(NOW + 7_000);
    expect(answer(429, slow, { 'retry-after-ms': '1500', 'retry-after': '7' })?.until).toBe(NOW + 1_500);
    expect(answer(503, slow, { 'retry-after': new Date(NOW + 60_000).toUTCString() })?.until).toBe(NOW + 60_000);
    for (const wrong of ['soon', '', '-1']) expect(answer(429, slow, { 'retry-after': wrong })?.until).toBeNull();
    expect(answer(401, slow, { 'retry-after': '7' })?.until).toBeNull();
  });

  it('keeps no credential of what a provider says (I16)', () => {
    expect(answer(401, openai(null, 'Incorrect API key provided: sk-abcdef123'))?.message).toBe('The provider refused the key.');
    expect(answer(429, openai(null, 'slow down, Bearer abcdefgh for sk-proj-1234'))?.message).toBe(
      'The provider asks to slow down: slow down, […] for […]',
    );
  });
});

describe('what an answer that began well says within', () => {
  it.each([
    ['overload', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
    ['limit', { error: { message: 'Rate limited', code: 429 }, choices: [] }],
    ['limit', { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded', message: 'slow' } } }],
    ['refused', { choices: [{ finish_reason: 'content_filter', delta: {} }] }],
    ['refused', { type: 'message_delta', delta: { stop_reason: 'refusal' }, usage: { output_tokens: 1 } }],
    ['refused', { type: 'response.incomplete', response: { incomplete_details: { reason: 'content_filter' } } }],
    [null, { choices: [{ finish_reason: 'stop', delta: { content: 'content_filter' } }] }],
    [null, { type: 'message_delta', delta: { stop_reason: 'end_turn' } }],
    [null, { type: 'response.incomplete', response: { incomplete_details: { reason: 'max_output_tokens' } } }],
    [null, 'words'],
    [null, null],
  ] as const)('%s', (kind, body) => {
    expect(troubleOfBody(body)?.kind ?? null).toBe(kind);
  });
});
