import { FAILURES, LIMITS, type FailureCode, type Outcome } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, good, sha, silentPolecat, story } from '../testing.ts';

const connected = good({ kind: 'rig', defaultBranch: 'main', empty: false, head: sha('base') });
const MINUTE = 60_000;

/** The repository of the story is away: what the runner finds when it looks. */
function away(code: FailureCode, retry = false) {
  const one = story();
  one.runner.work();
  const rig = () => one.town.rows().rigs.find(({ id }) => id === one.rigId)!;
  one.runner.script['rig.connect'] = () => bad(code, retry);
  one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
  const since = one.town.now;
  one.runner.work();
  return { ...one, rig, since, live: (ms: number) => one.town.sleep(ms, () => one.runner.work()) };
}

describe('a repository that is away for a while', () => {
  test('was there before: it is looked at again by itself, says when, and goes on when it is back (I8)', () => {
    const one = away('repository_not_found');
    expect(one.rig()).toMatchObject({ state: 'unreachable', failingSince: one.since, looksAgainAt: expect.any(Number) });
    one.live(2 * MINUTE);
    expect(one.rig()).toMatchObject({ state: 'unreachable', failingSince: one.since });
    one.runner.script['rig.connect'] = () => connected;
    const { looksAgainAt } = one.rig();
    expect(looksAgainAt! - one.town.now).toBeLessThanOrEqual(LIMITS.lookAgainCapMs.value);
    one.live(looksAgainAt! - one.town.now + 1);
    expect(one.rig()).toMatchObject({ state: 'ready', failure: null, failingSince: null, looksAgainAt: null });
  });

  test('is looked at a bounded number of times, ever more slowly; then only when a person wants it (I8, P7)', () => {
    const one = away('repository_not_found');
    const tries = () => one.town.handed.filter(({ effect }) => effect.kind === 'rig.connect').length;
    const before = tries();
    one.live(180 * MINUTE);
    expect(tries() - before).toBe(LIMITS.effectAttempts.value - 1);
    expect(one.rig().looksAgainAt).toBeNull();
    one.runner.script['rig.connect'] = () => connected;
    one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
    one.runner.work();
    expect(one.rig()).toMatchObject({ state: 'ready', failingSince: null });
  });

  test('says when it is looked at whatever plans that: a run that met it, a second that did, looks without an answer, and the last (I10)', () => {
    const one = story();
    one.runner.work();
    const rig = () => one.town.rows().rigs.find(({ id }) => id === one.rigId)!;
    one.runner.script['rig.connect'] = () => null;
    one.runner.script['run.start'] = () => bad('repository_unreachable', false);
    one.wish('first');
    one.wish('second');
    one.runner.work();
    const first = rig().looksAgainAt;
    expect(rig()).toMatchObject({ state: 'unreachable', looksAgainAt: expect.any(Number) });
    expect(first).toBeLessThanOrEqual(one.town.now);
    one.town.sleep(20 * MINUTE, () => one.runner.work());
    expect(rig().looksAgainAt).toBeGreaterThan(first!);
    one.town.sleep(600 * MINUTE, () => one.runner.work());
    expect(one.town.rows().parked.map(({ kind }) => kind)).toContain('rig.connect');
    expect(rig()).toMatchObject({ state: 'unreachable', looksAgainAt: null });
  });

  describe('under an agent that has work to hand in (RC-31, PT-5, I10)', () => {
    /** Its hand-in is refused, so that it ends its turn each time it is told to go on. */
    const unable = (script: 'is away' | 'is there') => {
      const one = story({ polecat: (r, start) => r.turn(start) });
      if (script === 'is away') one.runner.script['rig.connect'] = () => bad('repository_not_found', false);
      const id = one.wish('first');
      one.runner.work();
      const rig = () => one.town.rows().rigs.find(({ id: rigId }) => rigId === one.rigId)!;
      return { ...one, id, rig };
    };

    test('it loses no attempt: the bead waits for the repository, says so, and goes on when that is back', () => {
      const { id, rig, runsOf, bead, runner, town } = unable('is away');
      expect(runsOf(id).map(({ failure }) => failure?.code)).toEqual(['repository_not_found']);
      expect(bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'rig_unreachable' } });
      runner.script['rig.connect'] = () => connected;
      runner.script.polecat = (r, start) => r.turn(start, null, null, () => void r.done(start));
      town.sleep(rig().looksAgainAt! - town.now + 1, () => runner.work());
      town.sleep(MINUTE, () => runner.work());
      expect(bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
    });

    test('it is told that the repository is away, when that is known', () => {
      const one = story({ polecat: silentPolecat });
      one.wish('first');
      one.runner.work();
      const { runId, generation } = one.runner.starts[0]!;
      one.runner.script['rig.connect'] = () => bad('repository_not_found', false);
      one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
      one.runner.work();
      one.runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
      expect(one.town.rows().nudges.map(({ text }) => text)).toEqual([expect.stringContaining('its repository cannot be used')]);
    });

    test('its silence costs no attempt either (PT-3)', () => {
      const one = story({ polecat: silentPolecat });
      const id = one.wish('first');
      one.runner.work();
      one.runner.script['rig.connect'] = () => bad('repository_not_found', false);
      one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
      const { runId, generation } = one.runner.starts[0]!;
      const lastActivityAt = one.town.now;
      for (let minute = 0; minute < 180; minute += 1) {
        one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt }] });
        one.town.sleep(MINUTE, () => one.runner.work());
      }
      expect(one.runsOf(id).map(({ failure }) => failure?.code)).toEqual(['repository_not_found']);
      expect(one.bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'rig_unreachable' } });
    });

    /** It ended its turns without a hand-in, and a look at its repository, which is there as far as the town knows, has no answer yet. */
    const lookedAt = () => {
      const one = story({ polecat: silentPolecat });
      const id = one.wish('first');
      one.runner.work();
      const { runId, generation } = one.runner.starts[0]!;
      one.runner.script['rig.connect'] = () => null;
      one.runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
      one.runner.work();
      const { effectId } = one.town.handed.findLast(({ effect }) => effect.kind === 'rig.connect')!;
      one.runner.script['run.start'] = () => null;
      return {
        ...one,
        id,
        run: () => one.runsOf(id)[0]!,
        answer: (outcome: Outcome) => void one.runner.report({ kind: 'outcome', effectId, outcome }),
      };
    };

    test.each([
      ['that it is away', bad('repository_not_found'), { code: 'repository_not_found', attempts: 0 }],
      ['that it is there', connected, { code: 'ended_without_done', attempts: 1 }],
    ] as const)('its last turn ends before a look at it has an answer; what that says, %s, tells what it costs (I3)', (_, answer, end) => {
      const one = lookedAt();
      one.town.sleep(LIMITS.leaseMs.value - 1_000, () => one.runner.work());
      expect(one.run()).toMatchObject({ state: 'idle', endedAt: null });
      one.answer(answer);
      expect(one.run()).toMatchObject({ state: 'ended', failure: { code: end.code } });
      expect(one.bead(one.id).attempts).toBe(end.attempts);
    });

    test('its last turn ends, and the look at it failed on the machine: what is to be done about that is told, and nothing of an address (I10)', () => {
      const one = lookedAt();
      one.answer(bad('machine_full', true, 'rig.connect: spawn git EMFILE'));
      one.town.sleep(LIMITS.leaseMs.value, () => one.runner.work());
      expect(one.run()).toMatchObject({
        state: 'ended',
        failure: { code: 'repository_unreachable', message: 'rig.connect: spawn git EMFILE', next: FAILURES.machine_full.next },
      });
    });

    test('its last turn ends, and a look at it has no answer in time: its bead waits for the repository, and no attempt counts (I3, I8)', () => {
      const one = lookedAt();
      one.town.sleep(LIMITS.leaseMs.value, () => one.runner.work());
      expect(one.run()).toMatchObject({ state: 'ended', failure: { code: 'repository_unreachable' } });
      expect(one.bead(one.id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'rig_unreachable' } });
      one.answer(connected);
      expect(one.bead(one.id)).toMatchObject({ status: 'in_progress', attempts: 0 });
    });

    test('a person has it connected again when its last turn ends: it loses no attempt, and the repository is not said to be away before that was looked at', () => {
      const one = story({ polecat: silentPolecat });
      const id = one.wish('first');
      one.runner.work();
      const { runId, generation } = one.runner.starts[0]!;
      const reconnect = () => one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
      one.runner.script['rig.connect'] = () => bad('repository_not_found', false);
      reconnect();
      one.runner.work();
      one.runner.script['rig.connect'] = () => null;
      one.runner.script.prompt = (r, prompt) => r.turn(prompt, prompt.nudgeId, null, () => void reconnect());
      one.runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
      one.runner.work();
      expect(one.runsOf(id)).toMatchObject([{ state: 'ended', failure: { code: 'repository_unreachable' } }]);
      expect(one.bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'rig_connecting' } });
    });

    test('the time that its bead allows runs out: it goes on with all of it when the repository is back, and has not failed (ST-12)', () => {
      const one = story({ polecat: silentPolecat });
      const id = one.wish('first', { timeoutMs: 10 * MINUTE });
      one.runner.work();
      const { runId, generation } = one.runner.starts[0]!;
      one.runner.script['rig.connect'] = () => bad('repository_not_found', false);
      one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
      for (let minute = 0; minute < 11; minute += 1) {
        one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] });
        one.town.sleep(MINUTE, () => one.runner.work());
      }
      expect(one.runsOf(id).map(({ failure }) => failure?.code)).toEqual(['repository_not_found']);
      expect(one.bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'rig_unreachable' } });
    });

    test('one that is there after all costs it its attempts', () => {
      const { id, runsOf, bead, rig } = unable('is there');
      expect(runsOf(id).map(({ failure }) => failure?.code)).toContain('ended_without_done');
      expect(bead(id)).toMatchObject({ status: 'failed', attempts: 3 });
      expect(rig().state).toBe('ready');
    });

    test('again and again costs an attempt each time: no agent is paid for that for ever (I8)', () => {
      const { id, rig, runsOf, bead, runner, town } = unable('is away');
      runner.script.polecat = (r, start) => {
        r.script['rig.connect'] = () => bad('repository_not_found', false);
        r.turn(start);
      };
      for (let times = 0; times < 20 && bead(id).status !== 'failed'; times += 1) {
        runner.script['rig.connect'] = () => connected;
        town.must({ kind: 'rig.reconnect', rigId: rig().id });
        town.sleep(30 * MINUTE, () => runner.work());
      }
      expect(bead(id)).toMatchObject({ status: 'failed', attempts: 3 });
      const { message, details } = bead(id).failure!;
      expect(details?.['reasons']).toHaveLength(3);
      expect(message).toMatch(/^3 attempts failed, each for the same reason: \S/);
      expect(runsOf(id).length).toBe(LIMITS.lossesInARow.value + 2);
    });
  });

  test('starts that find it away between two agents do not make agents free for ever (I8)', () => {
    const one = story();
    one.runner.work();
    let starts = 0;
    const { runner, town } = one;
    const start = runner.script['run.start'];
    runner.script['run.start'] = (effect) => ((starts += 1) % 2 === 0 ? bad('repository_unreachable', false) : start(effect));
    runner.script.polecat = (r, begun) => {
      r.script['rig.connect'] = () => bad('repository_not_found', false);
      r.turn(begun);
    };
    const id = one.wish('first');
    for (let times = 0; times < 40 && one.bead(id).status !== 'failed'; times += 1) {
      runner.work();
      runner.script['rig.connect'] = () => connected;
      town.must({ kind: 'rig.reconnect', rigId: one.rigId });
      town.sleep(30 * MINUTE, () => runner.work());
    }
    expect(one.bead(id)).toMatchObject({ status: 'failed', attempts: 3 });
    expect(runner.starts).toHaveLength(LIMITS.lossesInARow.value + 2);
  });

  test('that refuses its credentials is not asked again with them', () => {
    expect(away('repository_refused').rig()).toMatchObject({ state: 'unreachable', looksAgainAt: null });
  });

  test('that was never there is not looked at again: its address may be wrong', () => {
    const one = story();
    one.runner.script['rig.connect'] = () => bad('repository_not_found');
    const rigId = one.addRig('nowhere');
    one.runner.work();
    expect(one.town.rows().rigs.find(({ id }) => id === rigId)).toMatchObject({ state: 'unreachable', looksAgainAt: null });
  });
});
