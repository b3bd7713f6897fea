import { type BeadRow, type BeadStatus, Priority, UNDISPATCHED_KINDS } from '@gastown/protocol';
import { useState } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { duration, money, shortSha, tokens } from '../../format.ts';
import { settableFrom } from '../../ordering.ts';
import { useRow, useSelect } from '../../replica/hooks.ts';
import { At, Badge, CopyButton, Dash, Facts, Mono } from '../../ui/Bits.tsx';
import { Button } from '../../ui/Button.tsx';
import { QuietSelect } from '../../ui/Field.tsx';
import { AgentLink, ConvoyLink, MergeLink, RigLink, RunnerLink } from '../parts.tsx';

export function BeadFacts({ bead }: { bead: BeadRow }) {
  const runnerId = useRunnerOf(bead);
  return (
    <div className="grid items-start gap-x-8 gap-y-4 border-y border-line py-4 sm:grid-cols-2">
      <Facts
        facts={[
          ['Status', <StatusSelect key="s" bead={bead} />],
          ['Priority', <PrioritySelect key="p" bead={bead} />],
          ['Kind', bead.kind],
          bead.deferUntil !== null ? ['Not before', <At key="d" at={bead.deferUntil} />] : null,
          bead.timeoutMs !== null ? ['Time limit', `${bead.timeoutMs / 60_000} min a run`] : null,
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
          bead.convoyId ? ['Convoy', <ConvoyLink key="c" id={bead.convoyId} />] : null,
          ['Agent', bead.assigneeId ? <AgentLink id={bead.assigneeId} glyph /> : <Dash />],
          runnerId ? ['Runner', <RunnerLink key="w" id={runnerId} />] : null,
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

/** Where it is worked on or tested, or was last. */
function useRunnerOf(bead: BeadRow): string | null {
  const merge = useRow('merges', bead.mergeId);
  const ofRun = useSelect(
    ['runs'],
    (replica) =>
      [...replica.rows('runs').values()].filter((run) => run.beadId === bead.id).toSorted((a, b) => b.startedAt - a.startedAt)[0]
        ?.runnerId ?? null,
    [bead.id],
  );
  return merge?.runnerId ?? ofRun;
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
  const [reopening, setReopening] = useState(false);
  const set = (status: BeadStatus) => void put(status, () => run({ kind: 'bead.set_status', beadId: bead.id, status }));
  const open = () => {
    setReopening(false);
    set('open');
  };
  return (
    <div className="flex flex-col items-start gap-1">
      <QuietSelect
        label="Status of the bead"
        value={reopening ? 'open' : shown}
        aria-busy={pending}
        onChange={(event) => {
          const { status } = settableFrom(bead.status).find((column) => column.status === event.target.value)!;
          const asks = status === 'open' && bead.status === 'closed';
          setReopening(asks);
          if (!asks && status !== bead.status) set(status);
        }}
      >
        {settableFrom(bead.status).map(({ status, name }) => (
          <option key={status} value={status}>
            {status === 'open' && status !== bead.status ? 'Open: agents take it' : name}
          </option>
        ))}
      </QuietSelect>
      {reopening && bead.status === 'closed' && <Reopening bead={bead} onOpen={open} onKeep={() => setReopening(false)} />}
      {refusal && <span className="text-xs text-failed">{refusal.message}</span>}
    </div>
  );
}

const whatFollows = ({ kind }: BeadRow): string =>
  (UNDISPATCHED_KINDS as readonly string[]).includes(kind)
    ? 'what waits for it waits again'
    : 'an agent is sent to it again, which costs money';

/** What is over costs money again when it is opened: asked before, not after. */
export function Reopening({ bead, onOpen, onKeep }: { bead: BeadRow; onOpen: () => void; onKeep: () => void }) {
  return (
    <fieldset aria-label="Open the bead again" className="flex flex-col items-start gap-1.5 rounded-lg bg-accent-wash px-2.5 py-2">
      <span>
        {bead.landedCommit ? 'It has landed.' : 'It is closed.'} If you open it again, {whatFollows(bead)}.
      </span>
      <span className="flex flex-wrap gap-1.5">
        <Button small kind="accent" onClick={onOpen}>
          Open it again
        </Button>
        <Button small onClick={onKeep}>
          Leave it {bead.landedCommit ? 'landed' : 'closed'}
        </Button>
      </span>
    </fieldset>
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
          {option[0]!.toUpperCase() + option.slice(1)}
        </option>
      ))}
    </QuietSelect>
  );
}
