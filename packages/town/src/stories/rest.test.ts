import { HOME_RUNNER, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, testTown } from '../testing.ts';

const DAY = 86_400_000;

describe('rest and end', () => {
  test('a town in which nothing happens has no alarm: a day without a wake-up (P7, RC-4)', () => {
    const town = testTown();
    town.sleep(DAY);
    expect(town.wakes).toBe(0);
    expect(town.town.nextWake()).toBeNull();
  });

  test('after work the container stops when the town was quiet for five minutes, and then a day passes without an alarm (CT-7)', () => {
    const { wish, runner, town } = story();
    wish('Add X');
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    town.sleep(LIMITS.mayorIdleStopMs.value - 1, () => runner.work());
    expect(town.rows().town[0]?.container.state).toBe('running');
    town.sleep(1, () => runner.work());
    runner.work();
    expect(town.rows().town[0]?.container.state).toBe('stopped');
    expect(town.town.nextWake()).toBeNull();
    const wakes = town.wakes;
    town.sleep(DAY, () => runner.work());
    expect(town.wakes).toBe(wakes);
    expect(town.handed.filter((due) => due.effect.kind === 'container.stop')).toHaveLength(1);
  });

  test('a bead that waits for a person or for a setting costs no alarm', () => {
    const { wish, runner, town } = story();
    town.must({ kind: 'town.pause' });
    wish('Add X');
    town.sleep(600_000, () => runner.work());
    const wakes = town.wakes;
    town.sleep(DAY, () => runner.work());
    expect(town.wakes).toBe(wakes);
  });

  test('a deleted town lets go of everything, and nothing that arrives late brings it back (I14, DL-5)', () => {
    const { wish, runner, town } = story({ polecat: silentPolecat });
    wish('Add X');
    runner.work();
    const [start] = runner.starts;
    town.send({ kind: 'town.delete' });
    expect(town.take().map((due) => due.effect.kind)).toEqual(['container.stop']);
    expect(town.town.exists()).toBe(false);
    expect(town.town.modelPass(`s-${start!.runId}`)).toMatchObject({ ok: false, failure: { code: 'town_deleted' } });
    const late = [
      town.person({ kind: 'mayor.tell', text: 'hello?' }),
      runner.report({ kind: 'turn.ended', runId: start!.runId, generation: start!.generation, stopReason: 'end', failure: null }),
      runner.tool(start!, 'prime', {}),
      town.send({
        kind: 'runner.hello',
        runnerId: HOME_RUNNER,
        hello: { t: 'hello', protocol: 1, instance: 'late-runner', agentKinds: [], runs: [] },
      }),
      town.send({ kind: 'town.delete' }),
    ];
    for (const result of late) expect(result).toMatchObject({ ok: false, failure: { code: 'town_deleted' } });
    town.send({ kind: 'effect.outcome', effectId: town.handed.at(-1)!.effectId, outcome: { state: 'succeeded', value: { kind: 'none' } } });
    town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    expect(town.town.nextWake()).toBeNull();
    town.sleep(DAY);
    expect(town.take()).toEqual([]);
  });

  test('a deleted town whose container never answers stops asking (I8, I14)', () => {
    const { wish, runner, town } = story({ polecat: silentPolecat });
    wish('Add X');
    runner.work();
    town.send({ kind: 'town.delete' });
    town.sleep(DAY);
    expect(town.town.nextWake()).toBeNull();
    expect(town.handed.filter((due) => due.effect.kind === 'container.stop').length).toBeLessThanOrEqual(10);
  });
});
