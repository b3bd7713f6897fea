/** What the launcher's own environment offers the towns: model keys and a default model. Keys are taken out of it, so that no child inherits one. */
import { failure, ok, PROVIDERS, refuse } from '@gastown/protocol';
import type { ModelConfig, Provider, Result } from '@gastown/protocol';

type Variables = Record<string, string | undefined>;

export interface ModelOffer {
  readonly providerKeys: Partial<Record<Provider, string>>;
  readonly defaultModel: ModelConfig | null;
}

/** Order of preference when several keys are set. */
const HOSTED = ['anthropic', 'openai', 'openrouter', 'kilo'] as const satisfies readonly Provider[];
const KEY_VARIABLES = Object.values(PROVIDERS).map(({ keyEnv }) => keyEnv);

/** `GASTOWN_MODEL_URL` (any OpenAI-compatible server) goes before the hosted providers; `GASTOWN_MODEL` names the model of whichever is taken. */
export function modelOffer(variables: Variables): Result<ModelOffer> {
  const value = (name: string): string | null => variables[name]?.trim() || null;
  const keys = [...HOSTED, 'custom' as const].flatMap((provider) => {
    const key = value(PROVIDERS[provider].keyEnv);
    return key === null ? [] : [[provider, key] as const];
  });
  const providerKeys: ModelOffer['providerKeys'] = Object.fromEntries(keys);
  const baseUrl = value('GASTOWN_MODEL_URL');
  const model = value('GASTOWN_MODEL');
  if (baseUrl !== null) {
    if (!/^https?:$/.test(protocolOf(baseUrl)))
      return refuse(failure('invalid_input', 'GASTOWN_MODEL_URL is not an http or https address.'));
    if (model === null)
      return refuse(failure('invalid_input', 'GASTOWN_MODEL_URL is set, but GASTOWN_MODEL does not name a model of that server.'));
    return ok({ providerKeys, defaultModel: { provider: 'custom', model, baseUrl, price: null } });
  }
  const provider = HOSTED.find((each) => providerKeys[each] !== undefined);
  if (provider === undefined) return ok({ providerKeys, defaultModel: null });
  return ok({ providerKeys, defaultModel: { provider, model: model ?? PROVIDERS[provider].example, baseUrl: null, price: null } });
}

export function forgetKeys(variables: Variables): void {
  for (const name of KEY_VARIABLES) delete variables[name];
}

/** For people: the model and where its key comes from, never the key. */
export function modelText({ defaultModel, providerKeys }: ModelOffer): string {
  if (defaultModel === null) return 'no model configured: choose one in Settings › Models';
  const { label, keyEnv } = PROVIDERS[defaultModel.provider];
  const where = defaultModel.baseUrl ?? label;
  return `${defaultModel.model} (${where}, ${providerKeys[defaultModel.provider] === undefined ? 'no key' : `key from ${keyEnv}`})`;
}

const protocolOf = (url: string): string => (URL.canParse(url) ? new URL(url).protocol : '');
