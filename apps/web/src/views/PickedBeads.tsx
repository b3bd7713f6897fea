import { X } from 'lucide-react';
import { useRow } from '../replica/hooks.ts';
import { IconButton } from '../ui/Button.tsx';

interface Picked {
  readonly id: string;
  /** What it is to the thing that is being made. */
  readonly words?: string | undefined;
}

/** The beads that a form has taken in so far; each can be left out again. */
export function PickedBeads({ label, beads, onLeaveOut }: { label: string; beads: readonly Picked[]; onLeaveOut: (id: string) => void }) {
  if (beads.length === 0) return null;
  return (
    <ul aria-label={label}>
      {beads.map(({ id, words }) => (
        <li key={id} className="flex min-h-8 items-center gap-2 text-sm">
          {words && <span className="w-32 shrink-0 text-faint">{words}</span>}
          <span className="min-w-0 flex-1 truncate">
            <Title id={id} />
          </span>
          <IconButton label={`Leave out ${id}`} className="!size-6" onClick={() => onLeaveOut(id)}>
            <X size={13} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

const Title = ({ id }: { id: string }) => useRow('beads', id)?.title ?? id;
