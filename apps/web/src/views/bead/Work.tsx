import type { BeadRow } from '@gastown/protocol';
import { useRow, useSelect } from '../../replica/hooks.ts';
import { Section } from '../../ui/Bits.tsx';
import { Commits } from '../Commits.tsx';
import { Gates } from '../parts.tsx';
import { RunLine } from '../RunLine.tsx';

/** Everything that was done for it: the gates of its merge, its runs and their commits. */
export function Work({ bead }: { bead: BeadRow }) {
  const merge = useRow('merges', bead.mergeId);
  const runs = useSelect(
    ['runs'],
    (replica) => [...replica.rows('runs').values()].filter((run) => run.beadId === bead.id).toSorted((a, b) => b.startedAt - a.startedAt),
    [bead.id],
  );
  // A second attempt goes on from the first one's commits.
  const commits = [...new Map(runs.flatMap((run) => run.commits).map((commit) => [commit.sha, commit])).values()];
  const made = commits.length + (merge?.landedAt ? 1 : 0);
  return (
    <>
      {merge && merge.gates.length > 0 && (
        <Section title="Gates" count={merge.gates.length} aside={<span className="text-xs text-faint">on the merge result</span>}>
          <Gates gates={merge.gates} />
        </Section>
      )}
      <Section title="Runs" count={runs.length}>
        {runs.length === 0 ? (
          <p className="text-sm text-faint">
            {bead.status === 'closed' ? 'None among the recent runs.' : 'No agent has worked on it yet.'}
          </p>
        ) : (
          <ul className="divide-y divide-line">
            {runs.map((run) => (
              <RunLine key={run.id} run={run} />
            ))}
          </ul>
        )}
      </Section>
      {made > 0 && (
        <Section title="Commits" count={made}>
          <Commits rigId={bead.rigId} commits={commits} landed={merge} />
        </Section>
      )}
    </>
  );
}
