import { failure } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { awayOf } from '../runs/away.ts';
import { endRun, liveRuns, runsById, type Run } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { watchCrashes } from './crashes.ts';
import { byPatrol, nextSilence, settleSilences, watchSilence } from './silence.ts';

/** Watchdogs of runs. No model is asked, and no time is theirs in a town without a run, or while one waits for a person. */
const deadline = (run: Run): number | null =>
  run.begunAt === null || run.timeoutMs === null || run.doneAt !== null || run.asksSince !== null ? null : run.begunAt + run.timeoutMs;

/** Due work: a run that took longer than its bead allows (ST-12), and the next step against each silent one (PT-3). */
export function watchRuns(tx: Tx): void {
  for (const run of liveRuns(tx.sql)) {
    const end = deadline(run);
    if (end !== null && end <= tx.now) timeOut(tx, run);
    else watchSilence(tx, run);
  }
}
/** While its repository is away it could not come to its end: its bead waits, and has all its time again when that is back. */
function timeOut(tx: Tx, run: Run): void {
  const away = awayOf(tx.sql, run);
  if (away) return endRun(tx, run, 'failed', away);
  const allowed = Math.round((run.timeoutMs ?? 0) / 1_000);
  endRun(tx, run, 'failed', byPatrol(failure('bead_timeout', `The run took longer than the ${allowed} seconds that its bead allows.`)));
}

export function nextWatch(sql: Sql): number | null {
  const runs = liveRuns(sql);
  const times = [...runs.map(deadline), nextSilence(sql, runs)];
  return times.reduce((first, time) => (time === null || (first !== null && first <= time) ? first : time), null);
}

/** Rule: what follows for the patrols from runs that ended in this transaction. */
export function patrolEnds(tx: Tx): void {
  if (tx.touched.runs.size === 0) return;
  for (const run of runsById(tx.sql, tx.touched.runs)) {
    const once = `patrol of ${run.id}`;
    if (!tx.ended.has(run.id) || tx.settled.has(once)) continue;
    tx.settled.add(once);
    watchCrashes(tx, run);
    settleSilences(tx, run);
  }
}
