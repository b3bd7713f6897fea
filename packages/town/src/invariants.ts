import { BeadStatus, type BeadType } from '@gastown/protocol';
import { allAgents } from './agents/store.ts';
import type { Sql } from './api.ts';
import { holdsBy } from './beads/blocking.ts';
import { allEdges, isExternal } from './beads/dependencies.ts';
import { allBeadIds, allBeads, allIssues, beadsById, type Bead } from './beads/store.ts';
import { readTown } from './config/store.ts';
import { allOpenEscalations, newestEscalations } from './escalations/store.ts';
import { newestEvents, statusEvents, type StatusEvent } from './ledger/store.ts';
import { newestMerges, queuedMergesOf } from './merges/store.ts';
import { newestNudges } from './messages/store.ts';
import { allEffects } from './outbox/store.ts';
import { allRigs } from './rigs/store.ts';
import { liveRuns, newestRuns } from './runs/store.ts';
import { beadRows } from './sync/beads.ts';
import { BEAD_MOVES, mayMove } from './transitions.ts';

/**
 * What must always hold (reliability §2), as pure reads over a whole store: after each step of a test, and over a living town by the doctor.
 * They read everything on purpose; no rule of the town calls them.
 */
export interface Finding {
  readonly invariant: 'DM-15' | 'I1' | 'I2' | 'I3' | 'I6' | 'I7' | 'I10' | 'I12';
  readonly message: string;
}
type Check = (sql: Sql, now: number) => string[];

const CHECKS: Readonly<Record<Finding['invariant'], Check>> = {
  'DM-15': readableRows,
  I1: nothingLost,
  I2: oneHolder,
  I3: noOrphan,
  I6: noSilentChange,
  I7: legalMoves,
  I10: nothingStuck,
  I12: acyclic,
};
export const checkInvariants = (sql: Sql, now: number): Finding[] =>
  (Object.keys(CHECKS) as Finding['invariant'][]).flatMap((invariant) =>
    CHECKS[invariant](sql, now).map((message) => ({ invariant, message })),
  );

/** DM-15: rows that nothing here can read are skipped by the town; here they are named. */
function readableRows(sql: Sql): string[] {
  const found = new Set<string>();
  const listening: Sql = { ...sql, unreadable: (finding) => void found.add(finding) };
  const many = Number.MAX_SAFE_INTEGER;
  const reads = [allBeads, allIssues, allAgents, allRigs, allEffects, allOpenEscalations, liveRuns] as const;
  const readsOf = [newestRuns, newestMerges, newestNudges, newestEscalations, newestEvents] as const;
  for (const read of reads) read(listening);
  for (const read of readsOf) read(listening, many);
  return [...found];
}

/** I1: every bead whose creation the ledger knows is there. */
function nothingLost(sql: Sql): string[] {
  const there = new Set<string>(allBeadIds(sql));
  return statusEvents(sql).flatMap((event) =>
    event.before === null && !there.has(event.beadId) ? [`${event.beadId} was created and is gone`] : [],
  );
}

/** I2: one live run a bead and an agent; its bead is at work or handed in; its generation is the newest. */
function oneHolder(sql: Sql): string[] {
  const found: string[] = [];
  const agents = new Set<string>();
  const beads = new Set<string>();
  const byId = new Map<string, Bead>(
    beadsById(
      sql,
      liveRuns(sql).flatMap((run) => run.beadId ?? []),
    ).map((bead) => [bead.id, bead]),
  );
  for (const run of liveRuns(sql)) {
    if (agents.has(run.agentId)) found.push(`${run.agentId} has two live runs`);
    agents.add(run.agentId);
    if (!run.beadId) continue;
    if (beads.has(run.beadId)) found.push(`${run.beadId} has two live runs`);
    beads.add(run.beadId);
    const bead = byId.get(run.beadId);
    if (!bead) found.push(`${run.id} works on a bead that is not there`);
    else if (run.doneAt === null && bead.status !== 'in_progress') found.push(`${run.id} works on ${bead.id}, which is ${bead.status}`);
    else if (bead.status === 'in_progress' && bead.assigneeId !== run.agentId)
      found.push(`${bead.id} is assigned to another agent than works on it`);
  }
  return found;
}

/** I3: a live run of a bead is watched by a lease, by its start effect, or by the turn that ended it a moment ago. */
function noOrphan(sql: Sql): string[] {
  const effects = allEffects(sql).filter((effect) => effect.state !== 'parked');
  return liveRuns(sql).flatMap((run) => {
    const watched = run.leaseUntil !== null || effects.some((effect) => effect.target === `run:${run.id}`);
    if (watched || (run.state === 'idle' && run.beadId === null)) return [];
    return [`${run.id} is ${run.state} and nobody would notice its loss`];
  });
}

function replay(events: readonly StatusEvent[]): { statuses: Map<string, string>; breaks: string[] } {
  const statuses = new Map<string, string>();
  const breaks: string[] = [];
  for (const event of events) {
    const before = statuses.get(event.beadId) ?? null;
    if (before !== event.before) breaks.push(`event ${event.id} says ${event.beadId} was ${event.before}, it was ${before}`);
    statuses.set(event.beadId, event.after);
  }
  return { statuses, breaks };
}

/** I6: replaying the ledger gives the table. */
function noSilentChange(sql: Sql): string[] {
  const { statuses, breaks } = replay(statusEvents(sql));
  const wrong = allBeads(sql).filter((bead) => statuses.get(bead.id) !== bead.status);
  return [...breaks, ...wrong.map((bead) => `${bead.id} is ${bead.status}, its ledger says ${statuses.get(bead.id) ?? 'nothing'}`)];
}

/** I7: what the town did by itself is in the table of moves. */
function legalMoves(sql: Sql): string[] {
  const types = new Map<string, BeadType>(allBeads(sql).map((bead) => [bead.id, bead.type]));
  return statusEvents(sql).flatMap((event) => {
    const type = types.get(event.beadId);
    if (event.before === null || event.actorKind === 'person' || !type) return [];
    const legal = mayMove(BEAD_MOVES[type], BeadStatus.parse(event.before), BeadStatus.parse(event.after));
    return legal ? [] : [`event ${event.id} moved the ${type} ${event.beadId} from ${event.before} to ${event.after}`];
  });
}

/** I10: what is not closed or failed shows a cause, and the cause is true. */
function nothingStuck(sql: Sql, now: number): string[] {
  if (readTown(sql)?.deletedAt !== null) return [];
  const open = allBeads(sql).filter((bead) => bead.type === 'issue' && bead.status !== 'closed' && bead.status !== 'failed');
  const rows = beadRows(
    sql,
    open.map((bead) => bead.id),
  );
  const working = new Set<string | null>(liveRuns(sql).map((run) => run.beadId));
  const queued = new Set<string>(
    queuedMergesOf(
      sql,
      rows.map((row) => row.id),
    ).map((merge) => merge.beadId),
  );
  return rows.flatMap((row) => {
    const code = row.wait?.code;
    if (!code) return [`${row.id} is ${row.status} without a cause`];
    if (code === 'agent_working' && !working.has(row.id)) return [`${row.id} says that an agent works on it; none does`];
    if ((code === 'in_queue' || code === 'testing' || code === 'landing') && !queued.has(row.id))
      return [`${row.id} says ${code}; it has no merge`];
    const until = row.wait?.until ?? null;
    if (code === 'retry_later' && until !== null && until < now - 3_600_000) return [`${row.id} should have been tried again long ago`];
    return [];
  });
}

/** I12: no circle of `blocks`; the counter of open blockers is right; nothing blocked is at work by the town's doing. */
function acyclic(sql: Sql): string[] {
  const edges = allEdges(sql).filter((edge) => edge.type === 'blocks' || edge.type === 'conditional-blocks');
  const beads = new Map<string, Bead>(allBeads(sql).map((bead) => [bead.id, bead]));
  const found: string[] = [];
  for (const bead of beads.values()) {
    const open = edges.filter((edge) => {
      const other = beads.get(edge.dependsOn);
      return edge.beadId === bead.id && (other ? holdsBy(edge.type, other) : isExternal(edge.dependsOn));
    }).length;
    if (open !== bead.blockers) found.push(`${bead.id} counts ${bead.blockers} blockers and has ${open}`);
  }
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string): boolean => {
    if (state.get(id) === 'done') return false;
    if (state.get(id) === 'open') return true;
    state.set(id, 'open');
    const circle = edges.filter((edge) => edge.beadId === id).some((edge) => visit(edge.dependsOn));
    state.set(id, 'done');
    return circle;
  };
  if (edges.some((edge) => visit(edge.beadId))) found.push('the dependencies have a circle');
  return found;
}
