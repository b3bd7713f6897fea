import { failure, FAILURE_CODES, FAILURES, type FailureCode, type Generation } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { withoutDone } from '../runs/refused.ts';
import { whyNotMoving } from '../sync/why.ts';
import { bad, evidence, good, sha, silentPolecat, story } from '../testing.ts';

const connected = good({ kind: 'rig', defaultBranch: 'main', empty: false, head: sha('base') });
const why = (cause: FailureCode) => failure('not_pushed', `The branch could not be handed in: ${cause}`, { cause });

/** A polecat in its first turn. */
function atWork() {
  const one = story({ polecat: silentPolecat });
  const id = one.wish('Add X');
  one.runner.work();
  const start = one.runner.starts[0]!;
  const { runId, generation } = start;
  const ref = { runId, generation };
  const looks = () => one.town.handed.filter(({ effect }) => effect.kind === 'rig.connect').length;
  const before = looks();
  return {
    ...one,
    id,
    start,
    ref,
    refused: (cause: FailureCode, of = ref) => one.runner.report({ kind: 'hand_in.refused', ...of, failure: why(cause) }),
    run: () => one.runsOf(id)[0]!,
    rig: () => one.town.rows().rigs.find((rig) => rig.id === one.rigId)!,
    said: () => whyNotMoving(one.town.sql, one.bead(id)),
    looks: () => {
      one.runner.work();
      return looks() - before;
    },
    /** Its turn ends without a hand-in, and so does each that it is reminded in. */
    idle: () => {
      one.runner.report({ kind: 'turn.ended', ...ref, stopReason: 'end_turn', failure: null });
      one.runner.work();
    },
  };
}

describe('a hand-in that the repository refuses', () => {
  test('is kept as the run’s failure with its cause and the step that mends it, and the bead says it, while its agent goes on (I10)', () => {
    const one = atWork();
    one.refused('push_refused');
    expect(one.run()).toMatchObject({
      state: 'working',
      endedAt: null,
      failure: { ...why('push_refused'), next: expect.stringContaining('token') },
    });
    expect(one.bead(one.id)).toMatchObject({ status: 'in_progress', attempts: 0, wait: { code: 'hand_in_refused', ref: one.ref.runId } });
    expect(one.said()).toBe(
      'An agent works on it, and the repository did not take what it handed in: The branch could not be handed in: push_refused.',
    );
    expect([one.rig().state, one.looks()]).toEqual(['ready', 0]);
  });

  test('is heard once: the same again, one of an older generation, of an ended run and after the hand-in change nothing (I2, I18)', () => {
    const one = atWork();
    one.refused('push_refused');
    const rev = one.town.town.rev();
    one.refused('push_refused');
    one.refused('repository_locked', { ...one.ref, generation: 0 as Generation });
    expect(one.town.town.rev()).toBe(rev);
    one.runner.tool(one.start, 'done', { summary: 'it works' }, evidence(one.start));
    expect(one.run().failure).toBeNull();
    one.refused('repository_locked');
    expect(one.run().failure).toBeNull();
    one.runner.report({ kind: 'run.lost', ...one.ref, failure: failure('agent_crashed') });
    one.refused('repository_locked');
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'done', failure: null });
  });

  test('the last one counts', () => {
    const one = atWork();
    one.refused('push_refused');
    one.refused('target_moved');
    expect(one.run().failure).toMatchObject({ ...why('target_moved'), next: expect.stringMatching(/^Nothing: its agent/) });
    one.idle();
    expect(one.run().failure).toEqual(
      failure('ended_without_done', expect.stringContaining('its hand-in was refused'), { cause: 'target_moved' }),
    );
  });

  test.each(['repository_unreachable', 'repository_not_found', 'repository_refused'] as const)(
    'over %s: the rig says it at once and is looked at at once, once for the same cause (I10, I8)',
    (cause) => {
      const one = atWork();
      one.refused(cause);
      expect(one.rig()).toMatchObject({ state: 'unreachable', failure: { code: cause, message: why(cause).message } });
      expect([one.looks(), one.rig().state]).toEqual([1, 'ready']);
      one.runner.report({ kind: 'hand_in.refused', ...one.ref, failure: { ...why(cause), message: 'once more' } });
      expect([one.run().failure?.message, one.rig().state, one.looks()]).toEqual(['once more', 'ready', 1]);
    },
  );

  test('over a lock: the rig is looked at, and goes on meanwhile', () => {
    const one = atWork();
    one.refused('repository_locked');
    expect([one.rig().state, one.looks()]).toEqual(['ready', 1]);
  });

  test('what its agent ends without a hand-in after that says why, with what to do, and costs an attempt (RC-31, I10)', () => {
    const one = atWork();
    one.refused('push_refused');
    one.idle();
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'failed' });
    expect(one.run().failure).toMatchObject({
      code: 'ended_without_done',
      message: `The agent ended its turn 3 times without gt_done: its hand-in was refused. ${why('push_refused').message}`,
      details: { cause: 'push_refused' },
      next: expect.stringContaining('token'),
    });
    expect(one.bead(one.id).attempts).toBe(1);
  });

  test('over a repository that stays away: its agent is told that at its first reminder, and the run ends without an attempt (RC-31, PT-5)', () => {
    const one = atWork();
    one.runner.script['rig.connect'] = () => bad('repository_unreachable', true);
    one.refused('repository_unreachable');
    one.runner.work();
    one.idle();
    expect(one.town.rows().nudges.map(({ text }) => text)[0]).toContain('its repository cannot be used');
    expect(one.run().failure?.code).toBe('repository_unreachable');
    expect(one.bead(one.id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'rig_unreachable' } });
    one.runner.script['rig.connect'] = () => connected;
  });
});

test('only what a person can mend is a step in the end of a run whose hand-in was refused, whatever its words (FR-4, FR-5)', () => {
  const steps = FAILURE_CODES.map((cause) => ({ cause, ended: withoutDone({ failure: why(cause) }, 3) }));
  for (const { cause, ended } of steps)
    expect(ended.next, cause).toBe(FAILURES[cause].acts === 'person' ? FAILURES[cause].next : undefined);
  expect(steps.filter(({ ended }) => ended.next?.startsWith('You need do nothing:'))).toEqual([]);
});
