import { theMayor, updateAgent } from '../agents/store.ts';
import { HOME_RUNNER, LIMITS } from '@gastown/protocol';
import { theTown } from '../config/store.ts';
import { readContainer } from '../container/store.ts';
import { modelGate } from '../gates.ts';
import { homeLink } from '../links/store.ts';
import { agentsWithOpenNudges } from '../messages/store.ts';
import { isOver, isToCome } from '../over.ts';
import { reachedAt } from '../spend/reached.ts';
import type { Tx } from '../tx.ts';
import { beginRun } from './begin.ts';
import { isHeld, lastRunOfAgent } from './store.ts';

/** Rule: somebody wrote to the Mayor and it has no session: it gets one in the container, resuming the last (MY-12, MY-14). A quiet Mayor needs none. */
export function wakeMayor(tx: Tx): void {
  const mayor = theMayor(tx.sql);
  if (!agentsWithOpenNudges(tx.sql).includes(mayor.id) || isHeld(tx.sql, mayor.id, null)) return;
  if (mayor.paused || mayor.retryAt !== null) return;
  if (mayor.failures >= LIMITS.dispatchAttempts.value && !isCooledDown(tx, mayor.id)) return;
  if (reachedAt(tx.sql, 'agent', [mayor.id]).get(mayor.id)?.kind === 'hard') return;
  if (modelGate(tx.sql, theTown(tx.sql)) || ['failed', 'stopping'].includes(readContainer(tx.sql).state)) return;
  if (homeLink(tx.sql).drainingAt !== null) return;
  beginRun(tx, mayor, null, HOME_RUNNER);
}

/** Out of tries, and usable again after a while when the town is awake anyway (RC-33). */
function isCooledDown(tx: Tx, mayorId: string): boolean {
  const endedAt = lastRunOfAgent(tx.sql, mayorId)?.endedAt ?? 0;
  return tx.now - endedAt > LIMITS.attemptsCoolDownMs.value || isToCome(endedAt, tx.now);
}

/** Due work: the time to try the Mayor again has come. */
export function endMayorRetry(tx: Tx): void {
  const mayor = theMayor(tx.sql);
  if (mayor.retryAt === null || !isOver(mayor.retryAt, tx.now, LIMITS.effectRetryCapMs.value)) return;
  updateAgent(tx, mayor.id, { retry_at: null });
}
/** A person wrote, or the Mayor worked: what failed before is forgotten. */
export function forgiveMayor(tx: Tx): void {
  const mayor = theMayor(tx.sql);
  if (mayor.failures > 0) updateAgent(tx, mayor.id, { failures: 0, retry_at: null });
}
