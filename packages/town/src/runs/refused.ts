import { failure, FAILURE_CODES, FAILURES, whoActs, type Failure, type FailureCode } from '@gastown/protocol';
import { doubtRig, lookAtRig } from '../rigs/looks.ts';
import { packed } from '../sql.ts';
import type { Tx } from '../tx.ts';
import { breaksRig } from './charges.ts';
import { touchRun, updateRun, type Run } from './store.ts';

/**
 * The repository did not take what a run handed in. The last such refusal is kept as the failure of the run, which goes on, until it hands in or ends: run and bead say it at once
 * (I10). Of a repository that is away the rig says it too, and is looked at; of one that another git has locked, too. The same once more changes nothing.
 */
export function handInRefused(tx: Tx, run: Run, why: Failure): void {
  if (run.beadId === null || run.sessionId === null || run.doneAt !== null) return;
  const cause = causeOf(why);
  const kept = packed({ ...why, next: stepOf(cause) ?? 'Nothing: its agent was told how to mend it.' });
  if (kept === packed(run.failure)) return;
  updateRun(tx, run, { failure: kept, last_activity_at: tx.now });
  touchRun(tx, run, 'bead');
  if (run.rigId === null || cause === null || cause === causeOf(run.failure)) return;
  if (breaksRig(cause)) doubtRig(tx, run.rigId, failure(cause, why.message, why.details));
  else if (cause === 'repository_locked') lookAtRig(tx, run.rigId);
}

/** What the runner met. */
function causeOf(why: Failure | null): FailureCode | null {
  const cause = why?.details?.['cause'];
  return FAILURE_CODES.find((code) => code === cause) ?? null;
}
/** What a person can do about it: what else stands in the way its agent mends, or it passes. */
const stepOf = (cause: FailureCode | null): string | undefined =>
  cause !== null && whoActs(cause) === 'person' ? FAILURES[cause].next : undefined;

/** Why a run is ended that ended its turns without a hand-in. */
export function withoutDone({ failure: refused }: Pick<Run, 'failure'>, turns: number): Failure {
  const said = `The agent ended its turn ${turns} times without gt_done`;
  if (refused === null) return failure('ended_without_done', `${said}.`);
  const cause = causeOf(refused);
  /** Its agent could not mend that the branch to land on is gone, or has another name since it began. */
  const code = cause === 'target_missing' ? cause : 'ended_without_done';
  return failure(code, `${said}: its hand-in was refused. ${refused.message}`, refused.details, stepOf(cause));
}
