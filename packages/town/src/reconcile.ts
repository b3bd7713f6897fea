import { retriesDue } from './beads/ready.ts';
import { endDeferrals } from './beads/holding.ts';
import { findBead, updateBead } from './beads/store.ts';
import { containerDue, keepContainer } from './container/rule.ts';
import { closeEscalationsOf } from './escalations/commands.ts';
import { allOpenEscalations } from './escalations/store.ts';
import { effectsWithoutOutcome } from './effects/outcomes.ts';
import { touchWaiting } from './gates.ts';
import { advanceLanes } from './merges/queue.ts';
import { settleMerges } from './merges/settle.ts';
import { expireNudge, nudgesExpired } from './messages/store.ts';
import { endHold } from './runs/breaker.ts';
import { dispatch } from './runs/dispatch.ts';
import { followBeads } from './runs/follow.ts';
import { endMayorRetry, wakeMayor } from './runs/mayor.ts';
import { settleRuns } from './runs/settle.ts';
import { expireLeases } from './runs/starts.ts';
import { deliverNudges, finishTurns } from './runs/turns.ts';
import { byRule, type Tx } from './tx.ts';

/**
 * Level-triggered rules over the rows as they are now, in the transaction of the command that woke them. First what is due (every due time that
 * has come is consumed here, so that the next wake is later), then consequences, until nothing changes any more.
 */
type Rule = readonly [name: string, act: (tx: Tx) => void];

const DUE: readonly Rule[] = [
  ['leases', expireLeases],
  ['effects', effectsWithoutOutcome],
  ['container', containerDue],
  ['retries', endRetries],
  ['deferrals', endDeferrals],
  ['breaker', (tx) => void (endHold(tx) && touchWaiting(tx))],
  ['nudges', (tx) => nudgesExpired(tx.sql, tx.now).forEach((nudge) => expireNudge(tx, nudge))],
  ['mayor', endMayorRetry],
];
const CONSEQUENCES: readonly Rule[] = [
  ['beads_to_runs', followBeads],
  ['turns', finishTurns],
  ['runs', settleRuns],
  ['merges', settleMerges],
  ['escalations', closeSettled],
  ['lanes', advanceLanes],
  ['dispatch', dispatch],
  ['mayor', wakeMayor],
  ['nudges', deliverNudges],
  ['container', keepContainer],
];
/** Consequences follow from consequences a few steps deep; more would be a cycle, which is a bug (I8). */
const PASSES = 12;

export function reconcile(tx: Tx): void {
  for (const [name, act] of DUE) act(byRule(tx, name));
  for (let pass = 0; pass < PASSES; pass += 1) {
    const before = tx.touched.changes;
    for (const [name, act] of CONSEQUENCES) act(byRule(tx, name));
    if (tx.touched.changes === before) return;
  }
  throw new Error('reconcile does not settle');
}

function endRetries(tx: Tx): void {
  for (const id of retriesDue(tx.sql, tx.now)) updateBead(tx, id, { retry_at: null });
}

/** What was asked about a bead that is closed now is settled (ES-6). */
function closeSettled(tx: Tx): void {
  for (const { beadId } of allOpenEscalations(tx.sql)) {
    if (beadId && tx.touched.beads.has(beadId) && findBead(tx.sql, beadId)?.status === 'closed') closeEscalationsOf(tx, beadId);
  }
}
