import type { BeadRow } from '@gastown/protocol';
import { Archive, ArchiveRestore, CalendarClock, Pin, Play } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { fromLocalInput, laterTimes, localInput } from '../../making.ts';
import { startCommand, startedWords, startWord } from '../../waiting.ts';
import { Button } from '../../ui/Button.tsx';
import { Input, RefusalNote } from '../../ui/Field.tsx';

/** What holds a bead back or lets it go. Nothing here loses anything, so nothing asks twice. */
export function HoldButtons({ bead, puttingOff, onPutOff }: { bead: BeadRow; puttingOff: boolean; onPutOff: () => void }) {
  const { run, pending } = useCommand();
  // The sentence below the title offers the same step when the hold is what it waits for.
  const said = ['staged', 'deferred', 'held'].includes(bead.wait?.code ?? '');
  // Where it was moved on by hand, a start would begin nothing.
  const held = bead.status === 'open' && !said && (bead.deferUntil !== null || (bead.hold !== null && bead.hold !== 'not_work'));
  const over = bead.status === 'closed' || bead.status === 'failed';
  return (
    <>
      {held && (
        <Button small pending={pending} icon={<Play size={13} />} onClick={() => void run(startCommand(bead), startedWords(bead))}>
          {startWord(bead)}
        </Button>
      )}
      {mayPutOff(bead) && (
        <Button small kind="quiet" icon={<CalendarClock size={13} />} aria-expanded={puttingOff} onClick={onPutOff}>
          Put off
        </Button>
      )}
      {bead.status === 'open' && bead.hold !== 'pinned' && bead.hold !== 'not_work' && (
        <Button
          small
          kind="quiet"
          icon={<Pin size={13} />}
          title="Keep it as a note: no agent is sent to it"
          disabled={pending}
          onClick={() => void run({ kind: 'bead.pin', beadId: bead.id }, 'Pinned as a note')}
        >
          Pin
        </Button>
      )}
      {over && <ArchiveButton bead={bead} />}
    </>
  );
}

function ArchiveButton({ bead }: { bead: BeadRow }) {
  const { run, pending } = useCommand();
  return bead.archivedAt === null ? (
    <Button
      small
      kind="quiet"
      pending={pending}
      icon={<Archive size={13} />}
      title="Out of sight; nothing else about it changes"
      onClick={() => void run({ kind: 'bead.archive', beadIds: [bead.id] }, 'Archived')}
    >
      Archive
    </Button>
  ) : (
    <Button
      small
      pending={pending}
      icon={<ArchiveRestore size={13} />}
      onClick={() => void run({ kind: 'bead.unarchive', beadIds: [bead.id] }, 'Brought back')}
    >
      Bring back
    </Button>
  );
}

/** What is held otherwise must be let go first. */
export const mayPutOff = ({ status, hold }: BeadRow): boolean => status === 'open' && (hold === null || hold === 'deferred');

export function PutOff({ bead, onDone }: { bead: BeadRow; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const [now] = useState(Date.now);
  const times = laterTimes(now);
  const [text, setText] = useState(localInput(bead.deferUntil ?? times[0]!.at));
  const until = fromLocalInput(text);
  const defer = async (to: number | null) => {
    const answer = await run({ kind: 'bead.defer', beadId: bead.id, until: to }, 'Put off');
    if (answer.ok) onDone();
  };
  return (
    <form
      aria-label="Put off"
      className="fade flex flex-col gap-2 rounded-lg bg-sunken p-3"
      // Before the drawer hears of it, which would close too.
      onKeyDownCapture={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onDone();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (until !== null) void defer(until);
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <Input
          label="Not before"
          type="datetime-local"
          className="sm:!w-52"
          value={text}
          min={localInput(now)}
          onChange={(event) => setText(event.target.value)}
          required
          first
        />
        <Button kind="primary" type="submit" pending={pending} disabled={until === null}>
          Put off
        </Button>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {times.map(({ label, at }) => (
          <Button key={label} small disabled={pending} onClick={() => void defer(at)}>
            {label}
          </Button>
        ))}
        <Button small disabled={pending} onClick={() => void defer(null)}>
          Without a date
        </Button>
        <span className="flex-1" />
        <Button small kind="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
      <RefusalNote refusal={refusal} />
    </form>
  );
}
