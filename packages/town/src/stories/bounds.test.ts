import { HOME_RUNNER, NO_USAGE } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, testTown } from '../testing.ts';

const count = (town: { sql: { all(text: string): Record<string, unknown>[] } }, from: string): number =>
  Number(town.sql.all(`SELECT count(*) AS n FROM ${from}`)[0]?.n);

describe('what adds up is bounded, and each bound costs a few rows a command', () => {
  test('keys of commands are forgotten after a day', () => {
    const town = testTown({ check: false });
    for (let day = 0; day < 5; day += 1) {
      for (let n = 0; n < 300; n += 1)
        town.send({ kind: 'person', command: { kind: 'town.rename', name: `n${n}` }, secret: null }, `key-${day}-${n}`);
      town.now += 90_000_000;
    }
    expect(count(town, 'keys')).toBeLessThan(700);
  });

  test('revisions are kept for replicas that come back soon; one that is further behind gets a snapshot', { timeout: 20_000 }, () => {
    const town = testTown({ check: false });
    for (let n = 0; n < 6_000; n += 1) town.must({ kind: 'town.rename', name: `n${n}` });
    expect(count(town, 'changes')).toBeLessThan(4_300);
    expect(town.town.since(5).t).toBe('snapshot');
  });

  test('messages and sessions of the Mayor: the newest stay, browsers hear of those that go', { timeout: 20_000 }, () => {
    const { town, runner } = story({}, { check: false });
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const before = town.town.rev();
    const [mayor] = town.rows().agents.filter((agent) => agent.role === 'mayor');
    const { nudges, runs } = town.rows();
    for (let n = 0; n < 700; n += 1) {
      town.must({ kind: 'mayor.tell', text: `message ${n}` });
      if (n % 2 === 0) town.must({ kind: 'mayor.restart' });
      runner.work();
      const { runId } = runner.starts.at(-1)!;
      town.send({ kind: 'spend', runId, usage: { ...NO_USAGE, costMicros: 1 }, model: 'm' });
    }
    expect(count(town, 'nudges')).toBeLessThanOrEqual(501);
    expect(count(town, `runs WHERE agent_id = '${mayor!.id}'`)).toBeLessThanOrEqual(302);
    expect(count(town, `spend WHERE kind = 'run'`)).toBeLessThanOrEqual(302);
    expect(town.rows().town[0]?.usage.costMicros).toBe(700);
    expect(town.rows().nudges.at(0)?.text).toBe('message 699');
    const since = town.town.since(Math.max(before, town.town.rev() - 1_000));
    expect(Object.keys(since.t === 'delta' ? since.drop : {})).toEqual(expect.arrayContaining(['nudges', 'runs']));
    expect([nudges.length, runs.length]).not.toContain(0);
  });

  test('a start that ends its runner each time is not tried for ever (I8)', () => {
    const { wish, runner, town, bead } = story({ polecat: silentPolecat });
    const id = wish('poison');
    let crashes = 0;
    runner.script['run.start'] = () => {
      crashes += 1;
      if (crashes > 300) throw new Error('for ever');
      return null;
    };
    const crash = () => {
      for (const due of town.take()) {
        if (due.target === 'container') runner.perform(due);
        else if (due.effect.kind === 'run.start') {
          runner.perform(due);
          town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
          town.send({ kind: 'container.observed', state: 'stopped', failure: null });
        }
      }
    };
    for (let round = 0; round < 200 && bead(id).status !== 'failed'; round += 1) {
      crash();
      town.sleep(1_000, crash);
    }
    town.sleep(3_600_000, crash);
    expect(bead(id)).toMatchObject({ status: 'failed', failure: { code: 'dispatch_failed' } });
    expect(crashes).toBeLessThanOrEqual(50);
  });

  test('a link that breaks again and again, with the same runner behind it, gives up nothing', () => {
    const { wish, runner, town, bead } = story({ 'merge.test': () => null });
    const id = wish('Add X');
    runner.work();
    for (let n = 0; n < 30; n += 1) {
      town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
      runner.hello();
      runner.work();
    }
    expect(bead(id)).toMatchObject({ status: 'in_review', wait: { code: 'testing' } });
  });
});
