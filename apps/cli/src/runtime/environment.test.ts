import { describe, expect, it } from 'vitest';
import { forgetKeys, modelOffer, modelText } from './environment.ts';

const offerOf = (variables: Record<string, string>) => {
  const offer = modelOffer(variables);
  if (!offer.ok) throw new Error(offer.failure.message);
  return offer.value;
};

describe('models from the environment', () => {
  it.each([
    ['ANTHROPIC_API_KEY', 'anthropic'],
    ['OPENAI_API_KEY', 'openai'],
    ['OPENROUTER_API_KEY', 'openrouter'],
    ['KILO_API_KEY', 'kilo'],
  ])('%s offers its provider with a model of it', (variable, provider) => {
    const offer = offerOf({ [variable]: ' the-key ' });
    expect(offer.providerKeys).toEqual({ [provider]: 'the-key' });
    expect(offer.defaultModel).toMatchObject({ provider, baseUrl: null });
    expect(offer.defaultModel?.model).not.toBe('');
  });

  it('GASTOWN_MODEL names the model of the provider taken, and every key is offered', () => {
    const offer = offerOf({ ANTHROPIC_API_KEY: 'a', OPENAI_API_KEY: 'o', GASTOWN_MODEL: 'claude-x' });
    expect(offer).toEqual({
      providerKeys: { anthropic: 'a', openai: 'o' },
      defaultModel: { provider: 'anthropic', model: 'claude-x', baseUrl: null, price: null },
    });
  });

  it('GASTOWN_MODEL_URL is any OpenAI-compatible server and goes before the others; its key is optional', () => {
    const own = { GASTOWN_MODEL_URL: 'http://127.0.0.1:9/v1', GASTOWN_MODEL: 'qwen', OPENAI_API_KEY: 'o' };
    expect(offerOf(own)).toEqual({
      providerKeys: { openai: 'o' },
      defaultModel: { provider: 'custom', model: 'qwen', baseUrl: 'http://127.0.0.1:9/v1', price: null },
    });
    expect(offerOf({ ...own, GASTOWN_MODEL_KEY: 'k' }).providerKeys.custom).toBe('k');
  });

  it.each([
    [{ GASTOWN_MODEL_URL: 'ftp://x/v1', GASTOWN_MODEL: 'm' }, /GASTOWN_MODEL_URL/],
    [{ GASTOWN_MODEL_URL: 'not a url', GASTOWN_MODEL: 'm' }, /GASTOWN_MODEL_URL/],
    [{ GASTOWN_MODEL_URL: 'http://x/v1' }, /GASTOWN_MODEL /],
  ])('%o is refused with the variable to correct', (variables, named) => {
    expect(modelOffer(variables)).toMatchObject({ ok: false, failure: { code: 'invalid_input', message: expect.stringMatching(named) } });
  });

  it('nothing set is no failure: the terminal says where to choose', () => {
    const offer = offerOf({ ANTHROPIC_API_KEY: '  ' });
    expect(offer).toEqual({ providerKeys: {}, defaultModel: null });
    expect(modelText(offer)).toBe('no model configured: choose one in Settings › Models');
  });

  it('no key is ever in what is shown, and none is left for children to inherit', () => {
    const variables: Record<string, string | undefined> = { KILO_API_KEY: 'secret-1', GASTOWN_MODEL_KEY: 'secret-2', PATH: '/bin' };
    expect(modelText(offerOf({ KILO_API_KEY: 'secret-1' }))).not.toContain('secret-1');
    forgetKeys(variables);
    expect(variables).toEqual({ PATH: '/bin' });
  });
});
