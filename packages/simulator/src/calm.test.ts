import { bad, silentPolecat, story, type Story } from '@gastown/town/testing';
import type { BeadId } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { isForAPerson } from './calm.ts';

const waits = ({ town, bead }: Story, id: BeadId): boolean => {
  expect(bead(id).wait?.code).toBe('needs_person');
  return isForAPerson(town.sql, bead(id));
};

test('a bead waits for a person when one put it there by hand', () => {
  const one = story();
  const id = one.wish('first');
  one.town.must({ kind: 'bead.set_status', beadId: id, status: 'in_review' });
  expect(waits(one, id)).toBe(true);
  one.town.must({ kind: 'bead.set_status', beadId: id, status: 'in_progress' });
  expect(waits(one, id)).toBe(true);
});

test('a bead whose run is over and that nobody put there waits for nobody', () => {
  const one = story({ polecat: silentPolecat }, { check: false });
  const id = one.wish('first');
  one.runner.work();
  one.town.sql.run(`UPDATE runs SET state = 'ended'`);
  expect(waits(one, id)).toBe(false);
});

test('a bead whose merge failed waits for a person who was asked', () => {
  const one = story({ 'merge.test': () => bad('git_failed') }, { check: false });
  const id = one.wish('first');
  one.runner.work();
  expect(waits(one, id)).toBe(true);
  one.town.must({ kind: 'escalation.acknowledge', escalationId: one.town.rows().escalations[0]!.id });
  expect(waits(one, id)).toBe(true);
  one.town.sql.run('DELETE FROM escalations');
  expect(waits(one, id)).toBe(false);
});

test('an open bead waits for a person when its repository was taken away', () => {
  const one = story();
  const id = one.wish('first');
  one.town.must({ kind: 'rig.remove', rigId: one.rigId, force: true });
  one.town.must({ kind: 'bead.set_status', beadId: id, status: 'open' });
  expect(waits(one, id)).toBe(true);
  expect(isForAPerson(one.town.sql, one.bead(one.wish('second', { rigId: one.addRig('lib') })))).toBe(false);
});
