import { describe, expect, test } from 'vitest';
import { bad, silentPolecat, story } from '../testing.ts';

describe('order and slots', () => {
  test('a chain of five beads needs one polecat, and each starts from what the one before landed (RC-12, ST-9)', () => {
    const { wish, runner, bead, town } = story();
    const ids = [wish('1')];
    for (const title of ['2', '3', '4', '5']) ids.push(wish(title, { dependsOn: ids.slice(-1) }));
    expect(bead(ids[1]!).wait).toMatchObject({ code: 'blocked_by_open', ref: ids[0] });
    expect(town.rows().agents.filter((agent) => agent.role === 'polecat')).toHaveLength(1);
    runner.work();
    expect(ids.map((id) => bead(id).status)).toEqual(Array<string>(5).fill('closed'));
    expect(town.rows().agents.filter((agent) => agent.role === 'polecat')).toHaveLength(1);
  });

  test('a failed blocker never unblocks and is named; its retry frees the others (ST-9)', () => {
    const { wish, runner, bead, town } = story({ 'run.start': () => bad('setup_failed') });
    const first = wish('first');
    const second = wish('second', { dependsOn: [first] });
    runner.work();
    expect(bead(first)).toMatchObject({ status: 'failed', failure: { code: 'dispatch_failed' } });
    expect(bead(second)).toMatchObject({ status: 'open', wait: { code: 'blocked_by_failed', ref: first } });
    const { script } = story().runner;
    runner.script['run.start'] = script['run.start'];
    town.must({ kind: 'bead.retry', beadId: first });
    runner.work();
    expect(bead(second).status).toBe('closed');
  });

  test('slots hold in each rig and in the town, beads over them wait and say so, and no agent exists for them (RC-12, RC-16)', () => {
    const { wish, runner, bead, town, addRig, rigId } = story({ polecat: silentPolecat });
    const other = addRig('lib', { maxPolecats: 1 });
    town.must({ kind: 'town.configure', maxPolecats: 3 });
    const a = ['a1', 'a2', 'a3', 'a4'].map((title) => wish(title, { rigId }));
    const b = ['b1', 'b2'].map((title) => wish(title, { rigId: other }));
    runner.work();
    const status = (ids: readonly (typeof a)[number][]) => ids.map((id) => bead(id).wait?.code);
    expect(status(a)).toEqual(['agent_working', 'agent_working', 'agent_working', 'no_slot']);
    expect(status(b)).toEqual(['no_slot', 'no_slot']);
    expect(town.rows().town[0]).toMatchObject({ busyPolecats: 3, maxPolecats: 3 });
    expect(town.rows().agents.filter((agent) => agent.role === 'polecat')).toHaveLength(3);
    town.must({ kind: 'town.configure', maxPolecats: 10 });
    runner.work();
    expect(status(a)).toEqual(['agent_working', 'agent_working', 'agent_working', 'no_slot']);
    expect(status(b)).toEqual(['agent_working', 'no_slot']);
  });

  test('priority goes before age (RC-13)', () => {
    const { wish, runner, town } = story();
    town.must({ kind: 'town.pause' });
    for (const [title, priority] of [
      ['old', 'low'],
      ['urgent', 'critical'],
      ['plain', 'medium'],
      ['soon', 'high'],
    ] as const) {
      wish(title, { priority });
      town.now += 1;
    }
    town.must({ kind: 'town.configure', maxPolecats: 1 });
    town.must({ kind: 'town.resume' });
    runner.work();
    expect(runner.starts.map((start) => start.context.bead?.title)).toEqual(['urgent', 'soon', 'plain', 'old']);
  });

  test('a circle, oneself and an unknown bead are refused as dependencies (DM-10, I12)', () => {
    const { wish, town } = story();
    town.must({ kind: 'town.pause' });
    const a = wish('a');
    const b = wish('b', { dependsOn: [a] });
    const c = wish('c', { dependsOn: [b] });
    const code = (beadId: typeof a, dependsOn: typeof a) => {
      const result = town.person({ kind: 'bead.add_dependency', beadId, dependsOn });
      return result.ok ? 'ok' : result.failure.code;
    };
    expect([code(a, c), code(a, a), code(a, 'gt-none' as typeof a), code(c, b)]).toEqual([
      'dependency_cycle',
      'self_dependency',
      'unknown_bead',
      'ok',
    ]);
    town.must({ kind: 'bead.remove_dependency', beadId: b, dependsOn: a });
    town.must({ kind: 'bead.remove_dependency', beadId: b, dependsOn: a });
    expect(code(a, c)).toBe('ok');
  });

  test('names come from the pool of twenty, then Polecat-21 (AG-4)', () => {
    const { wish, runner, town, rigId } = story({ polecat: silentPolecat });
    town.must({ kind: 'town.configure', maxPolecats: 50 });
    town.must({ kind: 'rig.update', rigId, maxPolecats: 50 });
    for (let n = 0; n < 22; n += 1) wish(`bead ${n}`);
    runner.work();
    const names = town.rows().agents.map((agent) => agent.name);
    expect(new Set(names).size).toBe(23);
    expect(names).toEqual(expect.arrayContaining(['Toast', 'Maple', 'Polecat-21', 'Polecat-22']));
  });

  test('a polecat is seen at the run it has now, whatever number its runs of an earlier bead had (AG-6)', () => {
    const { wish, runner, runsOf, town } = story({ polecat: silentPolecat });
    town.must({ kind: 'town.configure', maxPolecats: 1 });
    const first = wish('lost once');
    runner.work();
    const [lost] = runner.starts;
    runner.report({
      kind: 'run.lost',
      runId: lost!.runId,
      generation: lost!.generation,
      failure: { code: 'agent_crashed', message: 'gone' },
    });
    runner.work();
    town.must({ kind: 'bead.set_status', beadId: first, status: 'closed' });
    const second = wish('the next');
    runner.work();
    const [run] = runsOf(second);
    expect(runsOf(first).map(({ generation }) => generation)).toEqual([1, 2]);
    expect(run).toMatchObject({ generation: 1, state: 'working' });
    expect(town.rows().agents.find((agent) => agent.role === 'polecat')).toMatchObject({
      status: 'working',
      runId: run!.id,
      beadId: second,
    });
  });
});
