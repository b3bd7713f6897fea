import type { Commit } from '@gastown/protocol';
import { shortSha } from '../format.ts';
import { Mono, Section } from '../ui/Bits.tsx';

const WHY: Record<NonNullable<Commit['foreign']>, string> = {
  another_bead: 'names another bead',
  another_branch: 'of another agent, on another work branch too',
  another_person: 'not made by an agent of this town',
};

/** Commits of a branch that seem not to be made for its bead (GT-17). Nothing when there are none. */
export function ForeignCommits({ commits }: { commits: readonly Commit[] }) {
  const foreign = commits.filter((commit) => commit.foreign !== undefined);
  if (foreign.length === 0) return null;
  return (
    <Section title="Made for something else?" count={foreign.length}>
      <p className="pb-1 text-sm text-muted">The branch holds these beside its own work. They land with it.</p>
      <ul className="flex flex-col">
        {foreign.map((commit) => (
          <li key={commit.sha} className="flex min-h-7 flex-wrap items-center gap-x-2.5 text-sm">
            <Mono className="text-muted">{shortSha(commit.sha)}</Mono>
            <span className="min-w-0 flex-1 basis-52 truncate">{commit.subject}</span>
            <span className="text-xs text-muted">{commit.foreign !== undefined && WHY[commit.foreign]}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
