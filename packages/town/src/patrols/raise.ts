import { LIMITS, type Severity } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { rankOf, updateBead } from '../beads/store.ts';
import { allOpenEscalations, raiseSeverity, type Escalation } from '../escalations/store.ts';
import { record } from '../ledger/store.ts';
import type { Tx } from '../tx.ts';
import { threshold } from './settings.ts';

/** An escalation that nobody acknowledges becomes more severe, a bounded number of times and never beyond critical (ES-5). */
const NEXT: Readonly<Record<Severity, Severity | null>> = { low: 'medium', medium: 'high', high: 'critical', critical: null };

const dueAt = (sql: Sql, one: Escalation): number | null =>
  NEXT[one.severity] === null || one.raises >= LIMITS.escalationRaises.value
    ? null
    : (one.raisedAt ?? one.createdAt) + threshold(sql, 'reescalateMs');

export function raiseEscalations(tx: Tx): void {
  for (const one of allOpenEscalations(tx.sql)) {
    const due = dueAt(tx.sql, one);
    const next = NEXT[one.severity];
    if (due === null || due > tx.now || next === null) continue;
    raiseSeverity(tx, one.id, next);
    updateBead(tx, one.id, { rank: rankOf(next), updated_at: tx.now });
    record(tx, {
      type: 're_escalated',
      beadId: one.id,
      agentId: one.agentId,
      data: { source: one.beadId, from: one.severity, to: next, set: { rank: rankOf(next) } },
    });
  }
}
/** At most three of these for one escalation; then a town that waits for a person has no time of its own again (P7). */
export function nextRaise(sql: Sql): number | null {
  const times = allOpenEscalations(sql).flatMap((one) => dueAt(sql, one) ?? []);
  return times.length === 0 ? null : Math.min(...times);
}
