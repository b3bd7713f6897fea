import type {
  EscalationRow,
  MailRow,
  MergeRow,
  NudgeRow,
  ParkedEffectRow,
  PermissionRow,
  QuarantineRow,
  RunRow,
  Sha,
  TriageRow,
} from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { readContainer } from '../container/store.ts';
import type { Escalation } from '../escalations/store.ts';
import type { Mail } from '../mail/store.ts';
import { allLinks, type Link } from '../links/store.ts';
import { laneQueue, type Merge } from '../merges/store.ts';
import type { Nudge } from '../messages/store.ts';
import { allEffects } from '../outbox/store.ts';
import type { Permission } from '../permissions/store.ts';
import type { Quarantined } from '../quarantine/store.ts';
import { awayOfRun } from '../runs/presence.ts';
import type { Run } from '../runs/store.ts';
import { usages } from '../spend/store.ts';
import { ACTIONS } from '../triage/request.ts';
import type { Triage } from '../triage/store.ts';

/** The replica rows of runs, merges, messages, escalations, parked effects and of input in quarantine. */
export function runRows(sql: Sql, runs: readonly Run[]): RunRow[] {
  const usage = usages(
    sql,
    'run',
    runs.map((run) => run.id),
  );
  const links = new Map<string, Link>(allLinks(sql).map((link) => [link.runnerId, link]));
  const container = readContainer(sql);
  return runs.map((run) => ({
    id: run.id,
    agentId: run.agentId,
    beadId: run.beadId,
    rigId: run.rigId,
    runnerId: run.runnerId,
    generation: run.generation,
    attempt: run.attempt,
    state: run.state,
    model: run.modelConfig?.model ?? run.model,
    effort: run.modelConfig?.effort ?? null,
    agentKind: run.agentKind,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    endReason: run.endReason,
    away: awayOfRun(run, links.get(run.runnerId), container),
    failure: run.failure,
    branch: run.branch,
    headCommit: run.headCommit as Sha | null,
    commits: run.commits,
    summary: run.summary,
    usage: usage(run.id),
  }));
}

export function mergeRows(sql: Sql, merges: readonly Merge[]): MergeRow[] {
  const places = new Map<string, number>();
  for (const lane of new Set(merges.filter((merge) => merge.place !== null).map((merge) => merge.lane))) {
    laneQueue(sql, lane).forEach((merge, at) => places.set(merge.id, at + 1));
  }
  return merges.map(({ lane: _lane, place: _place, ...merge }) => ({
    ...merge,
    headCommit: merge.headCommit as Sha,
    baseCommit: merge.baseCommit as Sha | null,
    mergeCommit: merge.mergeCommit as Sha | null,
    position: places.get(merge.id) ?? null,
  }));
}

export const nudgeRows = (nudges: readonly Nudge[]): NudgeRow[] =>
  nudges.map(({ again: _again, expiresAt: _expiresAt, ...nudge }) => nudge);
export const escalationRows = (list: readonly Escalation[]): EscalationRow[] =>
  list.map(({ closedAt: _closedAt, raises: _raises, raisedAt: _raisedAt, ...one }) => one);

/** Enough to see what it was. */
const SHOWN = 4_000;
export const quarantineRows = (rows: readonly Quarantined[]): QuarantineRow[] =>
  rows.map(({ actor: _actor, input, kept, id, ...row }) => ({
    ...row,
    id: id as QuarantineRow['id'],
    payload: input.slice(0, SHOWN),
    retriable: kept !== 'head',
  }));
export const mailRows = (list: readonly Mail[]): MailRow[] =>
  list.map(({ sender, senderId, carriedBy: _carried, nudgeId: _nudge, ...one }) => ({ ...one, from: sender, fromAgentId: senderId }));
export const triageRows = (list: readonly Triage[]): TriageRow[] =>
  list.map(({ subject: _subject, evidence: _evidence, ...one }) => ({ ...one, actions: [...ACTIONS[one.kind]] }));

export const permissionRows = (list: readonly Permission[]): PermissionRow[] => list.map(({ requestId: _request, ...one }) => one);

export const parkedRows = (sql: Sql, ids: ReadonlySet<string> | null): ParkedEffectRow[] =>
  allEffects(sql)
    .filter((effect) => effect.state === 'parked' && (!ids || ids.has(effect.id)))
    .map(({ id, kind, target, attempts, failure, dueAt }) => ({ id, kind, target, attempts, failure, at: dueAt }));
