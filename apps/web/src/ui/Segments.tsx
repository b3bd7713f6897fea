/** A choice of a few, all in sight. One that cannot be taken says why. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly (readonly [name: T, word: string, cannot?: string | null])[];
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className="relative inline-flex shrink-0 self-start rounded-md border border-line-strong p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map(([name, word, cannot]) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === value}
          aria-disabled={cannot ? true : undefined}
          title={cannot ?? undefined}
          onClick={() => cannot || onChange(name)}
          className="aria-disabled:cursor-not-allowed aria-disabled:text-faint h-6 rounded-[4px] px-2 text-xs whitespace-nowrap text-muted hover:text-fg aria-pressed:bg-active aria-pressed:font-medium aria-pressed:text-fg"
        >
          {word}
          {cannot && <span className="sr-only">. {cannot}</span>}
        </button>
      ))}
    </fieldset>
  );
}
