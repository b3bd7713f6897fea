import type { BeadId } from '@gastown/protocol';
import { Archive, ArchiveRestore } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { BoardFilter } from '../ordering.ts';
import { useSelect } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';

const ArchiveMany = lazy(() => import('./ArchiveMany.tsx').then((module) => ({ default: module.ArchiveMany })));
const BringBack = lazy(() => import('./ArchiveMany.tsx').then((module) => ({ default: module.BringBack })));

/** Archives exactly those that the column has, or brings back what is archived of the filter; each asks first (AR-2, AR-3). */
export function ClosedHead({ ids, filter }: { ids: readonly BeadId[]; filter: BoardFilter }) {
  const [asking, setAsking] = useState(false);
  const archived = useSelect(['beads'], (replica) => ids.some((id) => (replica.row('beads', id)?.archivedAt ?? null) !== null), [ids]);
  const Asking = filter.archived ? BringBack : ArchiveMany;
  const says = filter.archived
    ? 'Bring back archived beads'
    : ids.length === 1
      ? 'Archive the closed bead'
      : `Archive these ${ids.length} closed beads`;
  return (
    <>
      {(filter.archived ? archived : ids.length > 0) && (
        <Button
          small
          kind="quiet"
          icon={filter.archived ? <ArchiveRestore size={13} /> : <Archive size={13} />}
          aria-label={says}
          aria-haspopup="dialog"
          title={says}
          className="-mr-2"
          onClick={() => setAsking(true)}
        >
          {filter.archived ? 'Bring back' : 'Archive'}
        </Button>
      )}
      {asking && (
        <Suspense>
          <Asking ids={ids} filter={filter} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  );
}
