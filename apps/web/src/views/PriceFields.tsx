import { priceOf, type Price, type Provider } from '@gastown/protocol';
import { Input } from '../ui/Field.tsx';

/** As it is typed: dollars for a million tokens, empty where there is none. */
export interface TypedPrice {
  readonly input: string;
  readonly output: string;
}
export const typedPrice = (price: Price | null | undefined): TypedPrice =>
  price ? { input: String(price.input / 1_000_000), output: String(price.output / 1_000_000) } : { input: '', output: '' };
export const priceTyped = (provider: Provider, { input, output }: TypedPrice): Price | null =>
  input.trim() && output.trim() ? priceOf(provider, Number(input), Number(output)) : null;

export function PriceFields({ of, value, onChange }: { of?: string; value: TypedPrice; onChange: (value: TypedPrice) => void }) {
  const field = (label: string, name: keyof TypedPrice, other: string) => (
    <Input
      label={label}
      type="number"
      min={0}
      step="any"
      aria-label={of && `${label} of ${of}`}
      value={value[name]}
      required={other.trim() !== ''}
      onChange={(event) => onChange({ ...value, [name]: event.target.value })}
    />
  );
  return (
    <div className="flex gap-3">
      {field('Input', 'input', value.output)}
      {field('Output', 'output', value.input)}
    </div>
  );
}
