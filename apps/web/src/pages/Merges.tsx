import { useCommand } from '../commands/use-command.ts';
import { waitsForPerson } from '@gastown/protocol/needs';
import { isRetriable } from '../merging.ts';
import { inQueue } from '../ordering.ts';
import { useRow, useSelect } from '../replica/hooks.ts';
import { Section } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { Page } from '../ui/Page.tsx';
import { Notice } from '../ui/States.tsx';
import { MergeLine } from '../views/MergeLine.tsx';
import { useIsBusy } from '../views/MergeView.tsx';

/** A failed merge needs a person when nothing tries again by itself: its bead failed too, or waits for one. */
export function Merges() {
  const merges = useSelect(['merges', 'beads'], (replica) => {
    const all = [...replica.rows('merges').values()];
    const needs = all.filter((merge) => waitsForPerson(merge, replica.row('beads', merge.beadId)));
    return {
      needs: needs.map((merge) => merge.id),
      queue: all
        .filter((merge) => ['queued', 'testing', 'landing'].includes(merge.phase))
        .toSorted(inQueue)
        .map((merge) => merge.id),
      log: all
        .filter((merge) => (merge.phase === 'landed' || merge.phase === 'failed') && !needs.includes(merge))
        .toSorted((a, b) => b.updatedAt - a.updatedAt)
        .map((merge) => merge.id),
    };
  });
  if (merges.needs.length + merges.queue.length + merges.log.length === 0)
    return (
      <Page title="Merges">
        <Notice title="Nothing to merge yet">
          When a polecat hands in its work, the gates run here on the merge result, and what passes lands.
        </Notice>
      </Page>
    );
  return (
    <Page title="Merges">
      <div className="flex flex-col gap-4">
        <Section title="Needs your attention" count={merges.needs.length}>
          {merges.needs.length === 0 ? (
            <p className="text-sm text-faint">No merge waits for you.</p>
          ) : (
            <ul className="divide-y divide-line border-y border-line">
              {merges.needs.map((id) => (
                <li key={id} className="flex items-center gap-2">
                  <div className="min-w-0 flex-1">
                    <MergeLine id={id} />
                  </div>
                  <RetryMerge id={id} />
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title="Queue" count={merges.queue.length}>
          {merges.queue.length === 0 ? (
            <p className="text-sm text-faint">Empty.</p>
          ) : (
            <ul className="divide-y divide-line border-y border-line">
              {merges.queue.map((id) => (
                <li key={id}>
                  <MergeLine id={id} />
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title="Log" count={merges.log.length}>
          {merges.needs.length > 0 && (
            <p className="mb-1 text-xs text-muted">
              What waits for you stands above, not here. An attempt that ended before it handed in has no merge at all.
            </p>
          )}
          {merges.log.length === 0 ? (
            <p className="text-sm text-faint">Nothing has landed yet.</p>
          ) : (
            <ul className="divide-y divide-line border-y border-line">
              {merges.log.map((id) => (
                <li key={id} className="lazy-row">
                  <MergeLine id={id} />
                </li>
              ))}
            </ul>
          )}
        </Section>
      </div>
    </Page>
  );
}

function RetryMerge({ id }: { id: string }) {
  const merge = useRow('merges', id);
  const bead = useRow('beads', merge?.beadId);
  const busy = useIsBusy(merge?.beadId);
  const { run, pending } = useCommand();
  return merge && isRetriable(merge, bead, busy) ? (
    <Button small pending={pending} onClick={() => void run({ kind: 'merge.retry', mergeId: merge.id }, 'The merge is queued again')}>
      Retry
    </Button>
  ) : null;
}
