import { duration, money, tokens } from '../format.ts';
import { followsRun } from '../follows.ts';
import { useRow } from '../replica/hooks.ts';
import { runSign } from '../signal.ts';
import { At, Dash, Facts, Mono, Section } from '../ui/Bits.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { Commits } from './Commits.tsx';
import { RunnerAway } from './RunnerAway.tsx';
import { StepText } from './StepText.tsx';
import { Program } from './WorksOn.tsx';
import { useMergeOfRun, useNewestRun } from './use-newest-run.ts';
import { AgentLink, BeadLink, FailureBanner, RigLink, RunnerLink } from './parts.tsx';

export function RunView({ id }: { id: string }) {
  const run = useRow('runs', id);
  const bead = useRow('beads', run?.beadId);
  const newest = useNewestRun(run?.beadId);
  const merge = useMergeOfRun(id);
  if (!run) return null;
  return (
    <article className="flex flex-col gap-4 p-4 sm:p-5">
      <SignWord sign={runSign(run, merge)} className="text-sm" />
      <h1 className="text-lg font-semibold">
        Attempt {run.attempt}
        {run.beadId ? '' : ' (session)'}
      </h1>
      <RunnerAway run={run} />
      {run.failure && <FailureBanner failure={run.failure} next={<StepText>{followsRun(run, run.failure, bead, newest)}</StepText>} />}
      {run.summary && <p>{run.summary}</p>}
      <Facts
        facts={[
          ['Agent', <AgentLink key="a" id={run.agentId} glyph />],
          ['Bead', run.beadId ? <BeadLink id={run.beadId} /> : <Dash />],
          ['Rig', run.rigId ? <RigLink id={run.rigId} /> : <Dash />],
          ['Runner', <RunnerLink key="w" id={run.runnerId} />],
          ['Model', run.model ?? <Dash />],
          ['Effort', run.effort ?? <Dash />],
          ['Program', <Program key="p" id={run.agentKind} />],
          ['Started', <At key="s" at={run.startedAt} />],
          ['Duration', run.endedAt === null ? 'still going' : duration(run.endedAt - run.startedAt)],
          ['Tokens', tokens(run.usage)],
          ['Cost', money(run.usage.costMicros)],
          ['Branch', run.branch ? <Mono>{run.branch}</Mono> : <Dash />],
          ['Generation', String(run.generation)],
        ]}
      />
      {run.commits.length > 0 && (
        <Section title="Commits" count={run.commits.length}>
          <Commits rigId={run.rigId} commits={run.commits} />
        </Section>
      )}
    </article>
  );
}
