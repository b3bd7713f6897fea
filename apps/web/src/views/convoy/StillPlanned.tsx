import type { BeadRow, ConvoyRow } from '@gastown/protocol';
import { Play } from 'lucide-react';
import { stillPlanned } from '../../commands/starts.ts';
import { useStart } from '../../commands/use-start.ts';
import { isOver } from '../../convoys.ts';
import { Button } from '../../ui/Button.tsx';

/** Beads that were planned before they joined: the start of a convoy lets go what the convoy held, and nothing else, so they wait for a word of their own. */
export function StillPlanned({ convoy, members }: { convoy: ConvoyRow; members: readonly BeadRow[] }) {
  const { start, pending } = useStart();
  const count = stillPlanned(members);
  if (count === 0 || isOver(convoy)) return null;
  const begin = convoy.status === 'staged' ? 'not begin when you start the convoy' : 'not begin with the convoy';
  const said =
    count === 1
      ? `1 of its beads is planned by itself: it does ${begin}.`
      : `${count} of its beads are planned by themselves: they do ${begin}.`;
  return (
    <p className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg bg-sunken px-3 py-1.5 text-sm text-muted">
      <span className="min-w-52 flex-1">{said}</span>
      <Button
        small
        pending={pending}
        icon={<Play size={13} />}
        onClick={() =>
          void start({ kind: 'bead.start', convoyId: convoy.id }, convoy.status === 'staged' ? 'They begin with the convoy' : 'Started')
        }
      >
        Start {count.toLocaleString('en')} planned
      </Button>
    </p>
  );
}
