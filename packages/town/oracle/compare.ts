import type { Expected, Issue } from './data.ts';
import { same, type Report } from './report.ts';
import { BLOCKED, drain, WITH_EPHEMERAL, type OracleTown } from './town.ts';

/** Ready and blocked, sets and order, and why each blocked bead is. */
export function compare(into: Report, town: OracleTown, expected: Expected, issues: readonly Issue[]): void {
  const { town: core } = town.one;
  const byPriority = core.town.ready('newest', ALL).beads.map(({ id }) => id as string);
  same(into, 'ready, by priority', byPriority, expected.ready_cli_by_priority);
  const oldest = core.town.ready('oldest', ALL).beads.map(({ id }) => id as string);
  same(into, 'ready, oldest first', oldest, expected.ready_cli_oldest_first);
  const working = new Set(issues.filter(({ status }) => status === 'in_progress').map(({ id }) => id));
  const api = [...byPriority, ...town.ids(`${NOT_BLOCKED} AND hold = 'foreign' AND ephemeral = 0`).filter((id) => working.has(id))];
  same(into, 'ready with what is in progress elsewhere', api.toSorted(), expected.ready_api.toSorted());
  same(into, 'ready with short-lived', town.ids(WITH_EPHEMERAL), expected.ready_with_ephemeral.toSorted());
  same(into, 'blocked', town.ids(BLOCKED), Object.keys(expected.blocked).toSorted());
  for (const [id, blockers] of Object.entries(expected.blocked)) {
    const wait = core.town.bead(id)?.bead.wait;
    if (wait && NAMED.has(wait.code)) same(into, `${id} says who blocks it`, blockers.includes(wait.ref ?? ''), true);
  }
  into.figures['ready'] = byPriority.length;
  into.figures['blocked'] = Object.keys(expected.blocked).length;
}
const NOT_BLOCKED = `status = 'open' AND blocked = 0 AND defer_until IS NULL AND deferred_parents = 0`;
const NAMED = new Set(['blocked_by_open', 'blocked_by_failed', 'parent_blocked']);

export function compareDrain(into: Report, town: OracleTown, waves: readonly string[][]): void {
  const drained = drain(town);
  same(into, 'number of waves', drained.waves.length, waves.length);
  waves.forEach((wave, at) => same(into, `wave ${at + 1}`, drained.waves[at], wave.toSorted()));
  same(into, 'never drained', drained.left, []);
  same(into, 'invariants after draining', town.wrong(), []);
  into.figures['drained'] = drained.waves.flat().length;
}
const ALL = 1_000_000;
