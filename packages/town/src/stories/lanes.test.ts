import { LIMITS, type BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, good, replica, sha, silentPolecat, sortedTables, story, type Story } from '../testing.ts';

type Kind = 'merge.test' | 'merge.land';
const handed = ({ town }: Story, kind: Kind) => town.handed.filter((due) => due.effect.kind === kind);
const answer = (one: Story, kind: Kind, outcome: ReturnType<typeof good>): void =>
  void one.runner.report({ kind: 'outcome', effectId: handed(one, kind).at(-1)!.effectId, outcome });
const passed = good({ kind: 'tested', passed: true, baseCommit: sha('base'), mergeCommit: sha('merge'), gates: [], failure: null });
const positions = (one: Story, ids: readonly BeadId[]) => ids.map((id) => one.mergeOf(id).position);
const phases = (one: Story, ids: readonly BeadId[]) => ids.map((id) => one.mergeOf(id).phase);

/** Which merge result is built next, and what holds it back. */
describe('the lanes of merges', () => {
  test('of many lanes that wait the oldest merges are built first, as many as may be at once', () => {
    const one = story({ polecat: silentPolecat, 'merge.test': () => null });
    const rigs = ['a', 'b', 'c'].map((name) => one.addRig(name)).toSorted((a, b) => (a < b ? 1 : -1));
    const ids = rigs.map((rigId) => one.wish('work', { rigId }));
    one.runner.work();
    one.town.must({ kind: 'town.pause' });
    for (const id of ids) {
      one.town.now += 1_000;
      one.runner.done(one.runner.starts.find((start) => start.context.bead?.id === id)!);
    }
    one.town.must({ kind: 'town.resume' });
    one.runner.work();
    const expected = ids.slice(0, LIMITS.gateRunsAtOnce.value).map((id) => one.mergeOf(id).id);
    expect(handed(one, 'merge.test').map(({ effect }) => effect.kind === 'merge.test' && effect.mergeId)).toEqual(expected);
    expect(phases(one, ids)).toEqual(['testing', 'testing', 'queued']);
  });

  test('a merge that is retried goes behind what waits, shows no failure, and its question is settled at once (ES-6)', () => {
    const one = story({ 'merge.test': () => null });
    const ids = [wish(one), wish(one), wish(one)] as const;
    one.runner.work();
    answer(one, 'merge.test', bad('push_refused'));
    expect(positions(one, ids)).toEqual([null, 1, 2]);
    expect(one.town.rows().escalations).toMatchObject([{ beadId: ids[0], acknowledgedAt: null }]);
    one.town.must({ kind: 'town.pause' });
    const mergeId = one.mergeOf(ids[0]).id;
    expect(one.town.must({ kind: 'merge.retry', mergeId })).toEqual({ mergeId });
    expect(positions(one, ids)).toEqual([3, 1, 2]);
    expect(one.mergeOf(ids[0])).toMatchObject({ phase: 'queued', failure: null });
    expect(one.town.rows().escalations).toMatchObject([{ acknowledgedBy: 'Ada' }]);
    expect(one.town.rows().events.filter(({ data }) => data['retry'] === true)).toMatchObject([{ beadId: mergeId, after: 'open' }]);
  });

  test('a paused rig holds its merges back and no others; resumed, it goes on (I10)', () => {
    const one = story({ polecat: silentPolecat, 'merge.test': () => null });
    const ids = [wish(one), one.wish('work', { rigId: one.addRig('lib') })];
    one.runner.work();
    one.town.must({ kind: 'rig.pause', rigId: one.rigId });
    for (const start of one.runner.starts) one.runner.done(start);
    expect(ids.map((id) => one.bead(id).wait?.code)).toEqual(['rig_paused', 'testing']);
    expect(phases(one, ids)).toEqual(['queued', 'testing']);
    one.town.must({ kind: 'rig.resume', rigId: one.rigId });
    expect(phases(one, ids)).toEqual(['testing', 'testing']);
  });

  test('a target that moved while the town is paused is said, keeps its place, and is built anew after it (I5)', () => {
    const one = story({ 'merge.land': () => null });
    const ids = [wish(one), wish(one)];
    one.runner.work();
    one.town.must({ kind: 'town.pause' });
    answer(one, 'merge.land', bad('target_moved'));
    expect(one.mergeOf(ids[0]!)).toMatchObject({ phase: 'queued', builds: 1, failure: { code: 'target_moved' } });
    expect(positions(one, ids)).toEqual([1, 2]);
    one.town.must({ kind: 'town.resume' });
    expect(one.mergeOf(ids[0]!)).toMatchObject({ phase: 'testing', builds: 2, failure: null });
  });

  test('each step is seen on every page, and of those who wait behind it only when they move up (I17)', () => {
    const one = story({ 'merge.test': () => null, 'merge.land': () => null });
    const page = replica();
    const ids = [wish(one), wish(one), wish(one)];
    one.runner.work();
    page.pull(one.town);
    const seen = () => {
      const { put } = page.pull(one.town);
      expect(page.rows()).toEqual(sortedTables(one.town.rows()));
      return new Set(put.merges?.map((merge) => merge.beadId));
    };
    answer(one, 'merge.test', passed);
    expect(seen()).toEqual(new Set(ids.slice(0, 1)));
    one.runner.work();
    answer(one, 'merge.land', good({ kind: 'landed', mergeCommit: sha('merge') }));
    expect(seen()).toEqual(new Set(ids));
    one.runner.work();
    answer(one, 'merge.test', bad('push_refused'));
    expect(seen()).toEqual(new Set(ids.slice(1)));
  });
});

/** The bead's row, that of its merge request, or the merge itself is damaged. */
describe('what cannot be read holds up no lane (DM-15)', () => {
  const DAMAGE = {
    'its bead': 'UPDATE beads SET labels = ? WHERE id = (SELECT bead_id FROM merges ORDER BY rowid LIMIT 1)',
    'its merge request': 'UPDATE beads SET labels = ? WHERE id = (SELECT id FROM merges ORDER BY rowid LIMIT 1)',
    'the merge': 'UPDATE merges SET gates = ? WHERE rowid = (SELECT min(rowid) FROM merges)',
  };
  test.each(Object.entries(DAMAGE))('%s, of a merge that waits: the other lanes are built', (_name, statement) => {
    const one = story({ polecat: silentPolecat, 'merge.test': () => null }, { check: false });
    wish(one);
    const rigs = [one.addRig('lib'), one.addRig('doc')];
    const others = rigs.map((rigId) => one.wish('work', { rigId }));
    one.runner.work();
    one.town.must({ kind: 'town.pause' });
    for (const start of one.runner.starts) one.runner.done(start);
    one.town.sql.run(statement, '{"');
    one.town.must({ kind: 'town.resume' });
    expect(phases(one, others)).toContain('testing');
  });

  test.each([DAMAGE['its bead'], DAMAGE['the merge']])(
    'a merge under test whose row cannot be read: its outcome is taken (%s)',
    (statement) => {
      const one = story({ 'merge.test': () => null }, { check: false });
      const ids = [wish(one), wish(one)];
      one.runner.work();
      one.town.sql.run(statement, '{"');
      answer(one, 'merge.test', bad('push_refused'));
      one.runner.work();
      expect(one.mergeOf(ids[1]!).phase).toBe('testing');
      expect(one.town.rows().escalations).toEqual([]);
    },
  );

  test('a merge that passed lands though its bead cannot be read any more, and the next one is built', () => {
    const one = story({ 'merge.test': () => null }, { check: false });
    const [first, second] = [wish(one), wish(one)];
    one.runner.work();
    const merge = one.mergeOf(first).id;
    one.town.sql.run(DAMAGE['its bead'], '{"');
    answer(one, 'merge.test', passed);
    one.runner.work();
    expect(one.town.rows().merges.find(({ id }) => id === merge)).toMatchObject({ phase: 'landed' });
    expect(one.mergeOf(second).phase).toBe('testing');
  });
});

let made = 0;
const wish = (one: Story): BeadId => one.wish(`work ${(made += 1)}`);
