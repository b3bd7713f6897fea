import { Combobox } from '@base-ui/react/combobox';
import { BeadId } from '@gastown/protocol';
import { ChevronsUpDown } from 'lucide-react';
import { useId, useRef } from 'react';
import { useSelect } from '../replica/hooks.ts';

interface Option {
  readonly value: string;
  readonly label: string;
}
const SHOWN = 40;

/** Chooses one bead by title or id; a long town shows its best matches, never ten thousand lines. */
export function BeadPicker({
  label,
  value,
  onPick,
  onEnter,
  without = [],
  closed = false,
  disabled = false,
}: {
  label: string;
  value: BeadId | null;
  onPick: (id: BeadId | null) => void;
  /** Instead of sending the form around it: Enter while the list is closed. In an open list Enter chooses. */
  onEnter?: () => void;
  without?: readonly string[];
  /** Offer what is closed too. */
  closed?: boolean;
  disabled?: boolean;
}) {
  const id = useId();
  // Inside its dialog or drawer, so that it belongs to it; fixed, so that no scroll box cuts it.
  const box = useRef<HTMLDivElement>(null);
  const options = useSelect(
    ['beads'],
    (replica) =>
      [...replica.rows('beads').values()].filter(
        (bead) => bead.type === 'issue' && bead.archivedAt === null && (closed || bead.status !== 'closed') && !without.includes(bead.id),
      ),
    [without.join(), closed],
  ).map((bead): Option => ({ value: bead.id, label: bead.title }));
  return (
    <Combobox.Root
      items={options}
      limit={SHOWN}
      value={options.find((option) => option.value === value) ?? null}
      onValueChange={(option: Option | null) => onPick(option ? BeadId.parse(option.value) : null)}
      isItemEqualToValue={(a, b) => a?.value === b?.value}
      filter={(option, query) => `${option?.label} ${option?.value}`.toLowerCase().includes(query.toLowerCase())}
      disabled={disabled}
      autoHighlight
    >
      <div ref={box} className="flex min-w-0 flex-1 flex-col gap-1.5">
        <label htmlFor={id} className="label">
          {label}
        </label>
        <Combobox.InputGroup className="relative">
          <Combobox.Input
            id={id}
            placeholder="Title or id"
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !onEnter) return;
              event.preventDefault();
              if (event.currentTarget.getAttribute('aria-expanded') !== 'true') onEnter();
            }}
            className="h-8 w-full rounded-md border border-line-strong bg-raised pr-7 pl-2.5 text-sm hover:border-faint/60 focus:border-focus focus-visible:outline-1 disabled:opacity-60 max-sm:text-[16px]"
          />
          <Combobox.Trigger
            aria-label={`Beads for ${label}`}
            className="absolute inset-y-0 right-0 flex w-7 items-center justify-center text-faint"
          >
            <ChevronsUpDown size={13} />
          </Combobox.Trigger>
        </Combobox.InputGroup>
      </div>
      <Combobox.Portal container={box}>
        <Combobox.Positioner className="z-60" sideOffset={4} positionMethod="fixed">
          <Combobox.Popup className="fade max-h-72 w-(--anchor-width) min-w-[min(360px,90vw)] overflow-y-auto rounded-lg border border-line-strong bg-raised p-1 text-sm shadow-pop">
            <Combobox.Empty>
              <p className="px-2 py-1.5 text-faint empty:hidden">No bead has these words.</p>
            </Combobox.Empty>
            <Combobox.List>
              {(option: Option) => (
                <Combobox.Item
                  key={option.value}
                  value={option}
                  className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 py-1 data-highlighted:bg-hover"
                >
                  <span className="min-w-0 flex-1 truncate">{option.label}</span>
                  <code className="text-xs text-faint">{option.value}</code>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}
