import { retriesDue } from './beads/ready.ts';
import { endDeferrals } from './beads/holding.ts';
import { findBead, updateBead } from './beads/store.ts';
import { keepToClock } from './clock.ts';
import { containerDue, keepContainer } from './container/rule.ts';
import { restartWedged } from './container/wedged.ts';
import { settleConvoys } from './convoys/rule.ts';
import { closeEscalationsOf } from './escalations/commands.ts';
import { allOpenEscalations } from './escalations/store.ts';
import { effectsWithoutOutcome } from './effects/outcomes.ts';
import { touchWaiting } from './gates.ts';
import { giveUpAway } from './links/commands.ts';
import { deliverMail } from './mail/rule.ts';
import { advanceLanes } from './merges/queue.ts';
import { settleMerges } from './merges/settle.ts';
import { nudgesExpired } from './messages/store.ts';
import { settleMolecules } from './molecules/commands.ts';
import { watchAlerts } from './patrols/alerts.ts';
import { raiseEscalations } from './patrols/raise.ts';
import { retireAgents } from './patrols/retire.ts';
import { patrolEnds, watchRuns } from './patrols/rules.ts';
import { expirePermissions, settlePermissions } from './permissions/rule.ts';
import { placeErrands } from './runners/errands.ts';
import { tellLooks } from './rigs/looks.ts';
import { watchStandings } from './runners/rule.ts';
import { endHold } from './runs/breaker.ts';
import { dispatch } from './runs/dispatch.ts';
import { endModelHold } from './runs/provider.ts';
import { followBeads } from './runs/follow.ts';
import { endMayorRetry, wakeMayor } from './runs/mayor.ts';
import { settleRuns } from './runs/settle.ts';
import { obeyStop } from './runs/stop.ts';
import { expireLeases } from './runs/starts.ts';
import { deliverNudges, finishTurns } from './runs/turns.ts';
import { expireUnread } from './runs/unread.ts';
import { RuleError } from './rule-error.ts';
import { keepLimits } from './spend/rule.ts';
import { settleTriage } from './triage/request.ts';
import { byRule, type Tx } from './tx.ts';

/**
 * Level-triggered rules over the rows as they are now, in the transaction of the command that woke them. First what is due (every due time that
 * has come is consumed here, so that the next wake is later), then consequences, until nothing changes any more.
 */
type Rule = readonly [name: string, act: (tx: Tx) => void];

const DUE: readonly Rule[] = [
  ['clock', keepToClock],
  /** Before the watchdogs: who was answered begins anew. */
  ['permissions', (tx) => (expirePermissions(tx), settlePermissions(tx))],
  ['leases', expireLeases],
  ['patrols', watchRuns],
  ['effects', effectsWithoutOutcome],
  ['wedged', restartWedged],
  ['away', giveUpAway],
  ['container', containerDue],
  ['retries', endRetries],
  ['deferrals', endDeferrals],
  ['breaker', endHolds],
  ['nudges', (tx) => nudgesExpired(tx.sql, tx.now).forEach((nudge) => expireUnread(tx, nudge))],
  ['mayor', endMayorRetry],
  ['raises', raiseEscalations],
  ['retirement', retireAgents],
];
const CONSEQUENCES: readonly Rule[] = [
  ['beads_to_runs', followBeads],
  ['stop', obeyStop],
  ['turns', finishTurns],
  ['permissions', settlePermissions],
  ['runs', settleRuns],
  ['patrols', patrolEnds],
  ['merges', settleMerges],
  ['convoys', settleConvoys],
  ['escalations', closeSettled],
  ['alerts', watchAlerts],
  ['triage', settleTriage],
  ['molecules', settleMolecules],
  ['lanes', advanceLanes],
  ['limits', keepLimits],
  ['dispatch', dispatch],
  ['mail', deliverMail],
  ['mayor', wakeMayor],
  ['nudges', deliverNudges],
  ['errands', placeErrands],
  ['looks', tellLooks],
  ['runners', watchStandings],
  ['container', keepContainer],
];
export const RULE_NAMES: readonly string[] = [...new Set([...DUE, ...CONSEQUENCES].map(([name]) => name))];
/** Consequences follow from consequences a few steps deep; more would be a cycle, which is a bug (I8). */
const PASSES = 12;

/** How a look of the rules is taken: without some of them, and with somebody who is told what each changed. */
export interface Look {
  /** Rules that broke in this very transaction before: it is done again without them (RC-15). */
  readonly without?: ReadonlySet<string>;
  readonly ruled?: (rule: string, changes: number, tx: Tx) => void;
}

export function reconcile(tx: Tx, look: Look = {}): void {
  for (const rule of DUE) apply(tx, look, rule);
  for (let pass = 0; pass < PASSES; pass += 1) {
    const moved = CONSEQUENCES.filter((rule) => apply(tx, look, rule));
    const last = moved.at(-1);
    if (!last) return;
    if (pass === PASSES - 1) throw new RuleError(last[0], new Error('the rules do not settle'));
  }
}

/** A rule that throws names itself: the transaction is undone, and may be done without it (RC-15). Whether it changed something. */
function apply(tx: Tx, { without, ruled }: Look, [name, act]: Rule): boolean {
  if (without?.has(name)) return false;
  const before = tx.touched.changes;
  try {
    act(byRule(tx, name));
  } catch (error) {
    throw new RuleError(name, error);
  }
  const changes = tx.touched.changes - before;
  if (changes > 0) ruled?.(name, changes, tx);
  return changes > 0;
}

/** What is not started for a while, may be again. */
function endHolds(tx: Tx): void {
  if (endHold(tx)) touchWaiting(tx);
  endModelHold(tx);
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
