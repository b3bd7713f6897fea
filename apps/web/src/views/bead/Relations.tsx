import { BeadAnswer, type BeadId, type BeadRow, type UntakenEdge } from '@gastown/protocol';
import { useQuery } from '@tanstack/react-query';
import { ExternalLink, X } from 'lucide-react';
import { useState } from 'react';
import { api, orThrow } from '../../api.ts';
import { useCommand } from '../../commands/use-command.ts';
import { CHOICES, relationsOf, wordsFor, type Relation } from '../../relations.ts';
import { useRow, useSelect } from '../../replica/hooks.ts';
import { useTownId } from '../../shell/town-id.ts';
import { Mono, Section } from '../../ui/Bits.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { RefusalNote, Select } from '../../ui/Field.tsx';
import { AddBead } from '../AddBead.tsx';
import { BeadLink } from '../parts.tsx';
import { useBeadAnswer } from './use-bead-answer.ts';

/** What the bead is to others: its parent and parts, what goes first, what it holds, and notes. */
export function Relations({ bead }: { bead: BeadRow }) {
  const others = useSelect(
    ['beads'],
    (replica) => [...replica.rows('beads').values()].filter((other) => other.dependsOn.some(({ id }) => id === bead.id)),
    [bead.id],
  );
  const relations = relationsOf(bead, others);
  const parts = relations.filter(({ side }) => side === 'part');
  const rest = relations.filter(({ side }) => side !== 'part');
  const leftOut = useSelect(['beads'], (replica) => replica.leftOut.closed);
  const [adding, setAdding] = useState(false);
  const asked = useBeadAnswer(bead);
  const { untaken = [], moreUntaken = 0 } = asked.data?.origin ?? {};
  return (
    <>
      {parts.length > 0 && <Parts parts={parts} />}
      <Section
        title="Dependencies"
        count={rest.length}
        aside={
          <Button small kind="quiet" aria-expanded={adding} onClick={() => setAdding(!adding)}>
            Add
          </Button>
        }
      >
        {adding && <AddRelation bead={bead} onDone={() => setAdding(false)} />}
        {rest.length === 0 && untaken.length === 0 && !adding && !asked.isLoading && (
          <p className="text-sm text-faint">None: nothing has to land before it.</p>
        )}
        <ul className="flex flex-col">
          {rest.map((relation) => (
            <RelationLine key={`${relation.own}-${relation.type}-${relation.id}`} bead={bead} relation={relation} />
          ))}
        </ul>
        {untaken.length > 0 && <Untaken untaken={untaken} more={moreUntaken} />}
        {leftOut && relations.some(({ own }) => !own) && (
          <p className="text-xs text-faint">Of the closed beads that name it, only the recent ones are listed.</p>
        )}
      </Section>
    </>
  );
}

/** What the file names besides: nothing waits for it here. */
function Untaken({ untaken, more }: { untaken: readonly UntakenEdge[]; more: number }) {
  return (
    <ul aria-label="Not taken from its file" className="flex flex-col gap-1 py-1 text-sm text-muted">
      {untaken.map(({ dependsOn, type, why }, at) => (
        <li key={at} className="[overflow-wrap:anywhere]">
          The file named {dependsOn === '' ? 'something' : <Mono>{dependsOn}</Mono>} too
          {type !== '' && ` (${wordsFor(type) ?? type})`}, which was not taken: {why}.
        </li>
      ))}
      {more > 0 && <li>And {more.toLocaleString('en')} more.</li>}
    </ul>
  );
}

/** The beads it is made of, with how many are done. */
function Parts({ parts }: { parts: readonly Relation[] }) {
  const ids = parts.map(({ id }) => id).join();
  const done = useSelect(['beads'], (replica) => parts.filter(({ id }) => replica.row('beads', id)?.status === 'closed').length, [ids]);
  return (
    <Section
      title="Parts"
      count={parts.length}
      aside={
        <span className="text-xs text-faint">
          {done} of {parts.length} done
        </span>
      }
    >
      <ul className="flex flex-col">
        {parts.map(({ id }) => (
          <li key={id} className="flex h-8 items-center text-sm">
            <BeadLink id={id} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** What closed long ago is not in the replica: the town is asked for its title and what became of it. */
function OtherBead({ id }: { id: string }) {
  const town = useTownId();
  const here = useRow('beads', id) !== undefined;
  const asked = useQuery({
    queryKey: ['bead', town, id],
    queryFn: () => orThrow(api.bead(town, id, BeadAnswer)),
    enabled: !here,
    gcTime: 60_000,
  });
  return <BeadLink id={id} elsewhere={asked.data?.bead} />;
}

function RelationLine({ bead, relation }: { bead: BeadRow; relation: Relation }) {
  const { run, pending } = useCommand();
  const outside = relation.id.startsWith('external:');
  return (
    <li className="flex min-h-8 items-center gap-2 text-sm">
      <span className="w-32 shrink-0 truncate text-faint" title={relation.words}>
        {relation.words}
      </span>
      <span className="min-w-0 flex-1">
        {outside ? (
          <span className="inline-flex max-w-full items-center gap-1.5">
            <ExternalLink size={13} className="shrink-0 text-faint" aria-label="Outside this town" />
            <span className="truncate">{relation.id.slice('external:'.length)}</span>
          </span>
        ) : (
          <OtherBead id={relation.id} />
        )}
      </span>
      {relation.own && (
        <IconButton
          label={`Remove the dependency on ${relation.id}`}
          disabled={pending}
          className="!size-6"
          onClick={() =>
            void run({ kind: 'bead.remove_dependency', beadId: bead.id, dependsOn: relation.id as BeadId, type: relation.type })
          }
        >
          <X size={13} />
        </IconButton>
      )}
    </li>
  );
}

function AddRelation({ bead, onDone }: { bead: BeadRow; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const [type, setType] = useState<string>('blocks');
  const add = async (other: BeadId) => {
    const answer = await run({ kind: 'bead.add_dependency', beadId: bead.id, dependsOn: other, type });
    if (answer.ok) onDone();
  };
  return (
    <div className="flex flex-col gap-2 pb-3">
      <AddBead
        before={<RelationType value={type} onChange={setType} label="This bead is" />}
        without={[bead.id]}
        closed={type !== 'blocks'}
        pending={pending}
        onAdd={(other) => void add(other)}
      />
      <p className="text-xs text-faint">{CHOICES.find((choice) => choice.type === type)?.says}</p>
      <RefusalNote refusal={refusal} />
    </div>
  );
}

export function RelationType({ value, onChange, label }: { value: string; onChange: (type: string) => void; label: string }) {
  return (
    <div className="w-44 shrink-0">
      <Select label={label} value={value} onChange={(event) => onChange(event.target.value)}>
        {CHOICES.map((choice) => (
          <option key={choice.type} value={choice.type}>
            {choice.words}
          </option>
        ))}
      </Select>
    </div>
  );
}
