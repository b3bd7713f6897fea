import { failure, ok, refuse, type ConvoyId, type Result } from '@gastown/protocol';
import { holdMembers, membersOf } from '../beads/membership.ts';
import { mustMove } from '../beads/status.ts';
import type { Bead } from '../beads/store.ts';
import { asBead } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { runsOfBead } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { theConvoy, type ConvoyAnswer } from './commands.ts';
import { updateConvoy } from './store.ts';

/** What has commits on a branch and has not landed: lost sight of when it is closed (CV-22). */
const unlanded = (tx: Tx, beads: readonly Bead[]): number =>
  beads.reduce((sum, bead) => sum + (runsOfBead(tx.sql, bead.id).findLast((run) => run.commits.length > 0)?.commits.length ?? 0), 0);

/**
 * By force before its time (CV-22): its open beads are closed with the reason, who works on them is stopped by the rule that follows beads, branches
 * stay. A bead that failed stays failed. Closing what is over is done already.
 */
export function closeConvoy(tx: Tx, id: ConvoyId, force: boolean): Result<ConvoyAnswer & { closed: number }> {
  const found = theConvoy(tx, id);
  if (!found.ok) return found;
  const { status } = found.value;
  if (status === 'landed' || status === 'cancelled') return ok({ convoyId: id, status, closed: 0 });
  const left = membersOf(tx.sql, id).filter((bead) => bead.status !== 'closed');
  if (left.length > 0 && !force) {
    const commits = unlanded(tx, left);
    return refuse(
      failure('convoy_open', `${id} has ${left.length} bead(s) that are not closed, with ${commits} commit(s) that are not landed.`, {
        convoyId: id,
        open: left.length,
        unlandedCommits: commits,
      }),
    );
  }
  updateConvoy(tx, id, { status: 'cancelled', paused: 0 });
  holdMembers(tx, id, null);
  mustMove(tx, id, 'closed', { data: { reason: 'closed by force' } });
  const open = left.filter((bead) => bead.status !== 'failed');
  for (const bead of open) mustMove(tx, bead.id, 'closed', { data: { reason: 'convoy closed', convoyId: id } });
  record(tx, { type: 'convoy_closed', beadId: asBead(id), data: { closed: open.length, failed: left.length - open.length } });
  return ok({ convoyId: id, status: 'cancelled', closed: open.length });
}
