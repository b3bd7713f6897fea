import type { BeadRow } from '@gastown/protocol';
import { shortSha } from '../../format.ts';
import { useRow, useSelect } from '../../replica/hooks.ts';
import { At, Mono, Section } from '../../ui/Bits.tsx';
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
