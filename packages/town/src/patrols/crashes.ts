import { LIMITS } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import { chargeOf } from '../runs/charges.ts';
import { failedSince, type Run } from '../runs/store.ts';
import { requestTriage } from '../triage/request.ts';
import { lastAnswered } from '../triage/store.ts';
import type { Tx } from '../tx.ts';
import { threshold } from './settings.ts';

/** As many failed runs of one agent as are looked at; a town may ask for more than this only in vain. */
const LOOKED_AT = 100;
/** What the machine, a provider or a patrol caused says nothing of the agent (PT-9, I8). */
export const isEvidence = (run: Run): boolean => ['attempt', 'start'].includes(chargeOf(run)) && run.failure?.source === undefined;

/** One agent that failed again and again within the window: somebody is asked once. What was answered is evidence no more. */
export function watchCrashes(tx: Tx, run: Run): void {
  if (run.endReason !== 'failed' || run.beadId === null || !isEvidence(run)) return;
  const since = Math.max(tx.now - threshold(tx.sql, 'crashLoopWindowMs'), lastAnswered(tx.sql, 'crash_loop', run.agentId));
  const failed = failedSince(tx.sql, run.agentId, since, LOOKED_AT).filter(isEvidence);
  if (failed.length < threshold(tx.sql, 'crashLoopFailures')) return;
  const name = findAgent(tx.sql, run.agentId)?.name ?? run.agentId;
  const minutes = Math.round(threshold(tx.sql, 'crashLoopWindowMs') / 60_000);
  const message = `${name} failed ${failed.length} times within ${minutes} minutes, the last time: ${run.failure?.message ?? 'without a reason'}`;
  requestTriage(tx, {
    kind: 'crash_loop',
    subject: run.agentId,
    agentId: run.agentId,
    beadId: run.beadId,
    rigId: run.rigId,
    message: message.slice(0, LIMITS.bodyCharacters.value),
    evidence: { runIds: failed.map(({ id }) => id) },
  });
}
