import type { BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { convoy, make, type Made } from '../testing/convoys.ts';
import { silentPolecat, story } from '../testing.ts';

describe('a bead of a convoy that is over', () => {
  test('may join another when it was called off, opened again or failed; its old convoy counts it no more (I11, CV-22)', () => {
    const one = story({ polecat: silentPolecat });
    const old = make(one, ['A', 'B']);
    const [a] = old.beadIds as [BeadId];
    one.town.must({ kind: 'bead.set_status', beadId: a, status: 'failed' });
    one.town.must({ kind: 'convoy.close', convoyId: old.convoyId, force: true });
    const next = one.town.must<Made>({ kind: 'convoy.create', title: 'again', beadIds: [a] });
    expect(one.bead(a)).toMatchObject({ convoyId: next.convoyId, convoyPlace: 0 });
    expect(convoy(one, old.convoyId)).toMatchObject({ status: 'cancelled', total: 1, closed: 1, failed: 0 });
    expect(convoy(one, next.convoyId)).toMatchObject({ status: 'open', total: 1, failed: 1 });
    expect(one.town.rows().events.filter((event) => event.type === 'convoy_bead_removed')).toMatchObject([
      { beadId: a, data: { convoyId: old.convoyId } },
    ]);
  });

  test('stays when it landed, and the refusal says the way out, which works', () => {
    const one = story();
    const old = make(one, ['A']);
    const [a] = old.beadIds as [BeadId];
    one.runner.work();
    const join = () => one.town.person({ kind: 'convoy.create', title: 'again', beadIds: [a] });
    expect(join()).toMatchObject({
      ok: false,
      failure: { code: 'bead_in_convoy', message: expect.stringContaining('Open the bead again, then it can be removed') },
    });
    one.runner.script['run.start'] = () => null;
    one.town.must({ kind: 'bead.set_status', beadId: a, status: 'open' });
    one.town.must({ kind: 'convoy.remove', convoyId: old.convoyId, beadId: a });
    expect(join()).toMatchObject({ ok: true });
  });
});
