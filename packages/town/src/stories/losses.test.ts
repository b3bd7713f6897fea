import { HOME_RUNNER, failure, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, evidence, silentPolecat, story, type Script, type Story } from '../testing.ts';

const crash = ({ runner }: Story): void => {
  const { runId, generation } = runner.starts.at(-1)!;
  runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
};
const handIn = ({ runner }: Story): void => {
  const start = runner.starts.at(-1)!;
  runner.done(start);
  runner.report({ kind: 'turn.ended', runId: start.runId, generation: start.generation, stopReason: 'end_turn', failure: null });
};

describe('what is lost', () => {
  test('a silent agent loses its lease after 90 seconds; the bead goes to another run (I3)', () => {
    const { wish, runner, runsOf, bead, town } = story({ polecat: silentPolecat });
    const id = wish('Add X');
    runner.work();
    town.sleep(LIMITS.leaseMs.value - 1);
    runner.alive();
    expect(runsOf(id).map((run) => run.state)).toEqual(['working']);
    town.sleep(1);
    expect(runsOf(id).map((run) => [run.state, run.failure?.code])).toEqual([
      ['ended', 'lease_expired'],
      ['starting', undefined],
    ]);
    expect(bead(id).attempts).toBe(1);
    expect(runsOf(id)[1]?.generation).toBe(2);
  });

  test('renewals keep a lease, with at most one write each 30 seconds', () => {
    const { wish, runner, runsOf, town } = story({ polecat: silentPolecat });
    const id = wish('Add X');
    runner.work();
    const [start] = runner.starts;
    let written = 0;
    for (let second = 0; second < 300; second += 10) {
      town.sleep(10_000);
      written += town.sql.measure(() =>
        runner.report({ kind: 'renew', runs: [{ runId: start!.runId, generation: start!.generation, lastActivityAt: town.now }] }),
      ).rowsWritten;
    }
    expect(runsOf(id).map((run) => run.state)).toEqual(['working']);
    expect(written).toBeLessThan(30 + 2 * 16);
  });

  test('the same runner that reconnects keeps its runs; another one loses them without costing an attempt (RC-34)', () => {
    const { wish, runner, runsOf, bead, town } = story({ polecat: silentPolecat });
    const id = wish('Add X');
    runner.work();
    town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
    expect(runsOf(id).map((run) => run.state)).toEqual(['working']);
    runner.hello();
    expect(runsOf(id).map((run) => run.state)).toEqual(['working']);
    runner.hello('another-runner');
    expect(runsOf(id).map((run) => run.failure?.code)).toEqual(['runner_lost', undefined]);
    expect(bead(id)).toMatchObject({ attempts: 0, status: 'in_progress' });
    runner.script.polecat = (r, start) => r.turn(start, null, null, () => void r.done(start));
    runner.work();
    expect(bead(id).status).toBe('closed');
  });

  test.each<[string, Partial<Script>, (one: Story) => void]>([
    ['a crash', {}, (one) => crash(one)],
    ['work that no gate let through', { 'merge.test': () => bad('gate_failed') }, (one) => handIn(one)],
  ])(
    'runner after runner costs an attempt in the end, as one of them may be its work; %s between begins that count anew (I8, RC-34)',
    (_name, script, between) => {
      const one = story({ polecat: silentPolecat, ...script });
      const id = one.wish('Add X');
      one.runner.work();
      let runners = 0;
      const lose = (times: number) => {
        for (let n = 0; n < times; n += 1) {
          one.runner.hello(`runner-of-${(runners += 1)}`);
          one.runner.work();
        }
        return one.bead(id).attempts;
      };
      expect(lose(LIMITS.lossesInARow.value - 1)).toBe(0);
      between(one);
      one.runner.work();
      expect(one.bead(id)).toMatchObject({ status: 'in_progress', attempts: 1 });
      expect(lose(LIMITS.lossesInARow.value - 1)).toBe(1);
      expect(lose(1)).toBe(2);
    },
  );

  test('a container that dies in the middle of a run is started again and the bead lands, once (RC-28)', () => {
    const { wish, runner, bead, town } = story({ polecat: silentPolecat });
    const id = wish('Add X');
    runner.work();
    town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    runner.script.polecat = (r, start) => r.turn(start, null, null, () => void r.done(start));
    town.sleep(120_000, () => runner.work());
    runner.work();
    town.sleep(120_000, () => runner.work());
    expect(bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
    expect(town.handed.filter((due) => due.effect.kind === 'merge.land')).toHaveLength(1);
  });

  test('of a container that dies without a word each agent begins again, with what it was started with and at no cost; no secret is kept for that (DR-8, CT-14)', () => {
    const { wish, runner, bead, town } = story({ polecat: silentPolecat });
    town.must({ kind: 'mayor.tell', text: 'hello' });
    const ids = [wish('Add X'), wish('Add Y'), wish('Add Z')];
    town.person({ kind: 'town.set_model_key', key: 'x' }, { sealed: 'sealed-key', hint: 'wxyz' });
    runner.work();
    const begun = runner.starts.splice(0);
    town.must({ kind: 'mayor.tell', text: 'are you there?' });
    runner.gone();
    town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    town.sleep(120_000, () => runner.work());
    const mayor = runner.starts.find(({ context }) => context.agent.role === 'mayor');
    expect(mayor?.resumeSessionId).toBe(`s-${begun.find(({ context }) => context.agent.role === 'mayor')?.runId}`);
    for (const id of ids) {
      const [before, after] = [begun, runner.starts].map((starts) => starts.find(({ context }) => context.bead?.id === id)!);
      const same = (start: typeof before) => ({ branch: start?.context.branch, gates: start?.context.gates, model: start?.model });
      expect(same(after)).toEqual(same(before));
      expect(after?.generation).toBeGreaterThan(before!.generation);
      expect(bead(id)).toMatchObject({ status: 'in_progress', attempts: 0 });
    }
    expect(JSON.stringify(runner.starts)).not.toContain('sealed-key');
  });

  test('an agent that crashes costs an attempt; after three the bead fails (RC-31)', () => {
    const { wish, runner, bead } = story({
      polecat: (r, start) => {
        silentPolecat(r, start);
        r.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: failure('agent_crashed') });
      },
    });
    const id = wish('Add X');
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'failed', attempts: 3, failure: { code: 'attempts_exhausted' } });
    expect(runner.starts).toHaveLength(3);
  });

  test('an agent that ends its turn without gt_done is reminded twice, then let go', () => {
    const { wish, runner, runsOf, town } = story({ polecat: (r, start) => r.turn(start) });
    const id = wish('Add X');
    runner.work();
    expect(runsOf(id)[0]?.failure?.code).toBe('ended_without_done');
    expect(town.rows().nudges.filter((nudge) => nudge.agentId === runsOf(id)[0]?.agentId)).toHaveLength(2 * 3);
    expect(town.sql.all('SELECT id FROM nudges WHERE expires_at IS NULL')).toEqual([]);
  });

  test('a report that is seen, from an older generation, of an ended run or from a replaced runner changes nothing (I2, I18)', () => {
    const { wish, runner, runsOf, bead, town } = story({ polecat: silentPolecat });
    const id = wish('Add X');
    runner.work();
    const [old] = runner.starts;
    town.sleep(LIMITS.leaseMs.value, () => runner.work());
    const look = () => JSON.stringify([bead(id), runsOf(id), town.rows().agents]);
    const before = look();
    const { runId, generation } = old!;
    town.report(runner.instance, 1, { kind: 'turn.started', runId, generation, nudgeId: null });
    runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end', failure: null });
    runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
    const fresh = runner.starts[1]!;
    runner.report({ kind: 'run.lost', runId: fresh.runId, generation: 9 as typeof generation, failure: failure('agent_crashed') });
    expect(
      town.report('some-other-runner', 1, {
        kind: 'run.lost',
        runId: fresh.runId,
        generation: fresh.generation,
        failure: failure('agent_crashed'),
      }),
    ).toMatchObject({
      ok: false,
      failure: { code: 'runner_lost' },
    });
    const late = runner.tool(old!, 'done', { summary: 'late' }, evidence(old!));
    expect(late).toMatchObject({ ok: false, failure: { code: 'run_over' } });
    const stale = runner.tool({ runId: fresh.runId, generation }, 'done', { summary: 'late' }, evidence(old!));
    expect(stale).toMatchObject({ ok: false, failure: { code: fresh.generation === generation ? 'run_over' : 'stale_generation' } });
    for (const due of town.handed) {
      runner.report({ kind: 'outcome', effectId: due.effectId, outcome: bad('git_failed') });
    }
    expect(look()).toBe(before);
  });

  test('starts that fail are tried again with waits between, five times, then the bead fails with the reason (RC-17, RC-18, RC-21)', () => {
    const { wish, runner, bead, town } = story({ 'run.start': () => bad('agent_stalled', true, 'The agent did not answer.') });
    const id = wish('Add X');
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'open', wait: { code: 'retry_later' } });
    town.sleep(3_600_000, () => runner.work());
    expect(bead(id)).toMatchObject({ status: 'failed', failure: { code: 'dispatch_failed' } });
    expect(bead(id).failure?.message).toContain('The agent did not answer.');
    expect(town.handed.filter((due) => due.effect.kind === 'run.start')).toHaveLength(5);
  });

  test('many failed starts over all beads open the breaker of the town: it holds, then probes with one (RC-20)', () => {
    const { wish, runner, bead, town } = story({ 'run.start': () => bad('agent_stalled', true) });
    const ids = ['1', '2', '3', '4', '5', '6'].map((title) => wish(title));
    town.must({ kind: 'town.configure', maxPolecats: 2 });
    runner.work();
    const starts = () => town.handed.filter((due) => due.effect.kind === 'run.start').length;
    town.sleep(5_000, () => runner.work());
    const held = starts();
    expect(bead(ids[5]!).wait?.code).toBe('retry_later');
    town.sleep(50_000, () => runner.work());
    expect(starts()).toBe(held);
    town.sleep(10_000, () => runner.work());
    expect(starts()).toBe(held + 1);
  });

  test('a start of which nothing is heard is given up and another generation takes over (RC-35)', () => {
    const { wish, runner, runsOf, town } = story({ 'run.start': () => null });
    const id = wish('Add X');
    runner.work();
    town.sleep(LIMITS.startTimeoutMs.value, () => runner.work());
    expect(runsOf(id)[0]).toMatchObject({ state: 'ended', failure: { code: 'lease_expired' } });
  });
});
