import { expect, test } from 'vitest';
import { bad, silentPolecat, story } from '../testing.ts';

test('a person who says so has what waits after failed starts tried at once, and the failures forgotten (RC-33, MY-17)', () => {
  const one = story({ polecat: silentPolecat, 'run.start': () => bad('setup_failed', true, 'no space left') });
  const { town, runner } = one;
  const [first, second] = [one.wish('first'), one.wish('second')];
  runner.work();
  town.must({ kind: 'town.pause' });
  const never = one.wish('never tried');
  const kept = (id: string) => town.sql.all('SELECT retry_at, starts FROM beads JOIN issues ON bead_id = id WHERE id = ?', id)[0];
  for (const id of [first, second]) expect(kept(id)).toEqual({ retry_at: expect.any(Number), starts: 1 });
  expect(town.must({ kind: 'dispatch.reset' })).toEqual({ beads: 2 });
  for (const id of [first, second, never]) expect(kept(id)).toEqual({ retry_at: null, starts: 0 });
  expect(town.must({ kind: 'dispatch.reset' })).toEqual({ beads: 0 });
  town.must({ kind: 'town.resume' });
  expect([first, second, never].map((id) => one.bead(id).status)).toEqual(['in_progress', 'in_progress', 'in_progress']);
});
