import type { GateResult } from '@gastown/protocol';
import { int, text, textOrNull, type Row } from '../../sql.ts';
import { finding, type Check, type Finding, type Look } from './check.ts';

/** What earlier looks know of a merge: the commits that were tested for it, and the one that landed. */
interface Seen {
  readonly tested: Set<string>;
  landed: string | null;
}
const MERGES = `SELECT m.id, m.lane, m.place, m.phase, m.merge_commit, b.status FROM merges m LEFT JOIN beads b ON b.id = m.id`;

/** I4: one landing a merge, one merge at work in a lane, and the bead of a merge says as it does. I5: what landed had passed. */
export const mergesCheck: Check = {
  tables: ['merges', 'beads'],
  open(): Look {
    const known = new Map<string, Seen>();
    return (sql) => {
      const merges = sql.all(MERGES);
      const fresh = merges.filter((merge) => merge.phase === 'landed' && !known.get(text(merge, 'id'))?.landed);
      const gates = new Map(
        fresh.map((merge) => [text(merge, 'id'), sql.all('SELECT gates FROM merges WHERE id = ?', text(merge, 'id'))[0]]),
      );
      return [
        ...merges.flatMap((merge) => follow(known, merge, gates.get(text(merge, 'id')))),
        ...merges.flatMap(saidOtherwise),
        ...overtaken(merges),
      ];
    };
  },
};

function follow(known: Map<string, Seen>, merge: Row, gates: Row | undefined): Finding[] {
  const id = text(merge, 'id');
  const first = !known.has(id);
  const seen = known.get(id) ?? { tested: new Set(), landed: null };
  known.set(id, seen);
  const commit = textOrNull(merge, 'merge_commit');
  if (seen.landed !== null)
    return merge.phase === 'landed' && commit === seen.landed
      ? []
      : [finding('I4', `${id} landed as ${seen.landed} and has changed since`)];
  if (merge.phase === 'landing' && commit !== null) seen.tested.add(commit);
  if (merge.phase !== 'landed') return [];
  if (commit === null) return [finding('I4', `${id} landed without a commit`)];
  seen.landed = commit;
  const untested = !first && seen.tested.size > 0 && !seen.tested.has(commit);
  return [...(untested ? [finding('I5', `${id} landed as ${commit}, which is not what was tested`)] : []), ...red(id, gates)];
}

function red(id: string, row: Row | undefined): Finding[] {
  const failed = gatesOf(row).find((gate) => gate.timedOut || gate.exitCode !== 0);
  return failed ? [finding('I5', `${id} landed although the gate "${failed.command}" had not passed`)] : [];
}
function gatesOf(row: Row | undefined): GateResult[] {
  try {
    return row ? (JSON.parse(text(row, 'gates')) as GateResult[]) : [];
  } catch {
    return [];
  }
}

/** Queued waits, testing and landing work, landed is closed, failed is failed. */
const SAYS: Readonly<Record<string, readonly string[]>> = {
  queued: ['open', 'in_progress'],
  testing: ['in_progress'],
  landing: ['in_progress'],
  landed: ['closed'],
  failed: ['failed'],
};
function saidOtherwise(merge: Row): Finding[] {
  const [id, phase, status] = [text(merge, 'id'), text(merge, 'phase'), textOrNull(merge, 'status') ?? 'gone'];
  const over = phase === 'landed' || phase === 'failed';
  if (over !== (merge.place === null)) return [finding('I4', `${id} is ${phase} and ${over ? 'still' : 'not'} in line`)];
  return SAYS[phase]?.includes(status) === false ? [finding('I4', `${id} is ${phase} and its bead is ${status}`)] : [];
}

/** Only the front of a lane is at work: what lands is what was built on the head that it lands on. */
function overtaken(merges: readonly Row[]): Finding[] {
  const busy = new Set<string>();
  return merges.flatMap((merge) => {
    if (merge.phase !== 'testing' && merge.phase !== 'landing') return [];
    const lane = text(merge, 'lane');
    const before = merges.some((other) => other.lane === lane && other.place !== null && int(other, 'place') < int(merge, 'place'));
    const second = busy.has(lane);
    busy.add(lane);
    return before || second ? [finding('I4', `${text(merge, 'id')} is ${text(merge, 'phase')} and not the front of its lane`)] : [];
  });
}
