/** A choice of a few, all in sight. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className="relative inline-flex shrink-0 self-start rounded-md border border-line-strong p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map(([name, word]) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === value}
          onClick={() => onChange(name)}
          className="h-6 rounded-[4px] px-2 text-xs whitespace-nowrap text-muted hover:text-fg aria-pressed:bg-active aria-pressed:font-medium aria-pressed:text-fg"
        >
          {word}
        </button>
      ))}
    </fieldset>
  );
}
