import type { RigId } from '@gastown/protocol';
import { Link, useParams } from '@tanstack/react-router';
import { inQueue, byActivity, plannedBy } from '../ordering.ts';
import { useStart } from '../commands/use-start.ts';
import { useRow, useSelect } from '../replica/hooks.ts';
import { useTownId } from '../shell/town-id.ts';
import { Badge, Mono, Section } from '../ui/Bits.tsx';
import { Button, buttonClass } from '../ui/Button.tsx';
import { NotFound } from '../ui/States.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { AgentRowLine } from '../views/AgentRowLine.tsx';
import { Columns } from '../views/Columns.tsx';
import { MergeLine } from '../views/MergeLine.tsx';
import { PauseRig, RigPaused } from '../views/PauseRig.tsx';
import { RigLimit, useRigSign } from '../views/RigLimit.tsx';
import { RigFailure } from '../views/RigFailure.tsx';

export function Rig() {
  const { rig: id, town } = useParams({ from: '/t/$town/rigs/$rig' });
  const rig = useRow('rigs', id);
  const sign = useRigSign(id);
  const agents = useSelect(
    ['agents'],
    (replica) =>
      [...replica.rows('agents').values()]
        .filter((agent) => agent.rigId === id)
        .toSorted(byActivity)
        .map((agent) => agent.id),
    [id],
  );
  const queue = useSelect(
    ['merges'],
    (replica) =>
      [...replica.rows('merges').values()]
        .filter((merge) => merge.rigId === id && merge.phase !== 'landed' && merge.phase !== 'failed')
        .toSorted(inQueue)
        .map((merge) => merge.id),
    [id],
  );
  if (!rig || !sign) return <NotFound what="rig" />;
  return (
    <div className="toast-room flex min-h-full flex-col">
      <header className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-3 sm:px-6">
        <h1 className="text-base font-semibold">{rig.name}</h1>
        <SignWord sign={sign} className="text-sm" />
        {rig.empty && <Badge>empty repository</Badge>}
        <span className="flex-1" />
        <span className="text-sm text-muted">
          {rig.busyPolecats} of {rig.maxPolecats} slots busy
        </span>
        <StartPlanned id={id} />
        <PauseRig rig={rig} />
        <Link to="/t/$town/settings" params={{ town }} search={{ tab: 'repositories' }} className={buttonClass('quiet', true)}>
          Settings
        </Link>
      </header>
      <p className="shrink-0 truncate px-4 pb-2 text-muted sm:px-6">
        <Mono>{rig.gitUrl}</Mono>
        {rig.defaultBranch && (
          <>
            {' '}
            · <Mono>{rig.defaultBranch}</Mono>
          </>
        )}
      </p>
      {rig.paused && (
        <div className="px-4 pb-3 sm:px-6">
          <RigPaused rig={rig} />
        </div>
      )}
      <div className="px-4 pb-3 empty:hidden sm:px-6">
        <RigLimit id={rig.id} />
      </div>
      {rig.failure && (
        <div className="px-4 pb-3 sm:px-6">
          <RigFailure rig={rig} />
        </div>
      )}
      <div className="grid shrink-0 grid-cols-[minmax(0,1fr)] gap-x-8 border-y border-line px-4 py-2 sm:px-6 md:grid-cols-[repeat(2,minmax(0,1fr))]">
        <Section title="Agents" count={agents.length}>
          {agents.length === 0 ? (
            <p className="pb-2 text-sm text-faint">None yet: one is made when a bead is ready.</p>
          ) : (
            <ul>
              {agents.map((agent) => (
                <li key={agent}>
                  <AgentRowLine id={agent} cost />
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title="Merge queue" count={queue.length}>
          {queue.length === 0 ? (
            <p className="pb-2 text-sm text-faint">Empty.</p>
          ) : (
            <ul>
              {queue.map((merge) => (
                <li key={merge}>
                  <MergeLine id={merge} rig={false} />
                </li>
              ))}
            </ul>
          )}
        </Section>
      </div>
      <div className="flex flex-1 flex-col pt-2">
        <Columns filter={{ rig: id }} />
      </div>
    </div>
  );
}

/** What is planned here, imported beads say, begins with one press; what is planned in a convoy begins with that. */
export function StartPlanned({ id }: { id: string }) {
  const town = useTownId();
  const { own, inConvoys } = useSelect(
    ['beads', 'convoys'],
    (replica) => {
      const planned = [...replica.rows('beads').values()].flatMap((bead) =>
        bead.rigId === id ? (plannedBy(bead, replica.rows('convoys')) ?? []) : [],
      );
      const own = planned.filter((by) => by === 'itself').length;
      return { own, inConvoys: planned.length - own };
    },
    [id],
  );
  const { start, pending } = useStart();
  return (
    <>
      {inConvoys > 0 && (
        <Link to="/t/$town/convoys" params={{ town }} className="text-sm text-muted hover:text-fg">
          {inConvoys.toLocaleString('en')} planned in convoys
        </Link>
      )}
      {own > 0 && (
        <Button small kind="accent" pending={pending} onClick={() => void start({ kind: 'bead.start', rigId: id as RigId }, 'Started')}>
          Start {own.toLocaleString('en')} planned
        </Button>
      )}
    </>
  );
}
