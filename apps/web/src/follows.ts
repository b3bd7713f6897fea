import { nextStep, whoActs, type BeadRow, type Failure, type RunRow } from '@gastown/protocol';

type OfBead = Pick<BeadRow, 'status' | 'landedCommit'>;

/** What comes next after a run that failed, as its bead stands now: what a person can do, or else what the town does. */
export function followsRun(
  run: Pick<RunRow, 'id' | 'beadId'>,
  failure: Failure,
  bead: OfBead | undefined,
  newest: RunRow['id'] | null,
): string {
  const step = nextStep(failure);
  if (failure.next !== undefined || whoActs(failure.code) === 'person') return step;
  if (run.beadId === null) return 'You need do nothing: the next message begins a new session.';
  return bead ? followsTry(bead, newest !== null && newest !== run.id) : step;
}

/** After a try of a bead that failed, for which nobody has to do anything now. */
export function followsTry(bead: OfBead, another: boolean): string {
  switch (bead.status) {
    case 'failed':
      return 'The bead was given up: no run follows by itself. Retry it when what stood in its way is gone.';
    case 'closed':
      return bead.landedCommit ? 'You need do nothing: the bead has landed since.' : 'You need do nothing: the bead is closed.';
    case 'in_review':
      return 'You need do nothing: its work was handed in since.';
    case 'in_progress':
      return another ? 'You need do nothing: another run has the bead.' : 'You need do nothing: an agent has the bead.';
    case 'open':
      return 'You need do nothing: the bead goes to another run.';
  }
}
