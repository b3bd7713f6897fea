import { failure, ok, PROVIDERS, refuse, type Effort, type ModelApi, type ModelConfig, type Result } from '@gastown/protocol';
import type { Environment } from '../env.ts';

/** Where a call goes and what it carries. The agent chooses neither address, model nor key. */
export interface Upstream {
  readonly url: string;
  readonly key: string | null;
}
const PATHS = { chat: '/chat/completions', responses: '/responses', messages: '/messages' } as const satisfies Record<ModelApi, string>;

export function upstreamOf(model: ModelConfig, api: ModelApi, townKey: string | null, environment: Environment): Result<Upstream> {
  const { baseUrl, label } = PROVIDERS[model.provider];
  const base = model.baseUrl || baseUrl;
  if (!base || !URL.canParse(base)) return refuse(failure('no_model', `The address of the ${label} provider is missing or wrong.`));
  const key = townKey ?? environmentKey(model, base, environment);
  if (key === null && model.provider !== 'custom') return refuse(failure('no_model', `There is no key for ${label}.`));
  return ok({ url: base.replace(/\/+$/, '') + PATHS[api], key });
}

/** A key of the environment goes to the addresses that the environment knows, and to no address that somebody typed. */
function environmentKey({ provider }: ModelConfig, base: string, { providerKeys, defaultModel }: Environment): string | null {
  const known = [PROVIDERS[provider].baseUrl, defaultModel?.provider === provider ? defaultModel.baseUrl : null];
  return known.includes(base) ? (providerKeys[provider] ?? null) : null;
}

/** Only these headers of the agent's call go on. */
const FORWARDED = ['accept', 'anthropic-beta', 'anthropic-version'];

export function headersFor(model: ModelConfig, key: string | null, given: Headers): Headers {
  const headers = new Headers({ 'content-type': 'application/json', 'user-agent': 'gastown' });
  for (const name of FORWARDED) if (given.has(name)) headers.set(name, given.get(name)!);
  if (PROVIDERS[model.provider].shape === 'anthropic') {
    if (!headers.has('anthropic-version')) headers.set('anthropic-version', '2023-06-01');
    if (key) headers.set('x-api-key', key);
  } else if (key) headers.set('authorization', `Bearer ${key}`);
  if (model.provider === 'kilo') headers.set('x-kilocode-feature', 'gastown');
  return headers;
}

const objectOf = (value: unknown): object => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {});
/**
 * Where each API takes the effort. Of an OpenAI-compatible address `reasoning_effort` is understood by more than OpenRouter's `reasoning`, and of both at once none.
 * Anthropic's `output_config` works with and without thinking, which stays as the agent asked for it.
 */
const EFFORTS: Readonly<Record<ModelApi, (effort: Effort, asked: Record<string, unknown>) => Record<string, unknown>>> = {
  chat: (effort) => ({ reasoning_effort: effort, reasoning: undefined }),
  responses: (effort, asked) => ({ reasoning: { ...objectOf(asked.reasoning), effort } }),
  messages: (effort, asked) => ({ output_config: { ...objectOf(asked.output_config), effort } }),
};

/** The configured model, its effort if one is set, and a request for a usage report, are written over what the agent asked. The responses API reports usage unasked. */
export function bodyFor(model: ModelConfig, api: ModelApi, asked: Record<string, unknown>): string {
  const { effort = 'default' } = model;
  const body: Record<string, unknown> = { ...asked, model: model.model, ...(effort !== 'default' && EFFORTS[api](effort, asked)) };
  if (api === 'chat' && asked.stream === true) {
    body.stream_options = { ...(typeof asked.stream_options === 'object' ? asked.stream_options : null), include_usage: true };
  }
  if (api === 'chat' && (model.provider === 'openrouter' || model.provider === 'kilo')) body.usage = { include: true };
  return JSON.stringify(body);
}
