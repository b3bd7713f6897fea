import { expect, test } from 'vitest';
import { replica, sortedTables, story } from '../testing.ts';
import { make } from '../testing/convoys.ts';

test('what a convoy does to a bead shows on every page: it joins, is held with the others and let go, and leaves (CV-26, I17)', () => {
  const one = story();
  const { town } = one;
  const browser = replica();
  town.must({ kind: 'town.pause' });
  const beadId = one.wish('there before');
  const { convoyId, beadIds } = make(one, ['born in it']);
  const member = beadIds[0]!;
  const inStep = (waits: string, convoy: string | null): void => {
    browser.pull(town);
    expect({ ...browser.rows(), events: [] }).toEqual({ ...sortedTables(town.rows()), events: [] });
    expect([one.bead(beadId), one.bead(member)].map((row) => row.wait?.code)).toEqual([convoy === null ? 'town_paused' : waits, waits]);
    expect(one.bead(beadId).convoyId).toBe(convoy);
  };
  inStep('town_paused', null);
  town.must({ kind: 'convoy.add', convoyId, beadIds: [beadId] });
  inStep('town_paused', convoyId);
  town.must({ kind: 'convoy.pause', convoyId });
  inStep('convoy_paused', convoyId);
  town.must({ kind: 'convoy.resume', convoyId });
  inStep('town_paused', convoyId);
  town.must({ kind: 'convoy.remove', convoyId, beadId });
  inStep('town_paused', null);
});
