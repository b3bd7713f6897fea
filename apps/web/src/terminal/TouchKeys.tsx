/** Keys that a phone's keyboard lacks. Shown where there is no fine pointer. */
const KEYS = [
  ['Esc', 'Escape', '\x1b'],
  ['Tab', 'Tab', '\t'],
  ['^C', 'Interrupt: Control C', '\x03'],
  ['^D', 'End of input: Control D', '\x04'],
  ['↑', 'Up', '\x1b[A'],
  ['↓', 'Down', '\x1b[B'],
  ['←', 'Left', '\x1b[D'],
  ['→', 'Right', '\x1b[C'],
] as const;

export function TouchKeys({ disabled, onKeys }: { disabled: boolean; onKeys: (text: string) => void }) {
  return (
    <div
      role="toolbar"
      aria-label="Keys"
      data-foot
      className="hidden shrink-0 gap-1 overflow-x-auto border-t border-line bg-bg p-1.5 pointer-coarse:flex"
    >
      {KEYS.map(([word, label, keys]) => (
        <button
          key={word}
          type="button"
          aria-label={label}
          disabled={disabled}
          // The keyboard of the phone stays up: the focus stays where it is.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onKeys(keys)}
          className="h-9 min-w-10 flex-1 rounded-md border border-line-strong bg-raised text-sm disabled:opacity-50"
        >
          {word}
        </button>
      ))}
    </div>
  );
}
