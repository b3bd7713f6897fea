import { explainWait, type BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, story, type Story } from '../testing.ts';

const says = (one: Story, id: BeadId) =>
  explainWait(one.bead(id), {
    town: undefined,
    rig: undefined,
    bead: () => undefined,
    merge: (ref) => one.town.rows().merges.find((merge) => merge.id === ref),
  });

describe('a state that a person gave by hand (ST-14)', () => {
  test.each([
    ['in_progress', 'Set to in progress by hand', true],
    ['in_review', 'Set to in review by hand', false],
  ] as const)('%s: no agent is sent to it, also when a runner comes back, and it says so (I10)', (status, sentence, isNobodys) => {
    const one = story();
    const id = one.wish('Add X');
    one.runner.work();
    expect(one.bead(id).status).toBe('closed');
    one.town.must({ kind: 'bead.set_status', beadId: id, status });
    expect(one.bead(id).assigneeId === null).toBe(isNobodys);
    for (const instance of ['instance-2', 'instance-3']) {
      one.runner.hello(instance);
      one.runner.work();
    }
    one.town.sleep(86_400_000, () => one.runner.work());
    expect(one.bead(id)).toMatchObject({ status, wait: { code: 'needs_person' } });
    expect(says(one, id)).toContain(sentence);
    expect(one.runsOf(id)).toHaveLength(1);
    one.town.must({ kind: 'bead.set_status', beadId: id, status: 'open' });
    one.runner.work();
    expect(one.bead(id).status).toBe('closed');
    expect(one.runsOf(id)).toHaveLength(2);
  });

  test('a merge that was refused is named with its reason on the bead that waits for it (I10)', () => {
    const one = story({ 'merge.land': () => bad('push_refused') });
    const id = one.wish('Add X');
    one.runner.work();
    const { failure } = one.mergeOf(id);
    expect(says(one, id)).toContain(`${one.mergeOf(id).id} did not land: ${failure?.message}`);
  });
});
