import { type BeadId, type BeadRow, type ConvoyRow } from '@gastown/protocol';
import { Hourglass, Pencil, X } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { stillPlanned } from '../commands/starts.ts';
import { convoySign, convoyWhy, isOver, openOf, wavesOf } from '../convoys.ts';
import { money, tokens } from '../format.ts';
import { useConnection, useRow, useSelect, useTown } from '../replica/hooks.ts';
import { At, Facts, Section } from '../ui/Bits.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { Input, RefusalNote } from '../ui/Field.tsx';
import { Progress } from '../ui/Progress.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { AddBead } from './AddBead.tsx';
import { Timeline } from './bead/Timeline.tsx';
import { ConvoyButtons } from './convoy/ConvoyButtons.tsx';
import { StillPlanned } from './convoy/StillPlanned.tsx';
import { BeadLink, Maker, RigLink } from './parts.tsx';
import { useWaiting } from './WhyNot.tsx';

export function ConvoyView({ id }: { id: string }) {
  const convoy = useRow('convoys', id);
  const town = useTown();
  const [renaming, setRenaming] = useState(false);
  const members = useSelect(['beads'], (replica) => [...replica.rows('beads').values()].filter((bead) => bead.convoyId === id), [id]);
  if (!convoy) return null;
  return (
    <article className="flex flex-col gap-4 p-4 sm:p-5">
      <header className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
          <SignWord sign={convoySign(convoy, town, stillPlanned(members))} className="mr-1 text-sm" />
          <span className="flex-1" />
          <ConvoyButtons convoy={convoy} />
          {!renaming && (
            <Button small kind="quiet" icon={<Pencil size={13} />} onClick={() => setRenaming(true)}>
              Rename
            </Button>
          )}
        </div>
        {renaming ? (
          <Rename convoy={convoy} onDone={() => setRenaming(false)} />
        ) : (
          <h1 className="text-lg leading-snug font-semibold [overflow-wrap:anywhere]">{convoy.title}</h1>
        )}
      </header>
      <Why convoy={convoy} />
      <StillPlanned convoy={convoy} members={members} />
      <div className="flex flex-col gap-1.5">
        <Progress done={convoy.closed} failed={convoy.failed} total={convoy.total} label={`Progress of ${convoy.title}`} />
        <p className="tnum text-xs text-muted">
          {convoy.closed} of {convoy.total} landed{convoy.failed > 0 && `, ${convoy.failed} failed`}
          {convoy.status === 'staged' && `, ${openOf(convoy)} planned`}
        </p>
      </div>
      <ConvoyFacts convoy={convoy} members={members} />
      <Members convoy={convoy} members={members} />
      <Timeline of={{ id }} />
    </article>
  );
}

function Why({ convoy }: { convoy: ConvoyRow }) {
  const { replica } = useConnection();
  const town = useTown();
  useRow('beads', convoy.wait?.ref);
  const said = convoyWhy(convoy, (id) => replica.row('beads', id));
  const paused =
    town?.paused && convoy.status === 'open'
      ? `The town is ${town.stopped ? 'stopped' : 'paused'}: no bead of it is begun before you resume the town.`
      : null;
  const sentence = isOver(convoy) ? null : (said ?? paused);
  if (!sentence) return null;
  const needs = convoySign(convoy).signal === 'waiting_for_you';
  return (
    <p
      data-testid="why-not"
      className={`flex items-center gap-3 rounded-lg px-3 py-2 text-sm ${needs ? 'bg-accent-wash text-accent' : 'bg-sunken text-muted'}`}
    >
      <Hourglass size={14} className="shrink-0" aria-hidden />
      {sentence}
    </p>
  );
}

function ConvoyFacts({ convoy, members }: { convoy: ConvoyRow; members: readonly BeadRow[] }) {
  const rigs = [...new Set(members.flatMap((bead) => bead.rigId ?? []))];
  const { usage } = convoy;
  return (
    <div className="border-y border-line py-4">
      <Facts
        facts={[
          [
            'Created',
            <>
              <At at={convoy.createdAt} /> <Maker by={convoy.createdBy} />
            </>,
          ],
          convoy.landedAt !== null ? ['Landed', <At key="l" at={convoy.landedAt} />] : null,
          rigs.length > 0
            ? [
                rigs.length === 1 ? 'Rig' : 'Rigs',
                <span key="r" className="flex flex-wrap gap-x-3">
                  {rigs.map((rig) => (
                    <RigLink key={rig} id={rig} />
                  ))}
                </span>,
              ]
            : null,
          convoy.total > 0
            ? [
                'Cost',
                <>
                  {money(usage.costMicros)} <span className="text-faint">{tokens(usage)}</span>
                </>,
              ]
            : null,
        ]}
      />
    </div>
  );
}

/** Its beads in the order in which they can be done. */
function Members({ convoy, members }: { convoy: ConvoyRow; members: readonly BeadRow[] }) {
  const waves = wavesOf(members);
  const [adding, setAdding] = useState(false);
  const missing = convoy.total - members.length;
  return (
    <Section
      title="Beads"
      count={convoy.total}
      aside={
        convoy.archivedAt === null && (
          <Button small kind="quiet" aria-expanded={adding} onClick={() => setAdding(!adding)}>
            Add
          </Button>
        )
      }
    >
      {adding && <AddMember convoy={convoy} without={members.map(({ id }) => id)} onDone={() => setAdding(false)} />}
      {waves.map((wave, at) => (
        <div key={wave[0]!.id} className="flex gap-3">
          {waves.length > 1 && (
            <span className="w-14 shrink-0 pt-2 text-xs text-faint">{at === 0 ? 'first' : at === waves.length - 1 ? 'last' : 'then'}</span>
          )}
          <ul className="min-w-0 flex-1 border-t border-line first:border-0">
            {wave.map((bead) => (
              <Member key={bead.id} bead={bead} convoy={convoy} />
            ))}
          </ul>
        </div>
      ))}
      {missing > 0 && <p className="py-1 text-xs text-faint">{missing} more closed long ago.</p>}
    </Section>
  );
}

function Member({ bead, convoy }: { bead: BeadRow; convoy: ConvoyRow }) {
  const { run, pending } = useCommand();
  const waiting = useWaiting(bead);
  // What is true of the whole convoy is said once, above.
  const why = bead.status === 'failed' ? bead.failure?.message : bead.wait?.ref === convoy.id ? null : waiting?.sentence;
  return (
    <li className="flex min-h-9 items-center gap-2 py-1 text-sm">
      <span className="flex min-w-0 flex-1 flex-col">
        <BeadLink id={bead.id} />
        {why && bead.status !== 'closed' && <span className="truncate pl-5 text-xs text-muted">{why}</span>}
      </span>
      {!isOver(convoy) && (
        <IconButton
          label={`Take ${bead.title} out of the convoy`}
          className="!size-6"
          disabled={pending}
          onClick={() => void run({ kind: 'convoy.remove', convoyId: convoy.id, beadId: bead.id }, 'Taken out; the bead itself stays')}
        >
          <X size={13} />
        </IconButton>
      )}
    </li>
  );
}

function AddMember({ convoy, without, onDone }: { convoy: ConvoyRow; without: readonly string[]; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const add = async (bead: BeadId) => {
    const answer = await run({ kind: 'convoy.add', convoyId: convoy.id, beadIds: [bead] }, 'Added');
    if (answer.ok) onDone();
  };
  return (
    <div className="flex flex-col gap-2 pb-3">
      <AddBead without={without} pending={pending} onAdd={(bead) => void add(bead)} />
      {isOver(convoy) && <p className="text-xs text-faint">The convoy is over: a new bead opens it again.</p>}
      <RefusalNote refusal={refusal} />
    </div>
  );
}

function Rename({ convoy, onDone }: { convoy: ConvoyRow; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const [title, setTitle] = useState(convoy.title);
  const save = async () => {
    const answer = await run({ kind: 'convoy.rename', convoyId: convoy.id, title: title.trim() }, 'Saved');
    if (answer.ok) onDone();
  };
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Input label="Title" value={title} onChange={(event) => setTitle(event.target.value)} required maxLength={200} first />
      <RefusalNote refusal={refusal} />
      <div className="flex justify-end gap-2">
        <Button small onClick={onDone}>
          Cancel
        </Button>
        <Button small kind="primary" type="submit" pending={pending}>
          Save
        </Button>
      </div>
    </form>
  );
}
