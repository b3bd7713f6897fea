import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BeadId, PersonCommand } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { openAuditor } from '../invariants.ts';
import { everything, memorySql, seededRandom, story } from '../testing.ts';
import { openTown } from '../town.ts';
import { compareWithTables, replayLedger, replayReport } from './checks/replay.ts';

const compared = (sql: Parameters<typeof replayLedger>[0]) => compareWithTables(sql, replayLedger(sql));

describe('the ledger replays to the tables (I6, RC-23, DM-8)', () => {
  test('after everything that can happen nothing differs, and no column of a bead is unknown', () => {
    const { town } = everything(memorySql());
    const report = replayReport(town.sql, replayLedger(town.sql));
    expect(report).toMatchObject({ differences: [], left: 0, unknown: 0 });
    expect(report.compared).toBeGreaterThan(100);
    expect(report.edges).toBeGreaterThan(2);
  });

  test('after any changes that a person makes to beads nothing differs', () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const one = changed(seed);
      const { differences, unknown } = compared(one.town.sql);
      expect({ seed, differences, unknown }).toEqual({ seed, differences: [], unknown: 0 });
    }
  });

  test('what an earlier version wrote is not known rather than wrong', () => {
    const sql = memorySql();
    sql.db.exec(readFileSync(join(import.meta.dirname, '../../fixtures/v1.sql'), 'utf8'));
    openTown(sql);
    const { differences, unknown } = compared(sql);
    expect(differences).toEqual([]);
    expect(unknown).toBeGreaterThan(50);
  });

  test('a page of history is read after the other: nothing is lost where one ends', () => {
    const one = story({}, { check: false });
    const bead = one.wish('renamed often');
    for (let at = 0; at < 1_010; at += 1) one.town.must({ kind: 'bead.update', beadId: bead, title: `name ${at}` });
    expect(replayLedger(one.town.sql).beads.get(bead)?.columns.get('title')).toBe('name 1009');
    expect(compared(one.town.sql).differences).toEqual([]);
  });

  test('an auditor who looks at all again sees what no event tells of what came since (I6)', () => {
    const { town, wish } = story();
    const [first, second] = [wish('first'), wish('second')];
    const auditor = openAuditor(town.sql);
    expect(auditor.lookAtAll(town.now)).toEqual([]);
    town.must({ kind: 'bead.update', beadId: second, title: 'another' });
    const third = wish('third', { dependsOn: [first] });
    expect(auditor.lookAtAll(town.now)).toEqual([]);
    town.sql.run(`UPDATE beads SET title = 'silent' WHERE id = ?`, second);
    town.sql.run('DELETE FROM dependencies WHERE bead_id = ?', third);
    expect(auditor.lookAtAll(town.now)).toEqual([
      { invariant: 'I6', message: `${second}: title is silent, the ledger says another` },
      { invariant: 'I6', message: `${third}: ${third} blocks ${first} is none, the ledger says there` },
    ]);
  });
});

describe('a difference is named: bead, column, what the ledger says, what the table says, and since when', () => {
  const DAMAGE: readonly (readonly [column: string, statement: string])[] = [
    ['status', `UPDATE beads SET status = 'failed' WHERE id = $bead`],
    ['assigneeId', `UPDATE beads SET assignee_id = 'ag-stranger' WHERE id = $bead`],
    ['title', `UPDATE beads SET title = 'another' WHERE id = $bead`],
    ['body', `UPDATE beads SET body = body || '!' WHERE id = $bead`],
    ['rank', `UPDATE beads SET rank = 0 WHERE id = $bead`],
    ['labels', `UPDATE beads SET labels = '["secret"]' WHERE id = $bead`],
    ['kind', `UPDATE beads SET kind = 'chore' WHERE id = $bead`],
    ['hold', `UPDATE beads SET hold = 'staged' WHERE id = $bead`],
    ['deferUntil', `UPDATE beads SET defer_until = 5 WHERE id = $bead`],
    ['archivedAt', `UPDATE beads SET archived_at = 5 WHERE id = $bead`],
    ['closedAt', `UPDATE beads SET closed_at = 5 WHERE id = $bead`],
    ['rigId', `UPDATE beads SET rig_id = 'rig-else' WHERE id = $bead`],
    ['parentId', `UPDATE beads SET parent_id = 'gt-else' WHERE id = $bead`],
    ['bead', `DELETE FROM beads WHERE id = $bead`],
    ['bead', `DELETE FROM bead_events WHERE bead_id = $bead`],
  ];
  test.each(DAMAGE)('%s: %s', (column, statement) => {
    const { one, bead } = small();
    one.town.sql.run(statement.replace('$bead', `'${bead}'`));
    const found = compared(one.town.sql).differences.filter((difference) => difference.id === bead && difference.column === column);
    expect(found).toHaveLength(1);
    const since = [found[0]?.last?.type, found[0]?.last?.actor, found[0]?.last?.cause].join(' ');
    expect(since).toBe(statement.startsWith('DELETE FROM bead_events') ? '  ' : 'created Ada bead.create');
  });

  test.each([
    ['an edge that no event made', `INSERT INTO dependencies (bead_id, depends_on, type) SELECT $bead, id, 'related' FROM beads LIMIT 1`],
    [
      'an edge that is gone',
      `DELETE FROM dependencies WHERE bead_id = $bead AND depends_on = (SELECT min(d.depends_on) FROM dependencies d WHERE d.bead_id = dependencies.bead_id)`,
    ],
    ['an edge of another type', `UPDATE dependencies SET type = 'related' WHERE bead_id = $bead`],
    ['an edge with another gate', `UPDATE dependencies SET gate = 'any' WHERE bead_id = $bead`],
  ])('%s', (_name, statement) => {
    const { one, bead } = small();
    one.town.sql.run(statement.replace('$bead', `'${bead}'`));
    expect(compared(one.town.sql).differences.map(({ id }) => id)).toContain(bead);
  });

  test('a question that is closed without its bead, and a merge that landed without its own', () => {
    const one = everything(memorySql());
    one.town.sql.run(`UPDATE escalations SET closed_at = 5 WHERE closed_at IS NULL`);
    one.town.sql.run(`UPDATE merges SET phase = 'queued' WHERE phase = 'landed'`);
    expect(new Set(compared(one.town.sql).differences.map(({ column }) => column))).toEqual(new Set(['escalation', 'merge']));
  });

  test('an event that cannot be read makes what it may have said unknown; a bead that cannot be read is not called gone', () => {
    const { one, bead } = small();
    one.town.sql.run(`UPDATE bead_events SET data = '{' WHERE bead_id = ? AND before IS NULL`, bead);
    const told = compared(one.town.sql);
    expect(told.differences.filter(({ column }) => column === 'title' || column === 'bead')).toEqual([]);
    expect(told.unknown).toBeGreaterThan(5);
    one.town.sql.run(`UPDATE beads SET labels = '[' WHERE id = ?`, bead);
    expect(compared(one.town.sql).differences.filter(({ column }) => column === 'bead')).toEqual([]);
  });
});

/** One bead that waits for two others. */
function small() {
  const one = story({}, { check: false });
  const first = one.wish('first');
  const dependsOn = [first, one.wish('second')];
  return { one, bead: one.wish('waits for both', { dependsOn, body: 'a text' }) };
}

/** A town in which a person made random changes to its beads. */
function changed(seed: number) {
  const random = seededRandom(seed);
  const one = story({}, { seed, check: false });
  one.town.must({ kind: 'town.pause' });
  const other = one.addRig('other');
  const beads: BeadId[] = [one.wish('first'), one.wish('second', { rigId: other }), one.wish('third')];
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const long = 'a long text '.repeat(40);
  const make: readonly (() => PersonCommand)[] = [
    () => ({ kind: 'bead.update', beadId: pick(beads), title: `title ${random.below(9)}`, body: pick(['', 'short', long]) }),
    () => ({ kind: 'bead.update', beadId: pick(beads), priority: pick(['low', 'critical']), labels: pick([[], ['a', 'b']]) }),
    () => ({ kind: 'bead.update', beadId: pick(beads), workKind: pick(['task', 'epic', 'event', 'my own']) }),
    () => ({ kind: 'bead.defer', beadId: pick(beads), until: pick([null, one.town.now + 1_000, 5]) }),
    () => ({ kind: 'bead.pin', beadId: pick(beads) }),
    () => ({ kind: 'bead.start', beadId: pick(beads) }),
    () => ({ kind: 'bead.set_status', beadId: pick(beads), status: pick(['open', 'closed', 'failed', 'in_progress', 'in_review']) }),
    () => ({ kind: 'bead.retry', beadId: pick(beads) }),
    () => ({ kind: 'bead.archive', beadIds: [pick(beads)] }),
    () => ({ kind: 'bead.unarchive', beadIds: [pick(beads)] }),
    () => ({ kind: 'bead.add_dependency', beadId: pick(beads), dependsOn: pick(beads), type: pick(['blocks', 'related', 'parent-child']) }),
    () => ({ kind: 'bead.add_dependency', beadId: pick(beads), dependsOn: pick(beads), type: 'waits-for', gate: pick(['any', 'all']) }),
    () => ({ kind: 'bead.remove_dependency', beadId: pick(beads), dependsOn: pick(beads), type: pick(['blocks', 'waits-for']) }),
    () => ({ kind: 'rig.remove', rigId: other, force: true }),
  ];
  for (let step = 0; step < 80; step += 1) {
    one.town.person(pick(make)());
    if (random.below(10) === 0) one.town.sleep(2_000);
    if (random.below(12) === 0)
      beads.push(
        one.town.must<{ beadId: BeadId }>({
          kind: 'bead.create',
          rigId: one.rigId,
          title: `made at ${step}`,
          body: pick(['', long]),
          dependsOn: [pick(beads)],
          labels: pick([[], ['x']]),
          staged: random.below(2) === 0,
        }).beadId,
      );
  }
  one.town.must({ kind: 'town.resume' });
  one.runner.work();
  return one;
}
