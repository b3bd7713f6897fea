import { workBranch, type RunId, type RunnerId } from '@gastown/protocol';
import type { Agent } from '../agents/store.ts';
import type { Bead, Issue } from '../beads/store.ts';
import { updateIssue } from '../beads/store.ts';
import { modelOf, theTown } from '../config/store.ts';
import { carryMail } from '../mail/rule.ts';
import { newRunId } from '../ids.ts';
import { addEffect } from '../outbox/store.ts';
import type { Tx } from '../tx.ts';
import { forgetOldRuns } from './history.ts';
import { insertRun, nextGeneration } from './store.ts';

export const runTarget = (runId: string): string => `run:${runId}`;
/** What the effects of a run are about: the run and its fencing number. */
export const runSubject = (run: { id: string; generation: number }): string => `${run.id}#${run.generation}`;
export function parseRunSubject(subject: string): { runId: RunId; generation: number } {
  const [runId = '', generation = '0'] = subject.split('#');
  return { runId: runId as RunId, generation: Number(generation) };
}

/** The run is written before its effect leaves: a start that is lost is still a run that someone looks after (§3.3). */
export function beginRun(tx: Tx, agent: Agent, work: { bead: Bead; issue: Issue } | null, runnerId: RunnerId): RunId {
  const town = theTown(tx.sql);
  const model = modelOf(town, agent.role);
  const id = newRunId(tx);
  const beadId = work?.bead.id ?? null;
  const generation = nextGeneration(tx.sql, agent.id, beadId);
  const branch = work ? (work.issue.branch ?? workBranch(agent.name, work.bead.id)) : null;
  if (work && work.issue.branch === null) updateIssue(tx, work.bead.id, { branch });
  if (!beadId) forgetOldRuns(tx, agent.id, generation);
  insertRun(tx, {
    id,
    agentId: agent.id,
    beadId,
    rigId: work?.bead.rigId ?? null,
    runnerId,
    generation,
    attempt: (work?.issue.attempts ?? 0) + 1,
    model: model?.model ?? null,
    modelConfig: model,
    agentKind: town.agentKind,
    branch,
    timeoutMs: work?.issue.timeoutMs ?? null,
  });
  carryMail(tx, id, agent.id);
  addEffect(tx, 'run.start', runTarget(id), runSubject({ id, generation }), runnerId);
  return id;
}
