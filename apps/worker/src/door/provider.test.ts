import type { Effort, ModelApi } from '@gastown/protocol';
import { describe, expect, it } from 'vitest';
import { environmentOf, type Env } from '../env.ts';
import { HOSTILE_CASES } from './provider.hostile.ts';
import { bodyFor, upstreamOf } from './provider.ts';
import { env } from 'cloudflare:workers';

const environment = environmentOf(env as unknown as Env);
const upstream = (baseUrl: string | null) =>
  upstreamOf({ provider: 'openai', model: 'm', baseUrl, price: null }, 'chat', null, environment);

describe('the key of the environment', () => {
  it('goes to the provider', () => {
    expect(upstream(null)).toEqual({
      ok: true,
      value: { url: 'https://api.openai.com/v1/chat/completions', key: 'sk-environment-openai-0001' },
    });
  });
  it.each(HOSTILE_CASES)('$id: goes to no address that somebody typed, $baseUrl (I15, I16)', ({ baseUrl }) => {
    expect(upstream(baseUrl)).toMatchObject({ ok: false, failure: { code: 'no_model' } });
  });
});

describe('the effort of a run (CF-1)', () => {
  const sent = (api: ModelApi, effort: Effort | undefined, asked: Record<string, unknown>): unknown =>
    JSON.parse(bodyFor({ provider: 'openai', model: 'm', baseUrl: null, price: null, ...(effort && { effort }) }, api, asked));

  it.each([
    ['chat', { reasoning_effort: 'high', reasoning: { max_tokens: 9 } }, { reasoning_effort: 'low' }],
    [
      'responses',
      { reasoning: { effort: 'high', summary: 'auto' }, include: ['x'] },
      { reasoning: { effort: 'low', summary: 'auto' }, include: ['x'] },
    ],
    ['responses', { reasoning: null }, { reasoning: { effort: 'low' } }],
    [
      'messages',
      { output_config: { effort: 'max', format: 1 }, thinking: { type: 'adaptive' } },
      { output_config: { effort: 'low', format: 1 }, thinking: { type: 'adaptive' } },
    ],
    ['messages', {}, { output_config: { effort: 'low' } }],
  ] as const)('is written over what the agent asked: %s %j', (api, asked, expected) => {
    expect(sent(api, 'low', asked)).toEqual({ ...expected, model: 'm' });
  });

  it.each([
    ['chat', { reasoning_effort: 'high', reasoning: { max_tokens: 9 } }],
    ['responses', { reasoning: { effort: 'high' } }],
    ['messages', { output_config: { effort: 'max' } }],
  ] as const)('where none is set is the agent’s: %s %j', (api, asked) => {
    for (const effort of ['default', undefined] as const) expect(sent(api, effort, asked)).toEqual({ ...asked, model: 'm' });
  });
});
