import { LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { good, replica, sortedTables, story } from '../testing.ts';

const { leaseRenewMs, startTimeoutMs } = LIMITS;
const MOST = LIMITS.preparingMs.value;
const MINUTE = 60_000;

/** A start that is with its runner, which says nothing of its outcome. `setupMs`: what its one setup command may take. */
function preparing({ setupMs = 0 } = {}) {
  const one = story({ 'run.start': () => null });
  const setup = { shared: [{ command: 'npm ci', timeoutMs: setupMs, required: true }], polecat: [], refinery: [] };
  if (setupMs > 0) one.town.must({ kind: 'town.configure', setup });
  const beadId = one.wish('is large');
  one.runner.work();
  const run = () => one.runsOf(beadId)[0]!;
  const { id: runId, generation } = run();
  const says = () => one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] });
  /** Its runner says each half minute that it is at it, for so long. */
  const prepares = (ms: number) => {
    for (let past = 0; past < ms; past += leaseRenewMs.value) {
      one.town.sleep(leaseRenewMs.value);
      says();
    }
  };
  const browser = replica();
  const shown = () => {
    browser.pull(one.town);
    expect(browser.rows()).toEqual(sortedTables(one.town.rows()));
    return one.bead(beadId).wait?.code;
  };
  return { ...one, beadId, run, ref: { runId, generation }, says, prepares, shown };
}

describe('a start whose worktree takes long', () => {
  test('goes on while its runner says that it is at it; its bead says so, and pays nothing when it begins (RC-35, I10, I17)', () => {
    const one = preparing();
    expect(one.shown()).toBe('agent_starting');
    one.prepares(MOST / 2);
    expect(one.shown()).toBe('worktree_preparing');
    const { effectId } = one.town.handed.at(-1)!;
    const outcome = good({ kind: 'session', sessionId: 's-1', resumed: false, model: null });
    one.runner.report({ kind: 'outcome', effectId, outcome });
    expect(one.shown()).toBe('agent_starting');
    one.runner.report({ kind: 'turn.started', ...one.ref, nudgeId: null });
    expect(one.shown()).toBe('agent_working');
    expect(one.bead(one.beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
    expect(one.runsOf(one.beadId)).toHaveLength(1);
  });

  test.each([
    [0, '60 minutes'],
    [10 * MINUTE, '70 minutes'],
  ])(
    'and its setup commands (%i ms) does not go on for ever: it ends with what took so long, whatever its runner says (I8)',
    (setupMs, said) => {
      const one = preparing({ setupMs });
      one.prepares(MOST + setupMs + leaseRenewMs.value);
      expect(one.run().state).toBe('starting');
      one.prepares(startTimeoutMs.value + leaseRenewMs.value);
      const message = `The worktree was not ready after ${said}: to fetch the repository and to check it out takes too long there.`;
      expect(one.run()).toMatchObject({ state: 'ended', failure: { code: 'setup_failed', message } });
      expect(one.bead(one.beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
      expect(one.runsOf(one.beadId)).toHaveLength(2);
    },
  );

  test('ends soon after the last word of its runner, and the worktree is not blamed (RC-35)', () => {
    const one = preparing();
    one.prepares(MOST / 2);
    one.runner.alive();
    one.town.sleep(startTimeoutMs.value);
    expect(one.run()).toMatchObject({ state: 'ended', failure: { code: 'lease_expired' } });
  });

  test('keeps the time that its setup commands have when its runner says something early (AG-22)', () => {
    const one = preparing({ setupMs: 10 * MINUTE });
    one.prepares(MINUTE);
    one.runner.alive();
    one.town.sleep(10 * MINUTE);
    expect(one.run().state).toBe('starting');
  });

  test('and goes out again to another process begins anew: what its bead says, and its limit (RC-35, I10, I17)', () => {
    const one = preparing();
    one.prepares(MOST);
    one.runner.hello('another-instance');
    expect(one.shown()).toBe('agent_starting');
    one.runner.work();
    one.prepares(MOST);
    expect(one.shown()).toBe('worktree_preparing');
  });

  test('and goes out again to the process that is at it has no more time than before (I8, I10)', () => {
    const one = preparing();
    one.prepares(MOST);
    one.runner.hello();
    expect(one.shown()).toBe('worktree_preparing');
    one.runner.work();
    one.prepares(startTimeoutMs.value + leaseRenewMs.value);
    expect(one.run()).toMatchObject({ state: 'ended', failure: { code: 'setup_failed' } });
  });

  test('has its limit from now on when the clock was ahead (RC-16)', () => {
    const one = preparing();
    one.town.now += 10 * MOST;
    one.says();
    one.town.now -= 10 * MOST;
    one.town.sleep(1_000);
    one.prepares(MOST + 4 * MINUTE);
    expect(one.run()).toMatchObject({ state: 'ended', failure: { code: 'setup_failed' } });
  });

  test('leaves its place among the starts to the next (CT-13)', () => {
    const one = story({ 'run.start': () => null });
    const places = LIMITS.startsAtOnce.value;
    one.town.must({ kind: 'town.configure', maxPolecats: places + 1 });
    one.town.must({ kind: 'rig.update', rigId: one.rigId, maxPolecats: places + 1 });
    for (let n = 0; n <= places; n += 1) one.wish(`bead ${n}`);
    one.runner.work();
    const started = () => one.town.handed.flatMap(({ effect }) => (effect.kind === 'run.start' ? [effect] : []));
    expect(started()).toHaveLength(places);
    const { runId, generation } = started()[0]!;
    one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] });
    one.runner.work();
    expect(started()).toHaveLength(places + 1);
  });
});
