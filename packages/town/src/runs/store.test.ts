import { failure } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type Story } from '../testing.ts';
import { openTx, type Tx } from '../tx.ts';
import { endRun, findRun, prodsOf, setRunState, touchRun } from './store.ts';

function step({ town }: Story, act: (tx: Tx) => void): Tx {
  const tx = openTx(town.sql, { now: town.now, random: (bytes) => 'ab'.repeat(bytes) }, { kind: 'town' }, 'test');
  act(tx);
  return tx;
}
/** A polecat in its turn, and a session of the Mayor. */
function working() {
  const one = story({ polecat: silentPolecat });
  const id = one.wish('A');
  one.town.must({ kind: 'mayor.tell', text: 'hello' });
  one.runner.work();
  const run = () => findRun(one.town.sql, one.runsOf(id)[0]!.id)!;
  const mayors = findRun(one.town.sql, one.town.rows().runs.find((row) => row.beadId === null)!.id)!;
  return { ...one, id, run, mayors };
}

describe('a run', () => {
  test('that is over has ended once: neither why nor when is told anew, and nothing follows from it again (I18)', () => {
    const one = working();
    const live = one.run();
    step(one, (tx) => endRun(tx, live, 'failed', failure('agent_crashed')));
    const over = one.run();
    one.town.now += 1;
    const tx = step(one, (again) => endRun(again, over, 'stopped', null));
    expect(one.run()).toEqual(over);
    expect([tx.touched.changes, tx.ended.size]).toEqual([0, 0]);
  });

  test('moves as its table of moves says, and stays in its state without a move', () => {
    const one = working();
    const run = one.run();
    expect(() => step(one, (tx) => setRunState(tx, run, 'starting', {}))).toThrow(`run ${run.id}: working cannot become starting`);
    step(one, (tx) => setRunState(tx, run, 'working', { nudge_id: null }));
    expect(one.run()).toEqual(run);
  });

  test('without a bead shows on none (I17)', () => {
    const one = working();
    expect([...step(one, (tx) => touchRun(tx, one.run(), 'bead')).touched.beads]).toEqual([one.id]);
    expect([...step(one, (tx) => touchRun(tx, one.mayors, 'bead')).touched.beads]).toEqual([]);
  });

  test('that was prodded begins anew with what it does later, not with what it did in that moment (PT-3)', () => {
    const one = working();
    const prodded = { ...one.run(), prods: 2, proddedAt: 1_000 };
    expect([null, 999, 1_000, 1_001].map((lastActivityAt) => prodsOf({ ...prodded, lastActivityAt }))).toEqual([2, 2, 2, 0]);
    expect(prodsOf({ ...prodded, proddedAt: null, lastActivityAt: 1 })).toBe(0);
  });
});
