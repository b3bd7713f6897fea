import type { Failure, FailureCode } from '@gastown/protocol';
import type { Run } from './store.ts';

/**
 * What a run's end costs its bead (RC-17, RC-18, RC-31, RC-34):
 * `attempt` counts to `attemptsPerBead`; `start` counts to `dispatchAttempts`; `provider` waits and tries again without counting to a failure;
 * `final`: the bead fails, because the same again cannot end otherwise (ST-12);
 * `free` costs nothing: the machine, a setting or a person was the cause, and what holds the bead now shows as its wait.
 */
export type Charge = 'attempt' | 'start' | 'provider' | 'free' | 'final';

const BY_CODE: Partial<Record<FailureCode, Charge>> = {
  runner_lost: 'free',
  runner_drained: 'free',
  runner_wedged: 'free',
  runner_unavailable: 'free',
  runner_full: 'free',
  runner_keeping: 'free',
  container_failed: 'free',
  bead_timeout: 'final',
  stopped_by_person: 'free',
  stopped_by_triage: 'free',
  budget_spent: 'free',
  town_stopped: 'free',
  no_model: 'free',
  model_key_refused: 'free',
  model_quota_spent: 'free',
  repository_unreachable: 'free',
  repository_not_found: 'free',
  repository_refused: 'free',
  target_missing: 'free',
  model_unreachable: 'provider',
  model_rate_limited: 'provider',
  model_overloaded: 'provider',
};
/** A start that could not begin yet, for want of room or of order: it is the same start again, later (CT-13). */
export type Unready = 'runner_full' | 'runner_keeping';
export const unready = (failure: Failure | null): Unready | null =>
  failure?.code === 'runner_full' || failure?.code === 'runner_keeping' ? failure.code : null;

const BREAKS_RIG: readonly FailureCode[] = ['repository_unreachable', 'repository_not_found', 'repository_refused', 'target_missing'];

export function chargeOf(run: Pick<Run, 'failure' | 'sessionId'>): Charge {
  if (!run.failure) return 'free';
  return BY_CODE[run.failure.code] ?? (run.sessionId === null ? 'start' : 'attempt');
}
/** The work goes on later with the same agent and what was said to it: money ran out, or the town was stopped. */
export const isInterrupted = (run: Pick<Run, 'failure'>): boolean =>
  run.failure?.code === 'budget_spent' || run.failure?.code === 'town_stopped';
export const breaksRig = (code: FailureCode): boolean => BREAKS_RIG.includes(code);
