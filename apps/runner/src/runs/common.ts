import type { RunStart } from './place.ts';
import type { Run } from './run.ts';
import type { Saver } from './save.ts';

/**
 * What a new run has in common with one that is here still, and so waits for: the same work, a branch or a desk, for all of its end, so that it begins with what that kept (DR-9); with other work the same
 * agent, until that says and does nothing any more (AG-12); else nothing.
 */
export function inCommon({ agentId, context }: RunStart, run: Pick<Run, 'agentId'>, saver: Pick<Saver, 'rigId' | 'branch'> | null): Common {
  const isSameAgent = run.agentId === agentId;
  const isSameWork = saver === null ? isSameAgent : saver.rigId === context.rig?.id && saver.branch === context.branch;
  if (isSameWork) return 'work';
  return isSameAgent ? 'agent' : 'nothing';
}
type Common = 'work' | 'agent' | 'nothing';
