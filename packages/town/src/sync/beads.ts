import { BLOCKING_TYPES, LIMITS, type BeadRow, type Sha, type WholeBeadRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { spawnerAwaited } from '../beads/blocking.ts';
import { edgesOf } from '../beads/dependencies.ts';
import { readyAmong } from '../beads/ready.ts';
import { beadsById, issuesById, textsBeyond, type Bead } from '../beads/store.ts';
import { questionOf } from '../escalations/store.ts';
import { mergesOfBeads, type Merge } from '../merges/store.ts';
import { effectsFor } from '../outbox/store.ts';
import { openPermissions } from '../permissions/store.ts';
import { remembering } from '../remembering.ts';
import { allRigs } from '../rigs/store.ts';
import { runTarget } from '../runs/begin.ts';
import { unready } from '../runs/charges.ts';
import { liveRuns, type Run } from '../runs/store.ts';
import { idPages } from '../sql.ts';
import { reachedAt, reachedByBeads } from '../spend/reached.ts';
import { usages } from '../spend/store.ts';
import { lookAround, waitOf, type StartSeen } from './waits.ts';

/** The replica rows of beads that are work. Agents, merge requests and escalations have tables of their own there. */
export function beadRows(sql: Sql, ids: readonly string[], whole?: ReturnType<typeof wholeTown>): WholeBeadRow[] {
  const beads = workOf(sql, ids);
  return beads.length === 0 ? [] : rowsOf(sql, beads, whole ?? wholeTown(sql));
}
const workOf = (sql: Sql, ids: readonly string[]): Bead[] => beadsById(sql, ids).filter((bead) => bead.type === 'issue');

function rowsOf(sql: Sql, beads: readonly Bead[], whole: ReturnType<typeof wholeTown>): WholeBeadRow[] {
  const near = { ...whole, ...surroundings(sql, beads) };
  const spent = reachedByBeads(
    sql,
    beads.filter((bead) => bead.overspent > 0).map((bead) => bead.id),
  );
  const money = (bead: Bead) => spent.get(bead.id) ?? (bead.rigId ? near.rigSpent.get(bead.rigId) : undefined);
  return beads.map((bead) => {
    const issue = near.issues.get(bead.id);
    const merge = near.merges.get(bead.id) ?? null;
    const edges = near.edges.get(bead.id) ?? [];
    const rig = near.rigs.get(bead.rigId ?? '') ?? null;
    const row = shown(bead);
    return {
      ...row,
      dependsOn: edges.map(({ dependsOn, type }) => ({ id: dependsOn, type })),
      wait: waitOf(
        bead,
        {
          rig,
          run: near.runs.get(bead.id) ?? null,
          asks: near.asks.get(near.runs.get(bead.id)?.id) ?? null,
          merge,
          edges,
          other: (id) => near.others.get(id),
          question: () => questionOfRun(sql, near.runs.get(bead.id)),
          start: () => startOf(sql, near.runs.get(bead.id)?.id),
          waitsFor: () => spawnerAwaited(sql, bead.id),
          money: () => money(bead) ?? null,
        },
        whole.around,
      ),
      ready: near.ready.has(bead.id),
      failure: bead.status === 'closed' ? null : (issue?.failure ?? null),
      attempts: issue?.attempts ?? 0,
      timeoutMs: issue?.timeoutMs ?? null,
      mergeId: merge?.id ?? null,
      landedCommit: merge?.phase === 'landed' ? (merge.mergeCommit as Sha | null) : null,
      usage: near.usage(bead.id),
    };
  });
}

const questionOfRun = (sql: Sql, run: Run | undefined): string | null => (run && questionOf(sql, run)?.id) ?? null;
/** Of so few the texts cannot be more than a frame carries. */
export const FEW = Math.floor(LIMITS.frameTextCharacters.value / LIMITS.importLineBytes.value);
/** For a frame: the texts of the newest, as many as it carries. Read page by page, so that the others are not in memory together. */
export function beadRowsOfFrame(sql: Sql, ids: readonly string[]): BeadRow[] {
  const without = ids.length > FEW ? textsBeyond(sql, ids, LIMITS.frameTextCharacters.value) : new Set<string>();
  if (without.size === 0) return beadRows(sql, ids);
  const whole = wholeTown(sql);
  return [...idPages(ids)].flatMap((page) => {
    const once = remembering(sql.unremembered ?? sql);
    return rowsOf(once, workOf(once, page), whole).map((row) => (without.has(row.id) ? { ...row, body: null } : row));
  });
}

/** Whether it is under way at this moment shows in no row: that changes when an effect is handed out, and no page is told of that. */
function startOf(sql: Sql, runId: string | undefined): StartSeen {
  const effects = runId === undefined ? [] : effectsFor(sql, runTarget(runId));
  return {
    unready: effects.flatMap(({ failure }) => unready(failure) ?? [])[0] ?? null,
    prepares: effects.some(({ extendedSince }) => extendedSince !== null),
  };
}

/** What the core keeps for its own rules does not travel. */
export function shown(bead: Bead) {
  const {
    blockers: _b,
    waits: _w,
    blocked: _f,
    deferredParents: _d,
    ephemeral: _e,
    retryAt: _r,
    overspent: _o,
    convoyHold: _c,
    ...row
  } = bead;
  return row;
}

/** What is the same for all beads. */
export function wholeTown(sql: Sql) {
  const live = liveRuns(sql);
  return {
    around: lookAround(sql, live),
    rigs: new Map<string, ReturnType<typeof allRigs>[number]>(allRigs(sql).map((rig) => [rig.id, rig])),
    runs: new Map(live.flatMap((run) => (run.beadId ? [[run.beadId, run] as const] : []))),
    asks: new Map<string | undefined, string>(
      openPermissions(sql)
        .toReversed()
        .map((asked) => [asked.runId, asked.id]),
    ),
  };
}
function surroundings(sql: Sql, beads: readonly Bead[]) {
  const ids = beads.map((bead) => bead.id);
  const edges = edgesOf(sql, ids);
  const ties = edges.filter((edge) => (BLOCKING_TYPES as readonly string[]).includes(edge.type)).map((edge) => edge.dependsOn);
  return {
    edges: Map.groupBy(edges, (edge): string => edge.beadId),
    others: new Map<string, Bead>((ties.length > 0 ? beadsById(sql, ties) : []).map((bead) => [bead.id, bead])),
    ready: readyAmong(sql, ids),
    issues: new Map(issuesById(sql, ids).map((issue) => [issue.beadId, issue])),
    merges: new Map<string, Merge>(mergesOfBeads(sql, ids).map((merge) => [merge.beadId, merge])),
    usage: usages(sql, 'bead', ids),
    rigSpent: reachedAt(sql, 'rig', [...new Set(beads.flatMap((bead) => bead.rigId ?? []))]),
  };
}
