import { LIMITS, type Setup, type SetupCommand } from '@gastown/protocol';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../ui/Button.tsx';
import { Check } from '../ui/Check.tsx';
import { Input } from '../ui/Field.tsx';

const LISTS = [
  ['shared', 'Both'],
  ['polecat', 'Polecats'],
  ['refinery', 'Refinery'],
] as const satisfies readonly (readonly [keyof Setup, string])[];
const NEW: SetupCommand = { command: '', required: true, timeoutMs: 300_000 };

/** Commands that prepare a worktree before its agent starts, and a merge before its gates (AG-22), by who gets them. */
export function SetupField({ value, onChange }: { value: Setup; onChange: (value: Setup) => void }) {
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="label mb-2">Setup commands</legend>
      {LISTS.map(([list, label]) => (
        <Commands key={list} label={label} value={value[list]} onChange={(commands) => onChange({ ...value, [list]: commands })} />
      ))}
      <p className="text-xs text-faint">
        Run in the worktree before a polecat starts, and on the merge result before the refinery runs the gates: those of both first. A
        required one that fails ends the start, or the test of the merge; the bead says why.
      </p>
    </fieldset>
  );
}

function Commands({
  label,
  value,
  onChange,
}: {
  label: string;
  value: readonly SetupCommand[];
  onChange: (value: SetupCommand[]) => void;
}) {
  const change = (at: number, over: Partial<SetupCommand>) =>
    onChange(value.map((one, index) => (index === at ? { ...one, ...over } : one)));
  return (
    <fieldset aria-label={`Setup of: ${label}`} className="flex min-w-0 flex-col gap-2">
      <div className="flex items-center gap-2">
        <span className="text-xs text-muted">{label}</span>
        <span className="flex-1" />
        <Button
          small
          kind="quiet"
          icon={<Plus size={13} />}
          aria-label={`Add a command for: ${label}`}
          disabled={value.length >= LIMITS.setupCommands.value}
          onClick={() => onChange([...value, NEW])}
        >
          Add
        </Button>
      </div>
      {value.map((one, at) => (
        // A list without ids: its rows are told apart by their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at} className="flex flex-col gap-1.5 rounded-lg border border-line p-2.5">
          <div className="flex items-end gap-1.5">
            <div className="min-w-0 flex-1">
              <Input
                label="Command"
                hideLabel
                className="font-mono !text-xs"
                placeholder="npm ci"
                spellCheck={false}
                required
                maxLength={2_000}
                value={one.command}
                onChange={(event) => change(at, { command: event.target.value })}
              />
            </div>
            <IconButton
              label={`Remove ${one.command || 'this command'}`}
              onClick={() => onChange(value.filter((_one, index) => index !== at))}
            >
              <X size={14} />
            </IconButton>
          </div>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
            <Check label="Required" checked={one.required} onChange={(required) => change(at, { required })} />
            <label className="flex items-center gap-2 text-xs text-muted">
              <input
                type="number"
                min={1}
                max={LIMITS.setupTimeoutMs.value / 1_000}
                required
                aria-label={`Seconds for ${one.command || 'this command'}`}
                value={one.timeoutMs / 1_000}
                onChange={(event) => change(at, { timeoutMs: Number(event.target.value) * 1_000 })}
                className="h-7 w-20 rounded-md border border-line-strong bg-raised px-2 text-sm text-fg max-sm:text-[16px]"
              />
              seconds at most
            </label>
          </div>
        </div>
      ))}
    </fieldset>
  );
}
