import { describe, expect, test } from 'vitest';
import { checkInvariants } from './invariants.ts';
import { silentPolecat, story } from './testing.ts';

/** Tooth tests: a checker that has never failed on a planted bug proves nothing (reliability §2). */
function planted(...damage: string[]) {
  const one = story({ polecat: silentPolecat, 'merge.test': () => null });
  const first = one.wish('first');
  const second = one.wish('second', { dependsOn: [first] });
  one.runner.work();
  const { sql } = one.town;
  expect(checkInvariants(sql, one.town.now)).toEqual([]);
  for (const statement of damage) sql.run(statement.replaceAll('$first', `'${first}'`).replaceAll('$second', `'${second}'`));
  return checkInvariants(sql, one.town.now).map((finding) => finding.invariant);
}

const copy = (agent: string) =>
  `INSERT INTO runs (id, agent_id, bead_id, rig_id, generation, attempt, state, agent_kind, started_at, lease_until)
   SELECT 'run-copy', ${agent}, bead_id, rig_id, generation + 1, attempt, state, agent_kind, started_at, lease_until FROM runs LIMIT 1`;

describe('the invariant checkers bite', () => {
  test('I1 sees a bead that is gone', () => {
    expect(planted('DELETE FROM beads WHERE id = $second')).toContain('I1');
  });
  test('I2 sees a second live run of a bead, and of an agent', () => {
    expect(planted('DROP INDEX runs_live_bead', copy(`'ag-other'`))).toContain('I2');
    expect(planted('DROP INDEX runs_live_bead', 'DROP INDEX runs_live', copy('agent_id'))).toContain('I2');
  });
  test('I2 is also in the schema: a second live run cannot be written', () => {
    expect(() =>
      planted(`INSERT INTO runs (id, agent_id, bead_id, generation, attempt, state, agent_kind, started_at)
               SELECT 'run-copy', 'ag-other', bead_id, 9, 1, 'starting', agent_kind, started_at FROM runs LIMIT 1`),
    ).toThrow(/UNIQUE/);
  });
  test('I2 sees a run whose bead was taken away from it', () => {
    expect(planted(`UPDATE beads SET status = 'open' WHERE id = $first`)).toContain('I2');
  });
  test('I3 sees a run that nobody watches', () => {
    expect(planted('UPDATE runs SET lease_until = NULL')).toContain('I3');
  });
  test('I6 sees a status that changed without an event, and an event that is missing', () => {
    expect(planted(`UPDATE beads SET status = 'failed' WHERE id = $second`)).toContain('I6');
    expect(planted(`DELETE FROM bead_events WHERE bead_id = $first AND after = 'in_progress'`)).toContain('I6');
    expect(planted(`UPDATE bead_events SET before = 'in_review' WHERE bead_id = $first AND after = 'in_progress'`)).toContain('I6');
  });
  test('I7 sees a move that is not in the table', () => {
    expect(planted(`UPDATE bead_events SET after = 'in_review' WHERE bead_id = $first AND after = 'in_progress'`)).toContain('I7');
  });
  test('I10 sees a cause that is not true', () => {
    expect(
      planted(`UPDATE beads SET retry_at = 5 WHERE id = $second`, 'DELETE FROM dependencies', 'UPDATE beads SET blockers = 0'),
    ).toContain('I10');
  });
  test('I12 sees a circle and a wrong count of blockers', () => {
    expect(planted(`INSERT INTO dependencies (bead_id, depends_on, type) VALUES ($first, $second, 'blocks')`)).toContain('I12');
    expect(planted('UPDATE beads SET blockers = 0')).toContain('I12');
  });
});
