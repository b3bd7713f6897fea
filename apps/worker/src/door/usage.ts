import { z } from 'zod';

/** What providers report about a call, as far as we read it; anything else in it does not matter. Counts that are missing are null. */
export interface Counted {
  input: number | null;
  output: number | null;
  cacheRead: number;
  cacheWrite: number;
  /** The provider's own price of the call in micros, when it says one. */
  costMicros: number | null;
}
export const nothingCounted = (): Counted => ({ input: null, output: null, cacheRead: 0, cacheWrite: 0, costMicros: null });

const tokens = z.number().nonnegative().transform(Math.round);
const optional = tokens.nullish().catch(null);

const OpenAiUsage = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  prompt_tokens_details: z.object({ cached_tokens: optional, cache_write_tokens: optional }).nullish().catch(null),
  /** OpenRouter and the Kilo gateway: US dollars. */
  cost: z.number().nonnegative().nullish().catch(null),
  cost_details: z
    .object({ upstream_inference_cost: z.number().nonnegative().nullish().catch(null) })
    .nullish()
    .catch(null),
});
const OpenAiBody = z.object({ usage: OpenAiUsage });

export function readOpenAi(body: unknown, into: Counted): void {
  const parsed = OpenAiBody.safeParse(body);
  if (!parsed.success) return;
  const { prompt_tokens, completion_tokens, prompt_tokens_details: details, cost, cost_details } = parsed.data.usage;
  into.cacheRead = details?.cached_tokens ?? 0;
  into.cacheWrite = details?.cache_write_tokens ?? 0;
  into.input = Math.max(0, prompt_tokens - into.cacheRead - into.cacheWrite);
  into.output = completion_tokens;
  const dollars = cost === null || cost === undefined ? null : cost + (cost_details?.upstream_inference_cost ?? 0);
  into.costMicros = dollars === null ? null : Math.ceil(dollars * 1_000_000);
}

const AnthropicUsage = z.object({
  input_tokens: optional,
  output_tokens: optional,
  cache_read_input_tokens: optional,
  cache_creation_input_tokens: optional,
});
const AnthropicBody = z.object({ usage: AnthropicUsage.optional(), message: z.object({ usage: AnthropicUsage.optional() }).optional() });

/** Whole bodies, `message_start` and `message_delta`: counts are totals, so the latest wins. */
export function readAnthropic(body: unknown, into: Counted): void {
  const parsed = AnthropicBody.safeParse(body);
  const usage = parsed.data?.usage ?? parsed.data?.message?.usage;
  if (!usage) return;
  into.input = usage.input_tokens ?? into.input;
  into.output = usage.output_tokens ?? into.output;
  into.cacheRead = usage.cache_read_input_tokens ?? into.cacheRead;
  into.cacheWrite = usage.cache_creation_input_tokens ?? into.cacheWrite;
}

const ResponsesUsage = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  input_tokens_details: z.object({ cached_tokens: optional }).nullish().catch(null),
});
const ResponsesBody = z.object({
  usage: ResponsesUsage.nullish().catch(null),
  response: z
    .object({ usage: ResponsesUsage.nullish().catch(null) })
    .nullish()
    .catch(null),
});

/** OpenAI's responses: a whole body, or the last event of a stream. `input_tokens` includes the cached ones. */
export function readResponses(body: unknown, into: Counted): void {
  const parsed = ResponsesBody.safeParse(body);
  const usage = parsed.data?.usage ?? parsed.data?.response?.usage;
  if (!usage) return;
  into.cacheRead = usage.input_tokens_details?.cached_tokens ?? 0;
  into.input = Math.max(0, usage.input_tokens - into.cacheRead);
  into.output = usage.output_tokens;
}
