import { RotateCcw } from 'lucide-react';
import { useCommand } from '../commands/use-command.ts';
import { shortSha } from '../format.ts';
import { followsFrom, isRetriable, replacedBy, isBusy } from '../merging.ts';
import { useRow, useSelect } from '../replica/hooks.ts';
import { mergeSign } from '../signal.ts';
import { At, CopyButton, Dash, Facts, Mono, Section } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { BranchLink, ShaLink } from './Commits.tsx';
import { ForeignCommits } from './ForeignCommits.tsx';
import { AgentLink, BeadLink, FailureBanner, Gates, MergeLink, RigLink, RunnerLink } from './parts.tsx';

export function MergeView({ id }: { id: string }) {
  const merge = useRow('merges', id);
  const bead = useRow('beads', merge?.beadId);
  const made = useRow('runs', merge?.runId);
  const { run, pending } = useCommand();
  const busy = useIsBusy(merge?.beadId);
  if (!merge) return null;
  const newer = replacedBy(merge, bead);
  return (
    <article className="flex flex-col gap-4 p-4 sm:p-5">
      <div className="flex items-center gap-3">
        <SignWord sign={mergeSign(merge)} className="text-sm" />
        {merge.position !== null && merge.phase === 'queued' && (
          <span className="text-sm text-muted">place {merge.position} in the queue</span>
        )}
        <span className="flex-1" />
        {isRetriable(merge, bead, busy) && (
          <Button
            small
            pending={pending}
            icon={<RotateCcw size={13} />}
            onClick={() => void run({ kind: 'merge.retry', mergeId: merge.id }, 'The merge is queued again')}
          >
            Retry
          </Button>
        )}
      </div>
      <h1 className="text-lg leading-snug font-semibold">{bead?.title ?? merge.beadId}</h1>
      {merge.failure && <FailureBanner failure={merge.failure} next={newer ? <Replaced by={newer} /> : followsFrom(merge, bead)} />}
      <Facts
        facts={[
          ['Bead', <BeadLink key="b" id={merge.beadId} />],
          ['Rig', <RigLink key="r" id={merge.rigId} />],
          ['Agent', <AgentLink key="a" id={merge.agentId} />],
          merge.runnerId ? ['Runner', <RunnerLink key="w" id={merge.runnerId} />] : null,
          ['Branch', merge.landedAt === null ? <BranchLink rigId={merge.rigId} branch={merge.branch} /> : <Mono>{merge.branch}</Mono>],
          ['Into', <BranchLink key="t" rigId={merge.rigId} branch={merge.targetBranch} />],
          ['Head', <Sha key="h" rigId={merge.rigId} sha={merge.headCommit} />],
          ['Base', merge.baseCommit ? <Sha rigId={merge.rigId} sha={merge.baseCommit} /> : <Dash />],
          [
            'Merge commit',
            merge.mergeCommit ? <Sha rigId={merge.landedAt === null ? null : merge.rigId} sha={merge.mergeCommit} /> : <Dash />,
          ],
          ['Built', merge.builds === 1 ? 'once' : `${merge.builds} times`],
          ['Handed in', <At key="c" at={merge.createdAt} />],
          merge.landedAt !== null ? ['Landed', <At key="l" at={merge.landedAt} />] : null,
        ]}
      />
      <ForeignCommits commits={made?.commits ?? []} />
      <Section title="Gates" count={merge.gates.length}>
        {merge.gates.length === 0 ? <p className="text-sm text-faint">No gate has run on it yet.</p> : <Gates gates={merge.gates} />}
      </Section>
    </article>
  );
}

export const useIsBusy = (beadId: string | undefined): boolean => useSelect(['runs'], (replica) => isBusy(replica, beadId), [beadId]);

function Replaced({ by }: { by: string }) {
  return (
    <>
      Replaced by a newer merge of its bead:{' '}
      <span className="underline decoration-line-strong underline-offset-3">
        <MergeLink id={by} />
      </span>
    </>
  );
}

/** Without a rig: nobody but the town has it yet. */
function Sha({ rigId, sha }: { rigId: string | null; sha: string }) {
  return (
    <span className="inline-flex h-6 items-center gap-1">
      <ShaLink rigId={rigId} sha={sha} />
      <CopyButton label={`Copy ${shortSha(sha)}`} text={sha} />
    </span>
  );
}
