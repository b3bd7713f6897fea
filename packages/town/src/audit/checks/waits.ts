import type { BeadRow, WaitCode } from '@gastown/protocol';
import { dispatchableBeads, rigsWithReadyWork } from '../../beads/ready.ts';
import { unfinished } from '../../beads/store.ts';
import { readTown } from '../../config/store.ts';
import type { Sql } from '../../api.ts';
import { startGate, townGate } from '../../gates.ts';
import { allLinks } from '../../links/store.ts';
import { queuedMergesOf } from '../../merges/store.ts';
import { findRig } from '../../rigs/store.ts';
import { place } from '../../runners/placing.ts';
import { placeables } from '../../runners/view.ts';
import { isProbing, readBreaker } from '../../runs/breaker.ts';
import { liveRuns } from '../../runs/store.ts';
import { idPages } from '../../sql.ts';
import { beadRows } from '../../sync/beads.ts';
import { changedSince, currentRev } from '../../sync/changes.ts';
import { finding, type Check, type Finding } from './check.ts';
import { forsaken } from './held.ts';

/** I10: what is not closed or failed shows a cause, and the cause is true. Every fresh look is at all of them, later ones at what has changed. */
export const causesCheck: Check = {
  tables: ['changes'],
  open() {
    let rev: number | null = null;
    return (sql, now) => {
      if (readTown(sql)?.deletedAt !== null) return [];
      const before = rev;
      rev = currentRev(sql);
      const changed = before === null ? null : changedSince(sql, before);
      const ids: readonly string[] = changed ? [...changed.beads] : unfinished(sql).map((bead) => bead.id);
      return [...idPages(ids)].flatMap((page) => falseCauses(sql, now, page));
    };
  },
};

function falseCauses(sql: Sql, now: number, ids: readonly string[]): Finding[] {
  const rows = beadRows(sql, ids).filter((bead) => bead.status !== 'closed' && bead.status !== 'failed');
  if (rows.length === 0) return [];
  const live = liveRuns(sql);
  const working = new Set<string | null>(live.map((run) => run.beadId));
  const at = new Map<string | null, string>(live.flatMap((run) => (run.state === 'starting' ? [] : [[run.beadId, run.runnerId] as const])));
  const linked = new Set<string>(allLinks(sql).flatMap(({ runnerId, connected }) => (connected ? [runnerId] : [])));
  const queued = new Set<string>(
    queuedMergesOf(
      sql,
      rows.map((row) => row.id),
    ).map((merge) => merge.beadId),
  );
  const nobodys = new Set(rows.some((row) => row.wait?.code === 'needs_person') ? forsaken(sql).map(({ id }) => id) : []);
  /** A person put it where it is, or was asked about its merge; or its repository is not there any more. */
  const needsPerson = ({ id, status, rigId }: BeadRow): boolean =>
    status === 'open'
      ? ['removed', undefined].includes(findRig(sql, rigId ?? '')?.state)
      : !nobodys.has(id) && !(status === 'in_review' ? queued : working).has(id);
  const wrong = (row: BeadRow): string | null => {
    const code = row.wait?.code;
    if (!code) return `${row.id} is ${row.status} without a cause`;
    const runner = row.status === 'in_progress' ? at.get(row.id) : undefined;
    if (AT_WORK.includes(code) && runner !== undefined && !linked.has(runner)) return `${row.id} says ${code}; its runner is away`;
    if (code === 'runner_away' && runner !== undefined && linked.has(runner)) return `${row.id} says ${code}; its runner is there`;
    if (code === 'needs_person' && !needsPerson(row)) return `${row.id} says that it waits for a person; none knows of it`;
    if (OF_AGENT.includes(code) && !working.has(row.id)) return `${row.id} says that an agent has it; none does`;
    if ((code === 'in_queue' || code === 'testing' || code === 'landing') && !queued.has(row.id))
      return `${row.id} says ${code}; it has no merge`;
    const until = row.wait?.until ?? null;
    return (code === 'retry_later' || code === 'model_held' || code === 'runner_away') && until !== null && until < now - LONG_AGO_MS
      ? `${row.id} should have been tried again long ago`
      : null;
  };
  return rows.flatMap((row) => wrong(row) ?? []).map((message) => finding('I10', message));
}
const OF_AGENT: readonly WaitCode[] = ['agent_working', 'agent_silent', 'hand_in_refused', 'person_asked'];
/** What an agent does, told as it is now. */
const AT_WORK: readonly WaitCode[] = ['agent_working', 'agent_silent', 'hand_in_refused'];
const LONG_AGO_MS = 3_600_000;

/** I10: nothing waits for a slot while one is free. What could go went in the step that freed it. */
export const slotsCheck: Check = {
  tables: ['beads', 'runs', 'rigs', 'town', 'breaker', 'container', 'links', 'runners', 'spend', 'spend_limits'],
  open: () => (sql) => {
    const town = readTown(sql);
    if (!town || town.deletedAt !== null) return [];
    const waiting = rigsWithReadyWork(sql);
    if (waiting.length === 0 || townGate(sql, town)) return [];
    const polecats = liveRuns(sql).filter((run) => run.beadId !== null);
    const probing = isProbing(readBreaker(sql)) && polecats.some((run) => run.state === 'starting');
    if (polecats.length >= town.maxPolecats || probing) return [];
    const runners = placeables(sql, false);
    return waiting.flatMap((rigId) => {
      if (place(runners, rigId, 'run') === null) return [];
      const rig = findRig(sql, rigId);
      const busy = polecats.filter((run) => run.rigId === rigId).length;
      const [bead] = !rig || startGate(sql, rig) || busy >= rig.maxPolecats ? [] : dispatchableBeads(sql, rigId, 1);
      return bead ? [finding('I10', `${bead.id} could go, and nothing takes it`)] : [];
    });
  },
};
