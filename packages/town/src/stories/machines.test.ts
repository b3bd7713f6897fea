import { explainWait, HOME_RUNNER, LIMITS, type BeadId, type RunnerId, type RunRow } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../invariants.ts';
import {
  addMachine,
  bad,
  good,
  handedTo,
  runnerRow,
  sha,
  silentPolecat,
  startsContainer,
  story,
  whereRan,
  type Story,
} from '../testing.ts';

const AWAY = LIMITS.runnerAwayMs.value;
const ref = ({ id, generation }: RunRow) => ({ runId: id, generation });
/** The container has had nothing to do for so long that it is stopped. */
function resting(one: Story): Story {
  one.town.sleep(3_600_000, () => one.runner.work());
  one.town.handed.length = 0;
  return one;
}

describe('a machine that goes', () => {
  /** Two beads on a machine that is the best place for them; the container takes them too. */
  function onMachine(script: Parameters<typeof addMachine>[2] = {}) {
    const one = story();
    const machine = addMachine(one, 'laptop', { script: { polecat: silentPolecat }, ...script });
    const id = one.wish('A');
    one.runner.work();
    return { ...one, machine, id };
  }
  test('without a word may come back in time, and nothing was lost', () => {
    const { town, machine, runner, id, runsOf } = onMachine();
    machine.gone();
    town.sleep(AWAY - 1_000, () => runner.work());
    const runs = runsOf(id).map((run) => ({ ...ref(run), turnInFlight: true }));
    town.send({
      kind: 'runner.hello',
      runnerId: machine.id,
      hello: { t: 'hello', protocol: 1, instance: machine.instance, agentKinds: [], runs },
    });
    machine.report({ kind: 'renew', runs: [{ ...runs[0]!, lastActivityAt: town.now }] });
    town.sleep(LIMITS.leaseMs.value - 1, () => runner.work());
    expect(runsOf(id).map((run) => run.state)).toEqual(['working']);
  });
  const HEARD = 20_000;
  const says = (one: Story, id: BeadId) => {
    const { wait } = one.bead(id);
    const runs = one.runsOf(id);
    const agent = one.town.rows().agents.find((row) => row.runId === runs.at(-1)?.id);
    return [wait?.code, wait?.until ?? null, runs.at(-1)?.away ?? null, agent?.status];
  };
  test('is away at once, for its runs, their agents and their beads, and until when it may come back; a cut renews nothing (I3, I10)', () => {
    const one = onMachine();
    const { town, machine, id } = one;
    town.sleep(HEARD, () => one.runner.work());
    expect(says(one, id)).toEqual(['agent_working', null, null, 'working']);
    machine.gone();
    const since = town.now;
    const until = since - HEARD + LIMITS.leaseMs.value;
    expect(says(one, id)).toEqual(['runner_away', until, { since, until }, 'away']);
    const runner = (of: string) => runnerRow(one, of as RunnerId);
    const sentence = explainWait(one.bead(id), { town: undefined, rig: undefined, bead: () => undefined, runner });
    const clock = (at: number) => `${new Date(at).toISOString().slice(11, 19)} UTC`;
    expect(sentence).toBe(
      `Its runner laptop is not connected since ${clock(since)}: nothing is heard of what is done there. ` +
        `If it is not back by ${clock(until)}, the work goes back in line.`,
    );
    town.sleep(5_000, () => one.runner.work());
    machine.hello();
    expect(says(one, id)).toEqual(['agent_working', null, null, 'working']);
    machine.gone();
    expect(says(one, id)).toEqual(['runner_away', until, { since: since + 5_000, until }, 'away']);
    town.sleep(until - town.now - 1, () => one.runner.work());
    expect(whereRan(one, id)).toEqual([machine.id]);
    town.sleep(1, () => one.runner.work());
    expect(whereRan(one, id)).toEqual([machine.id, HOME_RUNNER]);
  });
  test('and was heard of meanwhile by a tool says the later end; a page that looks on hears of each (I10)', () => {
    const one = onMachine();
    one.town.sleep(60_000, () => one.runner.work());
    one.machine.gone();
    expect(one.bead(one.id).wait).toMatchObject({ code: 'runner_away', until: one.town.now + 30_000 });
    const [run] = one.runsOf(one.id);
    const seen = one.town.town.snapshot().rev;
    expect(one.machine.tool(ref(run!), 'checkpoint', { data: { step: 1 } })).toMatchObject({ ok: true });
    expect(one.bead(one.id).wait).toEqual({ code: 'runner_away', ref: one.machine.id, until: one.town.now + AWAY });
    expect(one.town.town.since(seen).put.beads).toMatchObject([{ id: one.id, wait: { until: one.town.now + AWAY } }]);
    expect(checkInvariants(one.town.sql, one.town.now)).toEqual([]);
  });
  test('is the container’s runner: the same, until the container is given up (I10)', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    one.runner.work();
    one.runner.gone();
    const until = one.town.now + LIMITS.startTimeoutMs.value;
    expect(says(one, id)).toEqual(['runner_away', until, { since: one.town.now, until }, 'away']);
    one.town.sleep(LIMITS.startTimeoutMs.value - 1, () => undefined);
    expect(one.runsOf(id).map((run) => run.state)).toEqual(['working']);
    one.town.sleep(1, () => undefined);
    expect(one.runsOf(id)[0]).toMatchObject({ state: 'ended', away: null });
    expect(one.bead(id)).toMatchObject({ attempts: 0 });
  });
  test('and does not come back loses what it had: no attempt is charged, the work goes on elsewhere from the same branch (RC-34, I3)', () => {
    const one = onMachine();
    one.machine.gone();
    one.town.sleep(AWAY, () => one.runner.work());
    expect(one.runsOf(one.id).map((run) => [run.runnerId, run.failure?.code ?? run.endReason])).toEqual([
      [one.machine.id, 'runner_lost'],
      [HOME_RUNNER, 'done'],
    ]);
    expect(new Set(one.runsOf(one.id).map((run) => run.branch)).size).toBe(1);
    expect(one.bead(one.id)).toMatchObject({ status: 'closed', attempts: 0 });
    expect(one.town.sql.all('SELECT kind FROM outbox')).toEqual([]);
    expect(runnerRow(one, one.machine.id)).toMatchObject({ connected: false, busy: 0 });
  });
  test('and comes back too late is told to stop what it still has (I2)', () => {
    const one = onMachine();
    const [lost] = one.runsOf(one.id);
    one.machine.gone();
    one.town.sleep(AWAY, () => one.runner.work());
    const runs = [{ ...ref(lost!), turnInFlight: true }];
    one.town.handed.length = 0;
    one.town.send({
      kind: 'runner.hello',
      runnerId: one.machine.id,
      hello: { t: 'hello', protocol: 1, instance: one.machine.instance, agentKinds: [], runs },
    });
    one.machine.seq = 0;
    one.runner.work();
    expect(handedTo(one, one.machine.id)).toEqual(['run.stop']);
    expect(one.machine.tool(ref(lost!), 'checkpoint', { data: { step: 1 } })).toMatchObject({ failure: { code: 'run_over' } });
  });
  test.each(['merge.test', 'merge.land'] as const)(
    'while it has a %s: the merge is built and tested anew by another, and lands once (I4, I5)',
    (kind) => {
      const one = story({
        'merge.test': ({ mergeId }) =>
          good({ kind: 'tested', passed: true, baseCommit: sha('base'), mergeCommit: sha(`again ${mergeId}`), gates: [], failure: null }),
      });
      const machine = addMachine(one, 'laptop', { script: { [kind]: () => null } });
      const id = one.wish('A');
      one.runner.work();
      expect(one.mergeOf(id)).toMatchObject({ phase: kind === 'merge.test' ? 'testing' : 'landing', runnerId: machine.id });
      const held = one.town.handed.findLast((due) => due.effect.kind === kind)!;
      machine.gone();
      expect(one.bead(id).wait).toMatchObject({ code: 'runner_away', ref: machine.id });
      one.town.sleep(AWAY, () => one.runner.work());
      expect(one.mergeOf(id)).toMatchObject({
        phase: 'landed',
        runnerId: HOME_RUNNER,
        builds: 2,
        mergeCommit: sha(`again ${one.mergeOf(id).id}`),
      });
      expect(one.bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
      machine.hello();
      machine.report({ kind: 'outcome', effectId: held.effectId, outcome: good({ kind: 'landed', mergeCommit: sha('late') }) });
      expect(one.mergeOf(id).mergeCommit).not.toBe(sha('late'));
    },
  );
  test('before it began what it was given: a start and a look at a repository go to another', () => {
    const one = story();
    const machine = addMachine(one, 'laptop', { script: { 'rig.connect': () => null, 'run.start': () => null } });
    one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
    one.runner.work();
    const other = one.addRig('other');
    one.town.sql.run(`UPDATE rigs SET state = 'ready', default_branch = 'main' WHERE id = ?`, other);
    const id = one.wish('A', { rigId: other });
    one.runner.work();
    machine.gone();
    one.town.sleep(AWAY, () => one.runner.work());
    expect(one.town.rows().rigs.map((rig) => rig.state)).toEqual(['ready', 'ready']);
    expect(one.bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
  });
  test('by being removed hands back at once', () => {
    const one = onMachine();
    one.town.must({ kind: 'runner.remove', runnerId: one.machine.id });
    one.runner.work();
    expect(one.runsOf(one.id).map((run) => [run.runnerId, run.failure?.message ?? null])).toEqual([
      [one.machine.id, 'The runner laptop was removed.'],
      [HOME_RUNNER, null],
    ]);
    expect(one.bead(one.id)).toMatchObject({ status: 'closed', attempts: 0 });
    expect(one.town.sql.all('SELECT kind FROM outbox')).toEqual([]);
  });
  test('after it said so hands back what it did not begin at once, and the rest when it is gone (DR-1, DR-4)', () => {
    const one = story();
    const machine = addMachine(one, 'laptop', { script: { polecat: silentPolecat } });
    const working = one.wish('A');
    one.runner.work();
    const waits = one.wish('B');
    expect(whereRan(one, waits)).toEqual([machine.id]);
    machine.report({ kind: 'draining', graceMs: 8_000 });
    expect(whereRan(one, waits)).toEqual([machine.id, HOME_RUNNER]);
    expect(runnerRow(one, machine.id).drainingAt).toBe(one.town.now);
    expect(one.town.rows().town[0]?.runnerDrainingAt).toBeNull();
    expect(one.runsOf(working).map((run) => run.state)).toEqual(['working']);
    machine.gone();
    expect(one.runsOf(working)[0]).toMatchObject({ state: 'ended', failure: { code: 'runner_lost' } });
    one.runner.work();
    expect([working, waits].map((id) => one.bead(id))).toMatchObject([
      { status: 'closed', attempts: 0 },
      { status: 'closed', attempts: 0 },
    ]);
    machine.hello('next-process');
    expect(runnerRow(one, machine.id).drainingAt).toBeNull();
    const next = one.wish('C');
    expect(whereRan(one, next)).toEqual([machine.id]);
  });
  test('one that hangs is told as wedged and loses what it had; nobody restarts it, and it is used again when it is heard of', () => {
    const one = onMachine();
    const { perform } = one.machine;
    one.machine.perform = () => undefined;
    one.town.sleep(LIMITS.leaseMs.value + LIMITS.runnerDoubtMs.value, () => one.runner.work());
    one.machine.perform = perform;
    expect(runnerRow(one, one.machine.id)).toMatchObject({ connected: true, failure: { code: 'runner_wedged' } });
    expect(one.town.rows().events.some((event) => event.type === 'runner_wedged' && event.data['runnerId'] === one.machine.id)).toBe(true);
    expect(one.town.rows().town[0]?.container.state).toBe('running');
    one.runner.work();
    expect(one.bead(one.id)).toMatchObject({ status: 'closed', attempts: 0 });
    expect(startsContainer(one)).toBe(true);
    expect(one.town.handed.filter((due) => due.effect.kind === 'container.stop')).toEqual([]);
    one.machine.script.polecat = (machine, start) => machine.turn(start, null, null, () => void machine.done(start));
    one.machine.alive();
    expect(runnerRow(one, one.machine.id).failure).toBeNull();
    const next = one.wish('B');
    one.runner.work();
    expect(whereRan(one, next)).toEqual([one.machine.id]);
  });
});

describe('a merge', () => {
  test('whose tested result was lost with its disk is tested again, at nobody’s cost', () => {
    let lost = true;
    const one = story({
      'merge.land': (effect) => {
        if (!lost) return good({ kind: 'landed', mergeCommit: effect.mergeCommit });
        lost = false;
        return bad('branch_missing');
      },
    });
    const id = one.wish('A');
    one.runner.work();
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landed', builds: 2 });
    expect(one.bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
  });
  test('has places of its own on each runner: of as many lanes, as many are under test at once as all runners can take', () => {
    const one = story({ 'merge.test': () => null });
    addMachine(one, 'laptop', { script: { 'merge.test': () => null } });
    const beads = Array.from({ length: 5 }, (_, at) => one.wish(`B${at}`, { rigId: one.addRig(`rig${at}`) }));
    one.runner.work();
    const tests = beads.map((id) => one.mergeOf(id)).filter((merge) => merge.phase === 'testing');
    expect(Map.groupBy(tests, (merge) => merge.runnerId).size).toBe(2);
    expect(tests).toHaveLength(2 * LIMITS.gateRunsAtOnce.value);
  });
});

describe('silence', () => {
  const story90 = (heard: boolean) => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    one.runner.work();
    one.town.sleep(LIMITS.leaseMs.value / 2);
    if (heard) one.runner.alive();
    one.town.sleep(LIMITS.leaseMs.value / 2);
    return { run: one.runsOf(id)[0], attempts: one.bead(id).attempts };
  };
  test('of an agent is its failed attempt; of its runner it is not, and costs the bead nothing (RC-34, I3)', () => {
    expect(story90(true)).toMatchObject({ run: { failure: { code: 'lease_expired' } }, attempts: 1 });
    expect(story90(false)).toMatchObject({ run: { failure: { code: 'runner_lost' } }, attempts: 0 });
  });
});

describe('what it costs', () => {
  test('a town with machines that have nothing to do sets no alarm and asks nobody, whether they are there or not (P7)', () => {
    const one = resting(story());
    const machines = [1, 2, 3].map((n) => addMachine(one, `m${n}`));
    expect(one.town.town.nextWake()).toBeNull();
    for (const machine of machines) machine.gone();
    one.town.sleep(AWAY, () => one.runner.work());
    expect(one.town.town.nextWake()).toBeNull();
    expect(one.town.handed).toEqual([]);
  });
  test('a report reads each runner a few times, however many beads there are (P2)', () => {
    const one = story({}, { check: false });
    for (let n = 1; n <= LIMITS.runners.value; n += 1) addMachine(one, `m${n}`, { script: { polecat: silentPolecat } });
    const id = one.wish('A');
    one.runner.work();
    for (let n = 0; n < 200; n += 1) one.wish(`more ${n}`);
    one.runner.work();
    const [run] = one.runsOf(id);
    const { runnerId } = run!;
    one.town.now += LIMITS.leaseRenewMs.value;
    const instance = `machine-${runnerId}`;
    const seq = one.town.town.runnerSeq(runnerId, instance) + 1;
    const renew = { kind: 'renew', runs: [{ ...ref(run!), lastActivityAt: one.town.now }] } as const;
    const { rowsRead } = one.town.sql.measure(() => {
      expect(one.town.report(instance, seq, { ...renew, runs: [...renew.runs] }, runnerId)).toMatchObject({ ok: true });
      one.town.town.nextWake();
    });
    expect(rowsRead).toBeLessThan(6 * one.town.rows().runners.length);
  });
});
