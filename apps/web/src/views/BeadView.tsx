import { type BeadRow } from '@gastown/protocol';
import { Pencil, RotateCcw, UserRoundPen } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { followsTry } from '../follows.ts';
import { useRow } from '../replica/hooks.ts';
import { beadSign } from '../signal.ts';
import { Badge } from '../ui/Bits.tsx';
import { Button, buttonClass } from '../ui/Button.tsx';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { Glyph, SignWord } from '../ui/Sign.tsx';
import { BeadFacts } from './bead/BeadFacts.tsx';
import { BeadText } from './bead/BeadText.tsx';
import { FromFile } from './bead/FromFile.tsx';
import { EditBead } from './bead/EditBead.tsx';
import { HoldButtons, mayPutOff, PutOff } from './bead/Holding.tsx';
import { Relations } from './bead/Relations.tsx';
import { Reassign } from './bead/Reassign.tsx';
import { StatusSelect } from './bead/StatusSelect.tsx';
import { Steps } from './bead/Steps.tsx';
import { RawBead } from './bead/RawJson.tsx';
import { Timeline } from './bead/Timeline.tsx';
import { Work } from './bead/Work.tsx';
import { FailureBanner } from './parts.tsx';
import { useNewestRun } from './use-newest-run.ts';
import { Asks } from './AskCard.tsx';
import { WhyNot } from './WhyNot.tsx';

export function BeadView({ id }: { id: string }) {
  const bead = useRow('beads', id);
  const agent = useRow('agents', bead?.assigneeId);
  const [open, setOpen] = useState<'edit' | 'put-off' | 'give' | null>(null);
  if (!bead) return null;
  const close = () => setOpen(null);
  if (open === 'put-off' && !mayPutOff(bead)) close();
  return (
    <article className="flex flex-col gap-4 p-4 sm:p-5">
      <header className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
          {bead.status === 'closed' ? (
            <span className="mr-1 inline-flex items-start gap-2.5">
              <Glyph sign={beadSign(bead, agent)} silent className="mt-1" />
              <StatusSelect bead={bead} />
            </span>
          ) : (
            <SignWord sign={beadSign(bead, agent)} className="mr-1 text-sm" />
          )}
          {bead.archivedAt !== null && <Badge>Archived</Badge>}
          <span className="flex-1" />
          {(bead.status === 'failed' || (bead.status === 'open' && bead.failure)) && <Retry id={bead.id} />}
          <HoldButtons bead={bead} puttingOff={open === 'put-off'} onPutOff={() => setOpen(open === 'put-off' ? null : 'put-off')} />
          {bead.status === 'in_progress' && (
            <Button
              small
              kind="quiet"
              icon={<UserRoundPen size={13} />}
              aria-expanded={open === 'give'}
              onClick={() => setOpen(open === 'give' ? null : 'give')}
            >
              Give on
            </Button>
          )}
          {open !== 'edit' && (
            <Button small kind="quiet" icon={<Pencil size={13} />} onClick={() => setOpen('edit')}>
              Edit
            </Button>
          )}
        </div>
        {open === 'put-off' && <PutOff bead={bead} onDone={close} />}
        {open === 'give' && <Reassign bead={bead} onDone={close} />}
        {open === 'edit' ? (
          <EditBead bead={bead} onDone={close} />
        ) : (
          <h1 className="text-lg leading-snug font-semibold [overflow-wrap:anywhere]">{bead.title}</h1>
        )}
      </header>
      <Failed bead={bead} />
      <WhyNot bead={bead} />
      <Asks of={{ beadId: bead.id }} />
      {open !== 'edit' && <BeadText bead={bead} />}
      <BeadFacts bead={bead} />
      <FromFile bead={bead} />
      <Steps bead={bead} />
      <Relations bead={bead} />
      <Work bead={bead} />
      <Timeline of={bead} />
      <RawBead bead={bead} />
    </article>
  );
}

function Retry({ id }: { id: BeadRow['id'] }) {
  const { run, pending } = useCommand();
  return (
    <Button
      small
      pending={pending}
      icon={<RotateCcw size={13} />}
      onClick={() => void run({ kind: 'bead.retry', beadId: id }, 'The bead is back in line')}
    >
      Retry
    </Button>
  );
}

/** Why it failed; of one that goes on, what its last try ended with, and what comes next: nothing is asked of anybody. */
function Failed({ bead }: { bead: BeadRow }) {
  const newest = useNewestRun(bead.id);
  if (!bead.failure) return null;
  const needs = bead.status === 'failed' || bead.wait?.code === 'needs_person';
  if (needs) return <FailureBanner failure={bead.failure} at={bead.updatedAt} action={<LastRun id={newest} />} />;
  return (
    <p className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg bg-sunken px-3 py-2 text-sm">
      <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <span className="text-muted">The last try ended: </span>
        {bead.failure.message} <span className="text-muted">{followsTry(bead, false)}</span>
      </span>
      {bead.status === 'open' && <LastRun id={newest} />}
    </p>
  );
}

/** Where a failure happened is read first. */
const LastRun = ({ id }: { id: string | null }) =>
  id && (
    <ObjectLink at={{ kind: 'run', id }} className={buttonClass('plain', true)}>
      Last run
    </ObjectLink>
  );
