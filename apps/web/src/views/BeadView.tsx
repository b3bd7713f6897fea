import { type BeadRow, BeadId, Priority } from '@gastown/protocol';
import { Pencil, RotateCcw, X } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { duration, money, shortSha, tokens } from '../format.ts';
import { COLUMNS } from '../ordering.ts';
import { useRow, useSelect } from '../replica/hooks.ts';
import { beadSign } from '../signal.ts';
import { Markdown } from '../transcript/LazyMarkdown.tsx';
import { At, Badge, CopyButton, Dash, Facts, Mono, Section } from '../ui/Bits.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { Input, QuietSelect, RefusalNote, Select, TextArea } from '../ui/Field.tsx';
import { ScrollBox } from '../ui/ScrollBox.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { AgentLink, BeadLink, EventLine, FailureBanner, Gates, MergeLink, RigLink } from './parts.tsx';
import { RunLine } from './RunLine.tsx';
import { WhyNot } from './WhyNot.tsx';

export function BeadView({ id }: { id: string }) {
  const bead = useRow('beads', id);
  const agent = useRow('agents', bead?.assigneeId);
  const [editing, setEditing] = useState(false);
  if (!bead) return null;
  return (
    <article className="flex flex-col gap-4 p-4 sm:p-5">
      <header className="flex flex-col gap-3">
        <div className="flex items-center gap-3">
          <SignWord sign={beadSign(bead, agent)} className="text-sm" />
          <span className="flex-1" />
          {(bead.status === 'failed' || (bead.status === 'open' && bead.failure)) && <Retry id={bead.id} />}
          {!editing && (
            <Button small kind="quiet" icon={<Pencil size={13} />} onClick={() => setEditing(true)}>
              Edit
            </Button>
          )}
        </div>
        {editing ? (
          <EditBead bead={bead} onDone={() => setEditing(false)} />
        ) : (
          <h1 className="text-lg leading-snug font-semibold [overflow-wrap:anywhere]">{bead.title}</h1>
        )}
      </header>
      <WhyNot bead={bead} />
      {bead.failure && <FailureBanner failure={bead.failure} />}
      {!editing && bead.body && <Markdown text={bead.body} />}
      <BeadFacts bead={bead} />
      <Dependencies bead={bead} />
      <Work bead={bead} />
      <Timeline id={bead.id} />
      <details>
        <summary className="text-xs text-faint hover:text-fg">Raw JSON</summary>
        <ScrollBox className="mt-2" label="Raw JSON of the bead">
          {JSON.stringify(bead, null, 2)}
        </ScrollBox>
      </details>
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

function EditBead({ bead, onDone }: { bead: BeadRow; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const [title, setTitle] = useState(bead.title);
  const [body, setBody] = useState(bead.body);
  const save = async () => {
    const answer = await run(
      { kind: 'bead.update', beadId: bead.id, ...(title !== bead.title && { title }), ...(body !== bead.body && { body }) },
      'Saved',
    );
    if (answer.ok) onDone();
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Input label="Title" value={title} onChange={(event) => setTitle(event.target.value)} required first />
      <TextArea label="Body" rows={8} value={body} onChange={(event) => setBody(event.target.value)} />
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

function BeadFacts({ bead }: { bead: BeadRow }) {
  return (
    <div className="grid items-start gap-x-8 gap-y-4 border-y border-line py-4 sm:grid-cols-2">
      <Facts
        facts={[
          ['Status', <StatusSelect key="s" bead={bead} />],
          ['Priority', <PrioritySelect key="p" bead={bead} />],
          ['Type', bead.type],
          bead.labels.length > 0
            ? [
                'Labels',
                <span key="l" className="flex flex-wrap gap-1">
                  {bead.labels.map((label) => (
                    <Badge key={label}>{label}</Badge>
                  ))}
                </span>,
              ]
            : null,
          [
            'Created',
            <>
              <At at={bead.createdAt} /> <span className="text-faint">by {bead.createdBy}</span>
            </>,
          ],
        ]}
      />
      <Facts
        facts={[
          ['Rig', bead.rigId ? <RigLink id={bead.rigId} /> : <Dash />],
          ['Agent', bead.assigneeId ? <AgentLink id={bead.assigneeId} glyph /> : <Dash />],
          [
            'Cost',
            <>
              <span data-testid="bead-cost">{money(bead.usage.costMicros)}</span> <span className="text-faint">{tokens(bead.usage)}</span>
            </>,
          ],
          ['Duration', bead.closedAt ? <span data-testid="bead-duration">{duration(bead.closedAt - bead.createdAt)}</span> : <Dash />],
          [
            'Commit',
            bead.landedCommit ? (
              <span className="inline-flex items-center gap-1" data-testid="bead-commit">
                <Mono>{shortSha(bead.landedCommit)}</Mono>
                <CopyButton label="Copy commit" text={bead.landedCommit} />
              </span>
            ) : (
              <Dash />
            ),
          ],
          bead.mergeId ? ['Merge', <MergeLink key="m" id={bead.mergeId} />] : null,
        ]}
      />
    </div>
  );
}

/** A field edit shows at once and rolls back, visibly, when the town refuses (ui.md §1.6). */
function useFieldEdit<T extends string>(value: T) {
  const command = useCommand();
  const [wish, setWish] = useState<{ from: T; to: T } | null>(null);
  const shown = wish && wish.from === value ? wish.to : value;
  const put = async (to: T, send: () => ReturnType<typeof command.run>) => {
    setWish({ from: value, to });
    const answer = await send();
    if (!answer.ok) setWish(null);
  };
  return { ...command, shown, put };
}

function StatusSelect({ bead }: { bead: BeadRow }) {
  const { shown, put, run, refusal, pending } = useFieldEdit(bead.status);
  return (
    <span className="flex flex-col items-start gap-1">
      <QuietSelect
        label="Status of the bead"
        value={shown}
        aria-busy={pending}
        onChange={(event) => {
          const status = COLUMNS.find((column) => column.status === event.target.value)!.status;
          void put(status, () => run({ kind: 'bead.set_status', beadId: bead.id, status }));
        }}
      >
        {COLUMNS.map((column) => (
          <option key={column.status} value={column.status}>
            {column.name}
          </option>
        ))}
      </QuietSelect>
      {refusal && <span className="text-xs text-failed">{refusal.message}</span>}
    </span>
  );
}

function PrioritySelect({ bead }: { bead: BeadRow }) {
  const { shown, put, run, pending } = useFieldEdit(bead.priority);
  return (
    <QuietSelect
      label="Priority of the bead"
      value={shown}
      aria-busy={pending}
      onChange={(event) => {
        const priority = Priority.parse(event.target.value);
        void put(priority, () => run({ kind: 'bead.update', beadId: bead.id, priority }));
      }}
    >
      {Priority.options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </QuietSelect>
  );
}

function Dependencies({ bead }: { bead: BeadRow }) {
  const blocks = useSelect(
    ['beads'],
    (replica) =>
      [...replica.rows('beads').values()]
        .filter((other) => other.dependsOn.some((dependency) => dependency.id === bead.id))
        .map((other) => other.id),
    [bead.id],
  );
  const { run, pending } = useCommand();
  const [adding, setAdding] = useState(false);
  return (
    <Section
      title="Dependencies"
      count={bead.dependsOn.length + blocks.length}
      aside={
        <Button small kind="quiet" onClick={() => setAdding(!adding)}>
          Add
        </Button>
      }
    >
      {adding && <AddDependency bead={bead} onDone={() => setAdding(false)} />}
      {bead.dependsOn.length + blocks.length === 0 && !adding && <p className="text-sm text-faint">None: nothing has to land before it.</p>}
      <ul className="flex flex-col">
        {bead.dependsOn.map((dependency) => (
          <li key={dependency.id} className="flex h-8 items-center gap-2 text-sm">
            <span className="w-20 shrink-0 text-faint">{dependency.type === 'blocks' ? 'after' : dependency.type}</span>
            <span className="min-w-0 flex-1">
              <BeadLink id={dependency.id} />
            </span>
            <IconButton
              label={`Remove the dependency on ${dependency.id}`}
              disabled={pending}
              className="!size-6"
              onClick={() => void run({ kind: 'bead.remove_dependency', beadId: bead.id, dependsOn: dependency.id, type: dependency.type })}
            >
              <X size={13} />
            </IconButton>
          </li>
        ))}
        {blocks.map((id) => (
          <li key={id} className="flex h-8 items-center gap-2 text-sm">
            <span className="w-20 shrink-0 text-faint">before</span>
            <span className="min-w-0 flex-1">
              <BeadLink id={id} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function AddDependency({ bead, onDone }: { bead: BeadRow; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const others = useSelect(
    ['beads'],
    (replica) =>
      [...replica.rows('beads').values()].filter((other) => other.type === 'issue' && other.id !== bead.id && other.status !== 'closed'),
    [bead.id],
  );
  return (
    <div className="flex flex-col gap-2 pb-2">
      <Select
        label="Bead that must land first"
        value=""
        disabled={pending}
        onChange={(event) => {
          const chosen = BeadId.safeParse(event.target.value);
          if (chosen.success)
            void run({ kind: 'bead.add_dependency', beadId: bead.id, dependsOn: chosen.data }).then((answer) => {
              if (answer.ok) onDone();
            });
        }}
      >
        <option value="">Choose a bead…</option>
        {others.map((other) => (
          <option key={other.id} value={other.id}>
            {other.title}
          </option>
        ))}
      </Select>
      <RefusalNote refusal={refusal} />
    </div>
  );
}

/** Everything that was done for it: the gates of its merge, its runs and their commits. */
function Work({ bead }: { bead: BeadRow }) {
  const merge = useRow('merges', bead.mergeId);
  const runs = useSelect(
    ['runs'],
    (replica) => [...replica.rows('runs').values()].filter((run) => run.beadId === bead.id).toSorted((a, b) => b.startedAt - a.startedAt),
    [bead.id],
  );
  // A second attempt goes on from the first one's commits.
  const commits = [...new Map(runs.flatMap((run) => run.commits).map((commit) => [commit.sha, commit])).values()];
  return (
    <>
      {merge && merge.gates.length > 0 && (
        <Section title="Gates" count={merge.gates.length} aside={<span className="text-xs text-faint">on the merge result</span>}>
          <Gates gates={merge.gates} />
        </Section>
      )}
      <Section title="Runs" count={runs.length}>
        {runs.length === 0 ? (
          <p className="text-sm text-faint">No agent has worked on it yet.</p>
        ) : (
          <ul className="divide-y divide-line">
            {runs.map((run) => (
              <RunLine key={run.id} run={run} />
            ))}
          </ul>
        )}
      </Section>
      {commits.length > 0 && (
        <Section title="Commits" count={commits.length}>
          <ul className="flex flex-col">
            {commits.map((commit) => (
              <li key={commit.sha} className="flex h-7 items-center gap-2.5 text-sm">
                <Mono className="text-muted">{shortSha(commit.sha)}</Mono>
                <span className="min-w-0 flex-1 truncate">{commit.subject}</span>
                <At at={commit.at} className="text-xs" />
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Timeline({ id }: { id: string }) {
  const events = useSelect(
    ['events', 'merges'],
    (replica) =>
      [...replica.rows('events').values()]
        .filter(({ beadId }) => beadId === id || (beadId !== null && replica.row('merges', beadId)?.beadId === id))
        .toSorted((a, b) => b.id - a.id)
        .map((event) => event.id),
    [id],
  );
  return (
    <Section title="Timeline" count={events.length}>
      {events.length === 0 ? (
        <p className="text-sm text-faint">Nothing in the recent ledger.</p>
      ) : (
        <ul>
          {events.map((event) => (
            <EventLine key={event} id={event} about={false} />
          ))}
        </ul>
      )}
    </Section>
  );
}
