import { LIMITS, type BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story } from '../testing.ts';
import { make } from '../testing/convoys.ts';
import { isOver } from '../over.ts';
import { deferralsDue, dispatchableBeads, retriesDue } from './ready.ts';

describe('the line of a rig (RC-13)', () => {
  test('made in one moment: first what is in no convoy, then in the order of the convoy, in one rig as over all', () => {
    const one = story({ polecat: silentPolecat });
    const other = one.addRig('lib');
    one.town.must({ kind: 'town.pause' });
    const { beadIds } = make(one, ['A', 'B', 'C']);
    const [here, there] = [one.wish('here'), one.wish('there', { rigId: other })];
    expect(dispatchableBeads(one.town.sql, one.rigId, 10).map(({ id, place }) => [id, place])).toEqual([
      [here, -1],
      [beadIds[0], 0],
      [beadIds[1], 1],
      [beadIds[2], 2],
    ]);
    one.town.must({ kind: 'town.configure', maxPolecats: 3 });
    one.town.must({ kind: 'town.resume' });
    const begun = [here, there, ...beadIds].filter((id: BeadId) => one.bead(id).status === 'in_progress');
    expect(begun).toEqual([here, there, beadIds[0]]);
  });
});

test('what was put off is due at its time, and not before; nothing is when nothing was put off (P7)', () => {
  const one = story();
  one.town.must({ kind: 'town.pause' });
  const { sql, now } = one.town;
  expect(deferralsDue(sql, now)).toEqual([]);
  const [late, soon] = [one.wish('late'), one.wish('soon')];
  one.town.must({ kind: 'bead.defer', beadId: late, until: now + 20 });
  one.town.must({ kind: 'bead.defer', beadId: soon, until: now + 10 });
  expect([9, 10, 19].map((ms) => deferralsDue(sql, now + ms))).toEqual([[], [soon], [soon]]);
  expect(deferralsDue(sql, now + 20).toSorted()).toEqual([late, soon].toSorted());
});

test('a bead is tried again exactly when its wait is over, to the millisecond, as for every other wait (I3, decision 0011)', () => {
  const one = story();
  one.town.must({ kind: 'town.pause' });
  const { sql, now } = one.town;
  const id = one.wish('waits');
  const longest = LIMITS.effectRetryCapMs.value;
  for (const ahead of [-1, 0, 1, longest, longest + 1, longest + 1_000, longest + 1_001, 2 * longest]) {
    sql.run('UPDATE beads SET retry_at = ? WHERE id = ?', now + ahead, id);
    expect([ahead, retriesDue(sql, now)]).toEqual([ahead, isOver(now + ahead, now, longest) ? [id] : []]);
  }
});
