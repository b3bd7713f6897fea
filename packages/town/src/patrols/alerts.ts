import { nextStep, type AgentId } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { theTown } from '../config/store.ts';
import { closeAlert, escalate } from '../escalations/commands.ts';
import { allOpenEscalations, newestEscalations, newestOfTopic, type Escalation } from '../escalations/store.ts';
import { countQueued } from '../merges/store.ts';
import { allEffects } from '../outbox/store.ts';
import { failedSince, runsById } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { isEvidence } from './crashes.ts';
import { threshold } from './settings.ts';

/**
 * What of the town itself needs a look (PT-13): each raises one escalation and closes it when it is over. A person who acknowledged one has seen it:
 * it is not raised again for as long as an escalation waits before it is raised (ES-4). Lifecycle escalations are no evidence: an alert never feeds one (I8).
 */
interface State {
  readonly wrong: string | null;
  /** When that ends by itself, with nothing more happening; null: only by something that happens. */
  readonly until: number | null;
}
const FINE: State = { wrong: null, until: null };
const HOUR_MS = 3_600_000;
const RESTARTS = 'restarts:';

function stateOf(sql: Sql, topic: string, now: number, open: boolean): State {
  if (topic === 'effects') return pile(allEffects(sql).length, threshold(sql, 'alertEffects'), open, 'effects wait for an outcome');
  if (topic === 'merge_queue') return pile(countQueued(sql), threshold(sql, 'alertMergeQueue'), open, 'merge requests are in line');
  if (topic === 'escalations') return crowd(sql, now);
  if (topic === 'model') return refusedModel(sql);
  return topic.startsWith(RESTARTS) ? restarts(sql, topic.slice(RESTARTS.length), now) : FINE;
}
/** The key, or the account behind it: nothing is started until that is put right. */
function refusedModel(sql: Sql): State {
  const why = theTown(sql).modelFailure;
  return why && why.code !== 'no_model' ? { wrong: `${why.message} ${nextStep(why)} No agent is started until then.`, until: null } : FINE;
}
/** An alert that is open stays until a quarter is gone: a pile that goes up and down by one is one alert, not hundreds. */
const OVER = 0.75;
const pile = (found: number, allowed: number, open: boolean, what: string): State =>
  found >= allowed || (open && found > Math.floor(allowed * OVER))
    ? { wrong: `${found} ${what}: more than the town gets done.`, until: null }
    : FINE;

function crowd(sql: Sql, now: number): State {
  const allowed = threshold(sql, 'alertEscalationsAnHour');
  const recent = newestEscalations(sql, 2 * allowed).filter((one) => one.category !== 'lifecycle' && one.createdAt > now - HOUR_MS);
  const last = recent[allowed - 1];
  return last ? { wrong: `${recent.length} escalations within an hour.`, until: last.createdAt + HOUR_MS } : FINE;
}
function restarts(sql: Sql, agentId: string, now: number): State {
  const allowed = threshold(sql, 'alertRestarts');
  const windowMs = threshold(sql, 'crashLoopWindowMs');
  const failed = failedSince(sql, agentId, now - windowMs, allowed);
  const last = failed[allowed - 1];
  const innocent = failed.filter((run) => !isEvidence(run)).length;
  const name = findAgent(sql, agentId)?.name ?? agentId;
  return last
    ? {
        wrong: `${name} was started again and again: ${allowed} runs failed within ${Math.round(windowMs / 60_000)} minutes${innocent === 0 ? '' : `, ${innocent === allowed ? 'all' : innocent} of them by no fault of its own`}.`,
        until: (last.endedAt ?? now) + windowMs,
      }
    : FINE;
}

/** Rule: looks at what this transaction may have made worse, and at what is open. */
export function watchAlerts(tx: Tx): void {
  const open = new Map(allOpenEscalations(tx.sql).flatMap((one) => (one.topic ? [[one.topic, one] as const] : [])));
  for (const topic of new Set([...open.keys(), ...suspects(tx)])) watch(tx, topic, open.get(topic));
}
function suspects(tx: Tx): string[] {
  const { merges, runs, escalations, town } = tx.touched;
  return [
    'effects',
    ...(town.size > 0 ? ['model'] : []),
    ...(merges.size > 0 ? ['merge_queue'] : []),
    ...(escalations.size > 0 ? ['escalations'] : []),
    ...(runs.size > 0 ? runsById(tx.sql, runs) : [])
      .filter((run) => run.endReason === 'failed' && run.endedAt === tx.now)
      .map((run) => RESTARTS + run.agentId),
  ];
}
function watch(tx: Tx, topic: string, open: Escalation | undefined): void {
  const { wrong } = stateOf(tx.sql, topic, tx.now, open !== undefined);
  if (wrong === null && open) return closeAlert(tx, open.id);
  if (wrong === null || open || wasSeen(tx, topic)) return;
  const agentId = topic.startsWith(RESTARTS) ? (topic.slice(RESTARTS.length) as AgentId) : null;
  escalate(tx, { beadId: null, rigId: null, agentId, severity: 'high', category: 'lifecycle', message: wrong, topic });
}
function wasSeen(tx: Tx, topic: string): boolean {
  const last = newestOfTopic(tx.sql, topic);
  return last !== null && last.acknowledgedBy !== 'town' && (last.closedAt ?? 0) > tx.now - threshold(tx.sql, 'reescalateMs');
}

/** When an open alert ends by itself: whatever the time is now. */
export function nextAlertEnd(sql: Sql): number | null {
  const times = allOpenEscalations(sql).flatMap((one) => (one.topic ? (stateOf(sql, one.topic, 0, true).until ?? []) : []));
  return times.length === 0 ? null : Math.min(...times);
}
