import { z } from 'zod';

/**
 * Model providers and the shape each speaks. `custom` is any OpenAI-compatible address, a local server say.
 * `keyEnv` is the variable that the launcher passes on when the settings page holds no key.
 */
export const PROVIDERS = {
  anthropic: {
    label: 'Anthropic',
    shape: 'anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    keyEnv: 'ANTHROPIC_API_KEY',
    example: 'claude-sonnet-4-5',
  },
  openai: { label: 'OpenAI', shape: 'openai', baseUrl: 'https://api.openai.com/v1', keyEnv: 'OPENAI_API_KEY', example: 'gpt-5.1' },
  openrouter: {
    label: 'OpenRouter',
    shape: 'openai',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyEnv: 'OPENROUTER_API_KEY',
    example: 'anthropic/claude-sonnet-4.5',
  },
  kilo: {
    label: 'Kilo gateway',
    shape: 'openai',
    baseUrl: 'https://api.kilo.ai/api/gateway',
    keyEnv: 'KILO_API_KEY',
    example: 'anthropic/claude-sonnet-4.5',
  },
  custom: { label: 'OpenAI-compatible URL', shape: 'openai', baseUrl: '', keyEnv: 'GASTOWN_MODEL_KEY', example: 'my-model' },
} as const;
export type Provider = keyof typeof PROVIDERS;
export const Provider = z.enum(['anthropic', 'openai', 'openrouter', 'kilo', 'custom']);
export type ModelShape = (typeof PROVIDERS)[Provider]['shape'];

/** The APIs that agents speak to the model door, and the shape that a provider must have to answer there. */
export const MODEL_APIS = {
  /** OpenAI's chat completions. */
  chat: 'openai',
  /** OpenAI's responses: not every OpenAI-compatible address has them. */
  responses: 'openai',
  /** Anthropic's messages. */
  messages: 'anthropic',
} as const satisfies Record<string, ModelShape>;
export type ModelApi = keyof typeof MODEL_APIS;

/** Where a provider is called: paths of its API are put behind it. A password belongs into the key field, where it is sealed. */
export const ProviderUrl = z
  .url({ protocol: /^https?$/, error: 'must begin with https:// or http:// and name a host' })
  .max(500)
  .refine((url) => /^[^\s?#@\\\p{C}]+$/u.test(url), 'must not hold a name, a password, spaces, ? or #');

/** Price of a million tokens in micros (1 USD = 1,000,000 micros). Used when the provider does not report a cost of its own. */
export const Price = z.object({
  input: z.number().int().nonnegative(),
  output: z.number().int().nonnegative(),
  cacheRead: z.number().int().nonnegative(),
  cacheWrite: z.number().int().nonnegative(),
});
export type Price = z.infer<typeof Price>;

/** Four token kinds and money of one or many model calls. `input` excludes the cached tokens. */
export const Usage = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cacheReadTokens: z.number().int().nonnegative(),
  cacheWriteTokens: z.number().int().nonnegative(),
  costMicros: z.number().int().nonnegative(),
});
export type Usage = z.infer<typeof Usage>;
export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 0 };

export const sumOf = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  costMicros: a.costMicros + b.costMicros,
});

/** Cost in micros at a price, rounded up so that spend is never under-counted. */
export const costOf = (u: Omit<Usage, 'costMicros'>, p: Price): number =>
  Math.ceil(
    (u.inputTokens * p.input + u.outputTokens * p.output + u.cacheReadTokens * p.cacheRead + u.cacheWriteTokens * p.cacheWrite) / 1_000_000,
  );

const MICROS = 1_000_000;
/** What cached tokens cost as a share of an input token: Anthropic's own; elsewhere the full price, an upper bound that never under-counts. */
const CACHED: Partial<Record<Provider, { read: number; write: number }>> = { anthropic: { read: 0.1, write: 1.25 } };

/** A price from what providers publish: dollars for a million input and output tokens. */
export function priceOf(provider: Provider, inputDollars: number, outputDollars: number): Price {
  const { read, write } = CACHED[provider] ?? { read: 1, write: 1 };
  // 3 × 0.1 is a little more than 0.3 in binary: what is below a thousandth of a micro is no price.
  const micros = (dollars: number): number => Math.ceil(Number((dollars * MICROS).toFixed(3)));
  return {
    input: micros(inputDollars),
    output: micros(outputDollars),
    cacheRead: micros(inputDollars * read),
    cacheWrite: micros(inputDollars * write),
  };
}

/** Whether the cost of this model is known: by its price here, or because the provider reports what each call cost. Without it a budget cannot hold. */
export const costIsKnown = (model: { provider: Provider; price: Price | null }): boolean =>
  model.price !== null || model.provider === 'openrouter' || model.provider === 'kilo';

/** What a provider refused, as the model door saw it. `until` (epoch ms): when it wants to be asked again, where it says so. */
export interface ModelTrouble {
  readonly kind: 'limit' | 'overload' | 'quota' | 'auth' | 'context' | 'refused';
  readonly until: number | null;
  /** One sentence, without credentials. */
  readonly message: string;
}
