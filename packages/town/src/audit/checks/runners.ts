import { HOME_RUNNER } from '@gastown/protocol';
import { text, textOrNull, type Row } from '../../sql.ts';
import type { Sql } from '../../api.ts';
import { finding, type Check, type Finding } from './check.ts';

/**
 * I20: what is begun is begun on a runner that is there and takes it, and stays with it: a run, the test and the landing of a merge, and their effects; the container is always
 * there; a machine that is gone for good holds nothing. Written a second time, from design/runner.md §5 and not from the code that places.
 */
export const runnersCheck: Check = {
  tables: ['runners', 'links', 'runs', 'merges', 'outbox'],
  open() {
    let known: Set<string> | null = null;
    return (sql) => {
      const runners = new Map(sql.all('SELECT id, kind, rigs, paused FROM runners').map((row) => [text(row, 'id'), row]));
      const held = sql.all(HELD);
      const fresh = held.filter((one) => known !== null && !known.has(keyOf(one)));
      known = new Set(held.map(keyOf));
      return [
        ...places(sql, runners),
        ...held.flatMap((one) =>
          runners.has(runnerOf(one)) ? [] : [finding('I20', `${text(one, 'id')} is on ${runnerOf(one)}, which is not there`)],
        ),
        ...fresh.flatMap((one) =>
          takes(runners, one) ? [] : [finding('I20', `${text(one, 'id')} was begun on ${runnerOf(one)}, which does not take its rig`)],
        ),
        ...sql.all(GONE).map((one) => finding('I20', `${text(one, 'id')} is still with ${text(one, 'runner_id')}, which is gone`)),
        ...sql
          .all(STRAYED)
          .map((one) =>
            finding(
              'I20',
              `${text(one, 'kind')} ${text(one, 'id')} is for ${textOrNull(one, 'runner_id') ?? 'nobody'}, what it is about is elsewhere`,
            ),
          ),
      ];
    };
  },
};

/** What is with a runner. */
const HELD = `SELECT id, bead_id, rig_id, runner_id, 'run' AS what FROM runs WHERE state <> 'ended'
  UNION ALL SELECT id, bead_id, rig_id, coalesce(runner_id, 'nobody'), 'merge' FROM merges WHERE phase IN ('testing', 'landing')`;
/** A machine has as long as its time to come back; then nothing is left with it. */
const GONE = `WITH held AS (${HELD})
  SELECT h.id, h.runner_id FROM held h JOIN links l ON l.runner_id = h.runner_id
  WHERE l.runner_id <> '${HOME_RUNNER}' AND ((l.connected = 0 AND l.away_until IS NULL) OR (l.connected = 1 AND l.failure IS NOT NULL))`;
/** The effects of a run or merge go where it is; only errands, and the container's own, may be with nobody. */
const STRAYED = `SELECT o.id, o.kind, o.runner_id FROM outbox o
    LEFT JOIN runs r ON o.target = 'run:' || r.id LEFT JOIN merges m ON o.target = 'merge:' || m.id
  WHERE CASE
    WHEN o.kind IN ('container.start', 'container.stop') THEN o.runner_id IS NOT NULL
    WHEN o.kind IN ('rig.connect', 'branch.delete') THEN 0
    WHEN o.kind IN ('merge.test', 'merge.land') THEN o.runner_id IS NOT m.runner_id
    WHEN r.id IS NULL THEN o.runner_id IS NULL
    ELSE o.runner_id IS NOT r.runner_id END
  UNION ALL SELECT o.id, o.kind, o.runner_id FROM outbox o WHERE o.runner_id IS NOT NULL AND o.runner_id NOT IN (SELECT id FROM runners)
  UNION ALL SELECT id, 'merge', runner_id FROM merges WHERE phase = 'queued' AND runner_id IS NOT NULL`;

const keyOf = (one: Row): string => `${text(one, 'id')} ${runnerOf(one)}`;
const runnerOf = (one: Row): string => text(one, 'runner_id');

/** Who lists the rig; when nobody does, who has no list. The Mayor, who has no rig, is in the container. */
function takes(runners: ReadonlyMap<string, Row>, one: Row): boolean {
  const rigId = textOrNull(one, 'rig_id');
  const id = runnerOf(one);
  if (rigId === null) return id === HOME_RUNNER;
  const listOf = (row: Row | undefined): string | null => (row ? textOrNull(row, 'rigs') : null);
  const lists = (row: Row): boolean => listOf(row)?.includes(`"${rigId}"`) === true;
  const pinned = [...runners.values()].some(lists);
  const runner = runners.get(id);
  return runner !== undefined && (pinned ? lists(runner) : listOf(runner) === null);
}

function places(sql: Sql, runners: ReadonlyMap<string, Row>): Finding[] {
  const links = new Set(sql.all('SELECT runner_id FROM links').map((row) => text(row, 'runner_id')));
  const without = [...runners.keys()].filter((id) => !links.has(id)).map((id) => finding('I20', `the runner ${id} has no link`));
  const strange = [...links].filter((id) => !runners.has(id)).map((id) => finding('I20', `a link is there of ${id}, which is no runner`));
  const containers = [...runners].filter(([, row]) => row['kind'] === 'container').map(([id]) => id);
  const home = containers.join() === HOME_RUNNER ? [] : [finding('I20', `the container is ${containers.join() || 'no runner'}`)];
  return [...without, ...strange, ...home];
}
