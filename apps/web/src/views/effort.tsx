import { Effort } from '@gastown/protocol';
import { Select } from '../ui/Field.tsx';

const WORDS: Readonly<Record<Effort, string>> = { default: 'Default', low: 'Low', medium: 'Medium', high: 'High' };

/** Beside the name of a model; nothing where nothing was said of it. */
export const effortText = (effort: Effort | null): string | null =>
  effort === null || effort === 'default' ? null : `${WORDS[effort].toLowerCase()} effort`;

interface EffortSelectProps {
  label?: string;
  hint?: string;
  value: Effort | null;
  /** What no choice means: the town's. Absent: one must be chosen. */
  town?: Effort;
  onChange: (value: Effort | null) => void;
}
export function EffortSelect({ label = 'Effort', hint, value, town, onChange }: EffortSelectProps) {
  return (
    <Select
      label={label}
      {...(hint !== undefined && { hint })}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? null : Effort.parse(event.target.value))}
    >
      {town !== undefined && <option value="">As the town: {WORDS[town].toLowerCase()}</option>}
      {Effort.options.map((effort) => (
        <option key={effort} value={effort}>
          {WORDS[effort]}
        </option>
      ))}
    </Select>
  );
}
