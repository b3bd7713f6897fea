import { PROVIDERS, Provider, costIsKnown, type Effort, type ModelConfig, type TownRow } from '@gastown/protocol';
import { useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { Button } from '../ui/Button.tsx';
import { Input, RefusalNote, Select } from '../ui/Field.tsx';
import { EffortSelect } from './effort.tsx';
import { PriceFields, priceTyped, typedPrice } from './PriceFields.tsx';

/** Provider, model, effort, address and key; the key goes to the town once and never comes back. `onSaved`: a newcomer's first choice, which needs no effort. */
export function ModelForm({
  town,
  envProviders,
  save = 'Save',
  onSaved,
}: {
  town: TownRow;
  envProviders: readonly string[];
  save?: string;
  onSaved?: () => void;
}) {
  // Whoever chooses a model in a rehearsal wants another than the scripted one, whose address is good until the next start.
  const chosen = town.scripted ? null : town.model;
  const [provider, setProvider] = useState<Provider>(chosen?.provider ?? 'anthropic');
  const [model, setModel] = useState(chosen?.model ?? '');
  const [baseUrl, setBaseUrl] = useState(chosen?.baseUrl ?? '');
  const [price, setPrice] = useState(typedPrice(chosen?.price));
  const [effort, setEffort] = useState<Effort>(chosen?.effort ?? 'default');
  const [key, setKey] = useState('');
  const configure = useCommand({ quiet: true });
  const setModelKey = useCommand({ quiet: true });
  const known = PROVIDERS[provider];
  const fromEnv = envProviders.includes(provider);
  // The model and the address of one provider are nothing to another.
  const choose = (wanted: Provider) => {
    const same = chosen?.provider === wanted ? chosen : null;
    setProvider(wanted);
    setModel(same?.model ?? '');
    setBaseUrl(same?.baseUrl ?? '');
    setPrice(typedPrice(same?.price));
  };
  const submit = async () => {
    const config: ModelConfig = {
      provider,
      model: model.trim(),
      baseUrl: baseUrl.trim() || null,
      price: priceTyped(provider, price),
      effort,
    };
    const saved = onSaved ? undefined : 'Saved';
    const configured = await configure.run({ kind: 'town.configure', model: config }, key.trim() ? undefined : saved);
    if (!configured.ok) return;
    if (key.trim()) {
      const keyed = await setModelKey.run({ kind: 'town.set_model_key', key: key.trim() }, saved);
      if (!keyed.ok) return;
      setKey('');
    }
    onSaved?.();
  };
  return (
    <form
      className="flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Select label="Provider" value={provider} onChange={(event) => choose(Provider.parse(event.target.value))}>
        {Provider.options.map((option) => (
          <option key={option} value={option}>
            {PROVIDERS[option].label}
          </option>
        ))}
      </Select>
      <Input label="Model" value={model} onChange={(event) => setModel(event.target.value)} placeholder={known.example} required />
      {!onSaved && (
        <EffortSelect
          value={effort}
          onChange={(chosen) => setEffort(chosen ?? 'default')}
          hint="How hard the model thinks before it answers. Default says nothing of it; a model that knows no effort refuses any other."
        />
      )}
      <Input
        label="Base URL"
        type="url"
        value={baseUrl}
        onChange={(event) => setBaseUrl(event.target.value)}
        placeholder={known.baseUrl || 'http://127.0.0.1:11434/v1'}
        required={provider === 'custom'}
        hint={provider === 'custom' ? 'Any OpenAI-compatible address.' : 'Leave empty for the address of the provider.'}
      />
      <Input
        label="API key"
        type="password"
        value={key}
        onChange={(event) => setKey(event.target.value)}
        placeholder={town.modelKey && town.modelKey !== 'env' && town.model?.provider === provider ? `•••• ${town.modelKey}` : ''}
        hint={keyHint(town, provider, fromEnv)}
      />
      <fieldset className="flex flex-col gap-1.5">
        <legend className="label mb-1.5">Price of a million tokens, in dollars</legend>
        <PriceFields value={price} onChange={setPrice} />
        <p className="text-xs text-faint">
          {costIsKnown({ provider, price: null })
            ? 'Not needed: this provider reports what each call cost.'
            : 'As your provider publishes it. Without a price only tokens are counted, and a limit cannot hold.'}
        </p>
      </fieldset>
      <RefusalNote refusal={configure.refusal ?? setModelKey.refusal} />
      <Button kind="primary" type="submit" pending={configure.pending || setModelKey.pending} className="self-start">
        {save}
      </Button>
    </form>
  );
}

function keyHint(town: TownRow, provider: Provider, fromEnv: boolean): string {
  const variable = PROVIDERS[provider].keyEnv;
  const inUse = !town.scripted && town.model?.provider === provider;
  if (inUse && town.modelKey === 'env') return `The key comes from ${variable} of the environment.`;
  if (inUse && town.modelKey) return 'A key is set. Enter another to replace it. Agents never see it.';
  return fromEnv
    ? `Not needed: ${variable} is set in the environment.`
    : `Kept sealed; agents never see it. Or set ${variable} before the start.`;
}
