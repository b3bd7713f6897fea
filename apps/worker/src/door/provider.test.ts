import { describe, expect, it } from 'vitest';
import { environmentOf, type Env } from '../env.ts';
import { HOSTILE_CASES } from './provider.hostile.ts';
import { upstreamOf } from './provider.ts';
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
