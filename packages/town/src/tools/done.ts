import {
  failure,
  ok,
  refuse,
  toolLabel,
  type DoneEvidence,
  type Result,
  type Sha,
  type ToolAnswer,
  type ToolArgs,
} from '@gastown/protocol';
import { mustMove } from '../beads/status.ts';
import { findBead, type Bead } from '../beads/store.ts';
import { lastMergeOf } from '../merges/store.ts';
import { submitMerge } from '../merges/queue.ts';
import { findRig } from '../rigs/store.ts';
import { endRun, updateRun, type Run } from '../runs/store.ts';
import { unheard } from '../runs/turns.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';
import { stepsAllow } from './molecules.ts';

/**
 * `gt_done`: the runner looked first, so the evidence is what the repository holds, not what the agent says. The bead goes to review with a merge
 * request (ST-4), or closes when there was nothing to change. Called again in the same run, it answers the same and does nothing.
 */
export function done(tx: Tx, { run, evidence }: Caller, args: ToolArgs<'done'>): Result<ToolAnswer> {
  const bead = run.beadId ? findBead(tx.sql, run.beadId) : null;
  if (!bead) return refuse(failure('no_hook'));
  if (run.doneAt !== null && run.headCommit === null) return ok(unchanged(bead));
  if (run.doneAt !== null) return ok(handedIn(bead, lastMergeOf(tx.sql, bead.id)?.id ?? null));
  if (bead.status !== 'in_progress') return refuse(failure('no_hook', `${bead.id} is ${bead.status}; it is not on your hook any more.`));
  const allowed = stepsAllow(tx, bead.id, args.force);
  if (!allowed.ok) return allowed;
  if (args.no_changes) return closeUnchanged(tx, run, bead, args);
  const seen = checkEvidence(run, evidence);
  return seen.ok ? handIn(tx, run, bead, seen.value, args) : seen;
}

function checkEvidence(run: Run, evidence: DoneEvidence | null): Result<DoneEvidence> {
  if (!evidence) return refuse(failure('not_pushed', 'The runner could not show your branch; commit your work and call again.'));
  if (evidence.branch !== run.branch)
    return refuse(failure('not_pushed', `Your branch is ${run.branch ?? 'unknown'}, not ${evidence.branch}.`));
  return evidence.ahead > 0 ? ok(evidence) : refuse(failure('nothing_done'));
}

function handIn(tx: Tx, run: Run, bead: Bead, seen: DoneEvidence, { summary, force }: ToolArgs<'done'>): Result<ToolAnswer> {
  const rig = bead.rigId ? findRig(tx.sql, bead.rigId) : null;
  if (!rig?.defaultBranch)
    return refuse(failure('not_pushed', 'The rig of your bead has no target branch at the moment; try again later.'));
  updateRun(tx, run, { done_at: tx.now, summary, head_commit: seen.headCommit, commits: JSON.stringify(seen.commits), failure: null });
  const mergeId = submitMerge(
    tx,
    {
      beadId: bead.id,
      rigId: rig.id,
      runId: run.id,
      agentId: run.agentId,
      branch: seen.branch,
      targetBranch: rig.defaultBranch,
      headCommit: seen.headCommit as Sha,
    },
    bead.title,
  );
  /** Commits that seem to be made for something else (GT-17): told, not refused. */
  const foreign = seen.commits.filter((commit) => commit.foreign !== undefined).length;
  mustMove(tx, bead.id, 'in_review', {
    data: { runId: run.id, mergeId, commits: seen.commits.length, ...(foreign > 0 && { foreign }), ...(force && { stepsOpen: force }) },
  });
  return ok(handedIn(bead, mergeId));
}

function closeUnchanged(tx: Tx, run: Run, bead: Bead, { summary, force }: ToolArgs<'done'>): Result<ToolAnswer> {
  updateRun(tx, run, { done_at: tx.now, summary, failure: null });
  /** Somebody wrote to it meanwhile: it reads that when its turn ends (AG-14). */
  if (unheard(tx, run).length === 0) endRun(tx, run, 'no_changes', null);
  mustMove(tx, bead.id, 'closed', { data: { runId: run.id, summary, noChanges: true, ...(force && { stepsOpen: force }) } });
  return ok(unchanged(bead));
}

const unchanged = (bead: Bead): ToolAnswer => ({
  summary: `${bead.id} is closed without changes.`,
  data: { bead_id: bead.id, status: 'closed' },
  links: [{ kind: 'bead', id: bead.id }],
});

const handedIn = (bead: Bead, mergeId: string | null): ToolAnswer => ({
  summary: `${bead.id} is handed in${mergeId ? ` as ${mergeId}` : ''}; the town tests and lands it as it is now, without what you commit later. End your turn; do not call ${toolLabel('done')} again.`,
  data: { bead_id: bead.id, merge_id: mergeId },
  links: [{ kind: 'bead', id: bead.id }, ...(mergeId ? [{ kind: 'merge' as const, id: mergeId }] : [])],
});
