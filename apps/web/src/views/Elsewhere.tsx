import { BeadAnswer, type WholeBeadRow } from '@gastown/protocol';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Refused, api, orThrow } from '../api.ts';
import type { DrawerRef } from '../drawers.ts';
import { useConnection, useRow } from '../replica/hooks.ts';
import { useTownId } from '../shell/town-id.ts';
import { Loading, NotFound, Notice } from '../ui/States.tsx';
import { TextToCome } from './bead/BeadText.tsx';
import { BeadView } from './BeadView.tsx';
import { RecordView } from './RecordView.tsx';

/** No frame tells of what is not in the replica: it is looked at again. */
const LOOK_AGAIN_MS = 30_000;

/** An object that the replica does not hold: the town is asked, and only what the town does not know is not there (DM-1). */
export function Elsewhere({ at }: { at: DrawerRef }) {
  if (at.kind === 'run')
    return (
      <Notice heading title="Not among the recent runs">
        The page holds the newest runs of the town, and {at.id} is none of them. The timeline of its bead tells of it.
      </Notice>
    );
  if (at.kind === 'rig' || at.kind === 'runner') return <Nowhere at={at} />;
  return <Asked at={at} />;
}

const Nowhere = ({ at }: { at: DrawerRef }) => <NotFound what={at.kind}>{at.id} is not in this town. It may have been removed.</NotFound>;

function Asked({ at }: { at: DrawerRef }) {
  const town = useTownId();
  const asked = useQuery({
    queryKey: ['bead', town, at.id],
    queryFn: () => orThrow(api.bead(town, at.id, BeadAnswer)),
    staleTime: 0,
    gcTime: 60_000,
    refetchOnWindowFocus: true,
    refetchOnReconnect: true,
    refetchInterval: LOOK_AGAIN_MS,
  });
  if (asked.error instanceof Refused && asked.error.answer.failure.code === 'unknown_bead') return <Nowhere at={at} />;
  if (asked.data) return asked.data.bead.type === 'issue' ? <LentBead bead={asked.data.bead} /> : <RecordView answer={asked.data} />;
  if (!asked.error) return <Loading what={at.kind} />;
  return (
    <div className="p-4 sm:p-5">
      <TextToCome error={asked.error} again={() => void asked.refetch()} />
    </div>
  );
}

/** Lent to the replica, so that everything on the page that names it finds it. */
function LentBead({ bead }: { bead: WholeBeadRow }) {
  const { replica } = useConnection();
  const row = useRow('beads', bead.id);
  useEffect(() => replica.lend(bead), [replica, bead]);
  return row ? <BeadView id={bead.id} /> : <Loading what="bead" />;
}
