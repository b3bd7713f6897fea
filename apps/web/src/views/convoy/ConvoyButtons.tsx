import type { ConvoyRow } from '@gastown/protocol';
import { Archive, ArchiveRestore, CircleX, Pause, Play } from 'lucide-react';
import { useCommand } from '../../commands/use-command.ts';
import { useStart } from '../../commands/use-start.ts';
import { closeWords, isOver, openOf } from '../../convoys.ts';
import { Button } from '../../ui/Button.tsx';
import { ConfirmButton } from '../../ui/Confirm.tsx';

/** Start what is planned; pause and go on; close what shall end, which says how many open beads end with it. */
export function ConvoyButtons({ convoy }: { convoy: ConvoyRow }) {
  const { run, pending } = useCommand();
  const starting = useStart();
  const about = { convoyId: convoy.id };
  const open = openOf(convoy);
  if (convoy.archivedAt !== null)
    return (
      <Button
        small
        kind="quiet"
        pending={pending}
        icon={<ArchiveRestore size={13} />}
        title="Back in sight, with all its beads"
        onClick={() => void run({ kind: 'convoy.unarchive', ...about }, 'Brought back with its beads')}
      >
        Bring back
      </Button>
    );
  if (isOver(convoy))
    return (
      <Button
        small
        kind="quiet"
        pending={pending}
        icon={<Archive size={13} />}
        title="Out of sight, with all its beads"
        onClick={() => void run({ kind: 'convoy.archive', ...about }, 'Archived with its beads')}
      >
        Archive
      </Button>
    );
  return (
    <>
      {convoy.status === 'staged' && (
        <Button
          small
          kind="primary"
          pending={starting.pending}
          icon={<Play size={13} />}
          disabled={convoy.total === 0}
          onClick={() => void starting.start({ kind: 'convoy.start', ...about }, 'The convoy is started')}
        >
          Start
        </Button>
      )}
      {convoy.status === 'open' && (
        <Button
          small
          pending={pending}
          icon={convoy.paused ? <Play size={13} /> : <Pause size={13} />}
          title={convoy.paused ? undefined : 'Nothing new of it starts; what runs goes on'}
          onClick={() =>
            convoy.paused
              ? void run({ kind: 'convoy.resume', ...about }, 'The convoy goes on')
              : void run({ kind: 'convoy.pause', ...about }, 'The convoy is paused')
          }
        >
          {convoy.paused ? 'Resume' : 'Pause'}
        </Button>
      )}
      <ConfirmButton
        small
        kind="quiet"
        disabled={pending}
        icon={<CircleX size={13} />}
        sure={closeWords(convoy)}
        title={open > 0 ? 'Its open beads are closed with it and their agents stopped; branches stay' : undefined}
        onConfirm={() =>
          void run({ kind: 'convoy.close', ...about, ...(open + convoy.failed > 0 && { force: true }) }, 'The convoy is closed')
        }
      >
        Close
      </ConfirmButton>
    </>
  );
}
