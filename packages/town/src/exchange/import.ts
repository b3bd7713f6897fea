import {
  failure,
  LIMITS,
  ok,
  refuse,
  SPLIT_IMPORT,
  type ImportAnswer,
  type ImportedLine,
  type ImportId,
  type Result,
} from '@gastown/protocol';
import { linkBeads } from '../beads/bulk.ts';
import { createBeads, type Arrival } from '../beads/create.ts';
import { edgesOf } from '../beads/dependencies.ts';
import { newImportId } from '../ids.ts';
import { record, recordAll, type NewEvent } from '../ledger/store.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { inPages, type WantedEdge } from './edges.ts';
import { keyOf, planImport, type ImportPlan, type ImportWish, type Update } from './plan.ts';
import { keptLines } from './bad-lines.ts';
import { applyQuarantine, changesQuarantine } from './quarantine.ts';
import { isLonger } from './read.ts';
import { listed } from './listed.ts';
import { keepImport, keepLine, keepUntaken } from './store.ts';
import { applyUpdate, ranksUnsaid } from './update.ts';

/**
 * Beads of another tool come in (issue, Build 6): all that can be taken or, when something breaks or the file is too long, nothing. A line that cannot is told and stops no other. The
 * same file again changes nothing and writes nothing. What is bad is kept for a person (`quarantine.ts`).
 */
export function importBeads(tx: Tx, wish: ImportWish): Result<ImportAnswer> {
  const rig = findRig(tx.sql, wish.rigId);
  if (!rig || rig.state === 'removed') return refuse(failure('unknown_rig', `There is no rig ${wish.rigId}.`, { rigId: wish.rigId }));
  const most = LIMITS.importLines.value;
  if (isLonger(wish.text, most))
    return refuse(failure('too_large', `The file has more than ${most} lines; nothing came in.`, { most }, SPLIT_IMPORT));
  const plan = planImport(tx, wish);
  const writes = !wish.dryRun && (plan.births.length + plan.updates.length + plan.ties.length > 0 || changesQuarantine(plan.quarantine));
  const { keep, mended, replaced } = plan.quarantine;
  const keptBad = keptLines(tx.sql, undefined).length + keep.length - mended.length - replaced.length;
  return ok(answerOf({ ...wish, keptBad }, plan, writes ? apply(tx, wish, plan) : null));
}

function apply(tx: Tx, wish: ImportWish, plan: ImportPlan): ImportId {
  const importId = newImportId(tx);
  keepImport(tx, importId, wish.rigId, plan.births.length, plan.updates.length + plan.ties.length);
  const { arrivals, later } = told(importId, plan);
  createBeads(tx, arrivals);
  for (const update of plan.updates) applyUpdate(tx, update, importId, wish.start ?? false);
  linkBeads(
    tx,
    plan.edges.taken.map(({ from, to, type, gate }) => ({ beadId: from, dependsOn: to, type, gate })),
  );
  recordAll(tx, later);
  tellImport(tx, importId, wish.rigId, plan);
  keepLines(tx, importId, plan);
  applyQuarantine(tx, wish.rigId, importId, plan.quarantine);
  return importId;
}

/** After all that it did: of what is done at once a page is sent the newest events only (UI-12). */
function tellImport(tx: Tx, importId: ImportId, rigId: ImportWish['rigId'], { births, updates, ties }: ImportPlan): void {
  const [created, updated] = [births.length, updates.length + ties.length];
  if (created + updated > 0) record(tx, { type: 'imported', data: { importId, rigId, created, updated } });
}

/** A bead begins with one event that says all of it; dependencies that it does not begin with have their own. */
function told(importId: ImportId, { births, edges }: ImportPlan): { arrivals: Arrival[]; later: NewEvent[] } {
  const wanted = Map.groupBy(edges.taken, ({ from }) => from);
  const begun = new Set<WantedEdge>();
  const arrivals = births.map(({ bead, of }): Arrival => {
    const own = wanted.get(of.id) ?? [];
    const blocks = own.filter(({ type }) => type === 'blocks');
    const parent = own.find(({ type }) => type === 'parent-child');
    for (const edge of [...blocks, ...(parent ? [parent] : [])]) begun.add(edge);
    return {
      bead,
      told: {
        importId,
        ...(blocks.length > 0 && { dependsOn: blocks.map(({ to }) => to) }),
        ...(parent && { parent: parent.to }),
        ...(bead.failure && { failure: of.bead.failure }),
      },
    };
  });
  const later = edges.taken
    .filter((edge) => !begun.has(edge))
    .map(({ from, to, type, gate }): NewEvent => ({
      type: 'dependency_added',
      beadId: from,
      data: { dependsOn: to, type, ...(gate && { gate }) },
    }));
  return { arrivals, later };
}

function keepLines(tx: Tx, importId: ImportId, plan: ImportPlan): void {
  const untaken = Map.groupBy(plan.edges.untaken.keys(), ({ line }) => line);
  const placesOf = (line: number): number[] => (untaken.get(line) ?? []).map(({ place }) => place);
  for (const { of, bead } of plan.births)
    keepLine(tx, importId, { beadId: of.id, line: of.text, updatedAt: bead.updatedAt, untaken: placesOf(of.line) });
  for (const { of } of plan.ties) keepUntaken(tx, of.id, placesOf(of.line));
  const there = Map.groupBy(
    inPages(
      plan.updates.map(({ of }) => of.id),
      (ids) => edgesOf(tx.sql, ids),
    ),
    ({ beadId }) => beadId as string,
  );
  for (const update of plan.updates) {
    const { of } = update;
    const kept = new Set((there.get(of.id) ?? []).map((edge) => keyOf({ ...edge, to: edge.dependsOn })));
    const places = new Set([...placesOf(of.line), ...stillUntaken(update, kept)]);
    keepLine(tx, importId, { beadId: of.id, line: of.text, updatedAt: of.bead.updated?.ms ?? tx.now, untaken: [...places] });
  }
}
/** What the last line said and was not taken then; what a person took away since is not among it. */
function stillUntaken({ of, was, passenger }: Update, there: ReadonlySet<string>): number[] {
  const before = new Set((passenger?.untaken ?? []).flatMap((place) => (was?.edges[place] ? [keyOf(was.edges[place])] : [])));
  return of.bead.edges.flatMap((edge, place) => (before.has(keyOf(edge)) && !there.has(keyOf(edge)) ? [place] : []));
}

function answerOf(
  wish: ImportWish & { keptBad: number },
  { births, updates, edges, verdicts, quarantine, isBeads }: ImportPlan,
  importId: ImportId | null,
): ImportAnswer {
  const count = (verdict: ImportedLine['verdict']): number => verdicts.filter((one) => one.verdict === verdict).length;
  const { lines, more } = listed(verdicts, wish.lines);
  return {
    importId,
    rigId: wish.rigId,
    dryRun: wish.dryRun ?? false,
    ...(!isBeads && { noBeads: true }),
    counts: {
      lines: verdicts.length,
      created: count('created'),
      updated: count('updated'),
      unchanged: count('unchanged'),
      older: count('older'),
      skipped: count('skipped'),
      bad: count('bad'),
      edges: edges.taken.length,
      untakenEdges: edges.untaken.size,
      untakenLines: verdicts.filter(({ untaken }) => untaken.length > 0).length,
      staged: births.filter(({ bead }) => bead.hold === 'staged').length,
      foreign: births.filter(({ of, bead }) => bead.hold === 'foreign' && of.bead.said !== 'open').length,
      withoutPriority: births.filter(({ of }) => !of.bead.ranked).length + updates.filter(ranksUnsaid).length,
      quarantined: quarantine.keep.length,
      knownBad: quarantine.known,
      unkeptBad: quarantine.left,
      mended: quarantine.mended.length,
      keptBad: wish.keptBad,
    },
    lines,
    more,
  };
}
