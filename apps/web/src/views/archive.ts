import type { BeadId } from '@gastown/protocol';
import { useState } from 'react';
import { toast } from '../ui/toast.ts';
import { intend, send } from '../commands/send.ts';
import { useTownId } from '../shell/town-id.ts';

/** One command takes this many. */
const AT_ONCE = 1_000;

export function inPieces<T>(items: readonly T[], size: number = AT_ONCE): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** Puts many beads out of sight, and offers the way back while the answer is on the screen (AR-3); or brings many back. */
export function useArchive() {
  const town = useTownId();
  const [pending, setPending] = useState(false);
  const each = async (kind: 'bead.archive' | 'bead.unarchive', ids: readonly BeadId[]): Promise<number | null> => {
    let done = 0;
    for (const beadIds of inPieces(ids)) {
      const answer = await send(town, intend({ kind, beadIds }));
      if (!answer.ok) {
        toast.error(answer.failure.message, { description: answer.next });
        return done > 0 ? done : null;
      }
      done += beadIds.length;
    }
    return done;
  };
  const archive = async (ids: readonly BeadId[]): Promise<void> => {
    setPending(true);
    const done = await each('bead.archive', ids);
    setPending(false);
    if (done === null) return;
    const gone = ids.slice(0, done);
    toast.success(done === 1 ? '1 bead archived' : `${done} beads archived`, {
      action: { label: 'Undo', onClick: () => void each('bead.unarchive', gone) },
    });
  };
  const bringBack = async (ids: readonly BeadId[]): Promise<void> => {
    setPending(true);
    const done = await each('bead.unarchive', ids);
    setPending(false);
    if (done !== null) toast.success(done === 1 ? '1 bead brought back' : `${done} beads brought back`);
  };
  return { archive, bringBack, pending };
}
