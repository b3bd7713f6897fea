import type { RunRow } from '@gastown/protocol';
import { duration, money, tokens } from '../format.ts';
import { isLost, runSign } from '../signal.ts';
import { useMergeOfRun } from './use-newest-run.ts';
import { At } from '../ui/Bits.tsx';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { effortText } from './effort.tsx';
import { AgentLink, BeadLink, RunnerLink } from './parts.tsx';

export function RunLine({ run, of = 'bead' }: { run: RunRow; of?: 'bead' | 'agent' | 'runner' }) {
  const merge = useMergeOfRun(run.id);
  return (
    <li className="flex flex-col gap-0.5 py-2 text-sm">
      <div className="flex items-center gap-2.5">
        <SignWord sign={runSign(run, merge)} />
        <span className="min-w-0 flex-1 truncate">
          {of === 'bead' ? <AgentLink id={run.agentId} /> : run.beadId ? <BeadLink id={run.beadId} quiet /> : 'Session'}
        </span>
        <ObjectLink at={{ kind: 'run', id: run.id }} className="text-xs text-muted hover:text-fg hover:underline">
          {isLost(run) ? 'costs no attempt' : `attempt ${run.attempt}`}
        </ObjectLink>
      </div>
      <p className="flex flex-wrap gap-x-3 text-xs text-muted">
        <span>{run.model === null ? 'no model call yet' : [run.model, effortText(run.effort)].filter(Boolean).join(', ')}</span>
        {of === 'runner' ? (
          <AgentLink id={run.agentId} />
        ) : (
          <span>
            on <RunnerLink id={run.runnerId} />
          </span>
        )}
        {run.endedAt !== null && <span>{duration(run.endedAt - run.startedAt)}</span>}
        <span>{tokens(run.usage)}</span>
        <span>{money(run.usage.costMicros)}</span>
        <span className="flex-1" />
        <At at={run.startedAt} />
      </p>
      {run.failure && <p className={`text-xs ${isLost(run) ? 'text-muted' : 'text-failed'}`}>{run.failure.message}</p>}
      {run.summary && <p className="text-muted">{run.summary}</p>}
    </li>
  );
}
