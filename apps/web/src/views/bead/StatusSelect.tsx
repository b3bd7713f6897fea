import { type BeadRow, type BeadStatus, UNDISPATCHED_KINDS } from '@gastown/protocol';
import { useState } from 'react';
import { settableFrom } from '../../ordering.ts';
import { Button } from '../../ui/Button.tsx';
import { QuietSelect } from '../../ui/Field.tsx';
import { useFieldEdit } from './use-field-edit.ts';

/** What a person may set; of a bead that is over its sign says no more than this. */
export function StatusSelect({ bead }: { bead: BeadRow }) {
  const { shown, put, run, refusal, pending } = useFieldEdit(bead.status);
  const [reopening, setReopening] = useState(false);
  const set = (status: BeadStatus) => void put(status, () => run({ kind: 'bead.set_status', beadId: bead.id, status }));
  const open = () => {
    setReopening(false);
    set('open');
  };
  return (
    <div className="flex flex-col items-start gap-1">
      <QuietSelect
        label="Status of the bead"
        className="!max-w-none"
        value={reopening ? 'open' : shown}
        aria-busy={pending}
        onChange={(event) => {
          const { status } = settableFrom(bead.status).find((column) => column.status === event.target.value)!;
          const asks = status === 'open' && bead.status === 'closed';
          setReopening(asks);
          if (!asks && status !== bead.status) set(status);
        }}
      >
        {settableFrom(bead.status).map(({ status, name }) => (
          <option key={status} value={status}>
            {status === 'open' && status !== bead.status
              ? 'Open: agents take it'
              : status === 'closed' && bead.landedCommit
                ? 'Landed'
                : name}
          </option>
        ))}
      </QuietSelect>
      {reopening && bead.status === 'closed' && <Reopening bead={bead} onOpen={open} onKeep={() => setReopening(false)} />}
      {refusal && <span className="text-xs text-failed">{refusal.message}</span>}
    </div>
  );
}

const whatFollows = ({ kind }: BeadRow): string =>
  (UNDISPATCHED_KINDS as readonly string[]).includes(kind)
    ? 'what waits for it waits again'
    : 'an agent is sent to it again, which costs money';

/** What is over costs money again when it is opened: asked before, not after. */
export function Reopening({ bead, onOpen, onKeep }: { bead: BeadRow; onOpen: () => void; onKeep: () => void }) {
  return (
    <fieldset aria-label="Open the bead again" className="flex flex-col items-start gap-1.5 rounded-lg bg-accent-wash px-2.5 py-2">
      <span>
        {bead.landedCommit ? 'It has landed.' : 'It is closed.'} If you open it again, {whatFollows(bead)}.
      </span>
      <span className="flex flex-wrap gap-1.5">
        <Button small kind="accent" onClick={onOpen}>
          Open it again
        </Button>
        <Button small onClick={onKeep}>
          Leave it {bead.landedCommit ? 'landed' : 'closed'}
        </Button>
      </span>
    </fieldset>
  );
}
