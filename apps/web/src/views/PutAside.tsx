import { INPUTS } from '@gastown/protocol/needs';
import { useCommand } from '../commands/use-command.ts';
import { when } from '../format.ts';
import { useRow } from '../replica/hooks.ts';
import { Mono } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmButton } from '../ui/Confirm.tsx';

/** An input over which the town broke: what it said, why, and the two things that a person can do with it (RC-9). */
export function PutAside({ id }: { id: string }) {
  const input = useRow('quarantine', id);
  const { run, pending } = useCommand();
  if (!input) return null;
  return (
    <li className="flex flex-wrap items-start gap-3 py-2.5 text-sm">
      <details className="min-w-52 flex-1">
        <summary title="What it said">
          {INPUTS[input.source]} <Mono>{input.kind}</Mono>
          <span className="text-muted">
            {' '}
            {when(input.at)}, {input.tries} tries{input.times > 1 ? `, came ${input.times} times` : ''}
          </span>
          <span className="block text-failed">{input.error}</span>
        </summary>
        <pre className="mt-2 max-h-64 overflow-auto whitespace-pre-wrap break-all text-xs text-muted">{input.payload}</pre>
      </details>
      {input.retriable && (
        <Button
          small
          kind="accent"
          pending={pending}
          onClick={() => void run({ kind: 'quarantine.retry', quarantineId: input.id }, 'Applied again')}
        >
          Try again
        </Button>
      )}
      <ConfirmButton
        small
        disabled={pending}
        sure="Throw it away?"
        onConfirm={() => void run({ kind: 'quarantine.discard', quarantineId: input.id }, 'Discarded')}
      >
        Discard
      </ConfirmButton>
    </li>
  );
}
