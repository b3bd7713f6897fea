import { type BeadRow, type Origin, Priority } from '@gastown/protocol';
import { duration, money, shortSha, tokens } from '../../format.ts';
import { useRow, useSelect } from '../../replica/hooks.ts';
import { At, Badge, CopyButton, Dash, Facts, Mono } from '../../ui/Bits.tsx';
import { QuietSelect } from '../../ui/Field.tsx';
import { AgentLink, ConvoyLink, Maker, MergeLink, RigLink, RunnerLink } from '../parts.tsx';
import { useOrigin } from './use-bead-answer.ts';
import { StatusSelect } from './StatusSelect.tsx';
import { useFieldEdit } from './use-field-edit.ts';

export function BeadFacts({ bead }: { bead: BeadRow }) {
  const runnerId = useRunnerOf(bead);
  const origin = useOrigin(bead);
  return (
    <div className="grid items-start gap-x-8 gap-y-4 border-y border-line py-4 sm:grid-cols-2">
      <Facts
        facts={[
          bead.status === 'closed' ? null : ['Status', <StatusSelect key="s" bead={bead} />],
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
          ['Created', <Created key="c" bead={bead} origin={origin} />],
          origin?.came ? ['Brought here', <Came key="b" came={origin.came} />] : null,
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

/** Who brought a bead has not made it; what its file does not say is not made up. */
function Created({ bead, origin }: { bead: BeadRow; origin: Origin | null }) {
  const elsewhere = origin?.came ? origin : null;
  const by = elsewhere ? (elsewhere.createdBy ?? '') : bead.createdBy;
  return (
    <>
      {(!elsewhere || elsewhere.createdAt !== null) && <At at={bead.createdAt} />}
      {(elsewhere || by === '') && <span className="text-faint"> in another tool</span>}
      {by === '' ? (
        elsewhere && <span className="text-faint">; its file does not say {elsewhere.createdAt === null && 'when or '}by whom</span>
      ) : (
        <>
          {' '}
          <Maker by={by} />
        </>
      )}
    </>
  );
}
const Came = ({ came: { by, at, importId } }: { came: NonNullable<Origin['came']> }) => (
  <>
    <At at={at} /> <Maker by={by} />
    {importId !== null && (
      <span className="text-faint">
        {' '}
        with import <Mono className="whitespace-nowrap">{importId}</Mono>
      </span>
    )}
  </>
);

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
