import { HOME_RUNNER, failure, type Report } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { good, silentPolecat, story, type Story } from '../testing.ts';

/** A report is heard by a town in which the rule that draws the consequences of ended runs is broken and left out (RC-15). */
function hear({ town, runner }: Story, report: Report): void {
  const command = { kind: 'runner.report', runnerId: HOME_RUNNER, instance: runner.instance, seq: (runner.seq += 1), report } as const;
  const moment = { now: town.now, random: (bytes: number) => 'ab'.repeat(bytes) };
  town.town.handle({ key: null, actor: { kind: 'runner', instance: runner.instance }, command }, moment, new Set(['runs']));
}

describe('what a broken rule left undone', () => {
  test('is done when a runner says hello to a town that works again: a bead whose run ended goes back in line with its attempt counted, and is done (RC-15, I3)', () => {
    const one = story({ polecat: silentPolecat }, { check: false });
    const beadId = one.wish('first');
    one.runner.work();
    const [run] = one.runsOf(beadId);
    hear(one, { kind: 'run.lost', runId: run!.id, generation: run!.generation, failure: failure('agent_crashed') });
    expect(one.bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
    one.runner.hello();
    expect(one.bead(beadId)).toMatchObject({ attempts: 1 });
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'ended' }, { state: 'starting' }]);
    one.runner.hello();
    expect(one.bead(beadId)).toMatchObject({ attempts: 1 });
    one.runner.script.polecat = (runner, start) => runner.turn(start, null, null, () => void runner.done(start));
    one.town.sleep(60_000, () => one.runner.work());
    expect(one.bead(beadId).status).toBe('closed');
  });

  test('is done without what was written meanwhile to the agent in its next run (RC-15, MS-8)', () => {
    const one = story({ polecat: silentPolecat, prompt: () => undefined }, { check: false });
    const forgotten = one.wish('first');
    one.runner.work();
    const [run] = one.runsOf(forgotten);
    hear(one, { kind: 'run.lost', runId: run!.id, generation: run!.generation, failure: failure('agent_crashed') });
    one.runner.script.polecat = (runner, start) => runner.turn(start);
    one.wish('second');
    one.runner.work();
    const { runId, generation, agentId } = one.runner.starts[1]!;
    expect(agentId).toBe(run!.agentId);
    expect(one.town.rows().nudges).toMatchObject([{ source: 'town', state: 'sent' }]);
    const { instance } = one.runner;
    const runs = [{ runId, generation, turnInFlight: false }];
    one.town.send({
      kind: 'runner.hello',
      runnerId: HOME_RUNNER,
      hello: { t: 'hello', protocol: 1, instance, agentKinds: ['kilo'], runs },
    });
    expect(one.bead(forgotten)).toMatchObject({ attempts: 1 });
    expect(one.town.rows().nudges).toMatchObject([{ source: 'town', state: 'sent' }]);
  });

  test('stays a failed start when its runner says afterwards that there is a session (RC-15, RC-17)', () => {
    const one = story({ 'run.start': () => null }, { check: false });
    const beadId = one.wish('first');
    one.runner.work();
    const [run] = one.runsOf(beadId);
    const { effectId } = one.town.handed.find(({ effect }) => effect.kind === 'run.start')!;
    hear(one, { kind: 'run.lost', runId: run!.id, generation: run!.generation, failure: failure('agent_crashed') });
    const outcome = good({ kind: 'session', sessionId: 's-1', resumed: false, model: null });
    one.runner.report({ kind: 'outcome', effectId, outcome });
    one.runner.hello();
    expect(one.bead(beadId)).toMatchObject({ attempts: 0, wait: { code: 'retry_later' } });
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'ended' }]);
  });
});
