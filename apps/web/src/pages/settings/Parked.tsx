import { useCommand } from '../../commands/use-command.ts';
import { useRow, useSelect } from '../../replica/hooks.ts';
import { At, Mono, Section } from '../../ui/Bits.tsx';
import { Button } from '../../ui/Button.tsx';
import { ConfirmButton } from '../../ui/Confirm.tsx';
import { PutAside } from '../../views/PutAside.tsx';

/** What waits for a person: effects that were tried as often as they may be, and input over which the town broke. */
export function Parked() {
  const parked = useSelect(['parked'], (replica) => [...replica.rows('parked').keys()].map(String));
  const aside = useSelect(['quarantine'], (replica) => [...replica.rows('quarantine').keys()].map(String));
  return (
    <>
      {parked.length > 0 && (
        <Section title="Could not be done" count={parked.length}>
          <ul className="divide-y divide-line border-y border-line">
            {parked.map((id) => (
              <ParkedEffect key={id} id={id} />
            ))}
          </ul>
        </Section>
      )}
      {aside.length > 0 && (
        <Section title="In quarantine" count={aside.length}>
          <ul className="divide-y divide-line border-y border-line">
            {aside.map((id) => (
              <PutAside key={id} id={id} />
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function ParkedEffect({ id }: { id: string }) {
  const effect = useRow('parked', id);
  const retry = useCommand();
  const discard = useCommand();
  if (!effect) return null;
  return (
    <li className="flex flex-wrap items-center gap-3 py-2.5 text-sm">
      <span className="min-w-52 flex-1">
        <Mono>{effect.kind}</Mono>{' '}
        <span className="text-muted">
          {effect.target}, {effect.attempts} tries, <At at={effect.at} />
        </span>
        {effect.failure && <span className="block text-failed">{effect.failure.message}</span>}
      </span>
      <Button
        small
        kind="accent"
        pending={retry.pending}
        onClick={() => void retry.run({ kind: 'effect.retry', effectId: effect.id }, 'Tried again')}
      >
        Try again
      </Button>
      <ConfirmButton
        small
        disabled={discard.pending}
        sure="Never do it?"
        onConfirm={() => void discard.run({ kind: 'effect.discard', effectId: effect.id }, 'Discarded; the ledger keeps what it was')}
      >
        Discard
      </ConfirmButton>
    </li>
  );
}
