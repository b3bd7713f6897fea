import { failure, LIMITS, type FailureCode } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, good, replica, silentPolecat, sortedTables, story, type Script, type Story } from '../testing.ts';

type Start = Story['runner']['starts'][number];
function lose({ runner }: Story, { runId, generation }: Start, message = 'signal 11', code: FailureCode = 'agent_crashed'): void {
  runner.refused(runId, code);
  runner.report({ kind: 'run.lost', runId, generation, failure: failure(code, message) });
}
/** A town with one polecat at work. */
function atWork(script: Partial<Script> = {}) {
  const one = story({ polecat: silentPolecat, ...script });
  const beadId = one.wish('Add X');
  one.runner.work();
  return { one, beadId, start: one.runner.starts[0]! };
}
const stops = ({ town }: Story) => town.handed.flatMap(({ effect }) => (effect.kind === 'run.stop' ? [effect.runId] : []));
/** What the ledger says of each time that the bead went back in line. */
const backInLine = ({ town }: Story): unknown[] =>
  town.sql
    .all(`SELECT data FROM bead_events WHERE before = 'in_progress' AND after = 'open' ORDER BY id`)
    .map((row) => JSON.parse(String(row['data'])));
const inStep = ({ town }: Story, browser: ReturnType<typeof replica>): void => {
  browser.pull(town);
  expect(browser.rows()).toEqual(sortedTables(town.rows()));
};

describe('a runner lets go of a run that is over', () => {
  test('if it has it: not of a start that it refused, nor of what another runner had', () => {
    const refused = story({ 'run.start': () => bad('agent_unknown', false) });
    refused.wish('Add X');
    refused.runner.work();
    expect(stops(refused)).toEqual([]);
    const { one, start } = atWork();
    one.runner.hello('another-runner');
    one.runner.work();
    expect(one.town.rows().runs.find((run) => run.id === start.runId)).toMatchObject({ failure: { code: 'runner_lost' } });
    expect(stops(one)).toEqual([]);
  });

  test('once, however often it says hello afterwards', () => {
    const { one, beadId, start } = atWork();
    one.town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    one.runner.work();
    expect(stops(one)).toEqual([start.runId]);
    one.runner.hello();
    one.runner.work();
    expect(stops(one)).toEqual([start.runId]);
  });
});

describe('what was written to an agent whose run ended', () => {
  const states = ({ town }: Story) =>
    Object.fromEntries(town.rows().nudges.map((nudge) => [nudge.source === 'town' ? 'the town' : nudge.text, nudge.state]));

  test('is over when its run is stopped', () => {
    const { one, start } = atWork();
    one.town.must({ kind: 'agent.nudge', agentId: start.agentId, text: 'mind the gap' });
    one.town.must({ kind: 'agent.reset', agentId: start.agentId });
    expect(states(one)).toEqual({ 'mind the gap': 'expired' });
  });

  test('waits for the next run when this one failed, for as long as it would have (MS-6, MS-8); what the town said was to the old one', () => {
    const { one, start } = atWork({ polecat: (runner, begun) => runner.turn(begun), prompt: () => undefined });
    one.town.must({ kind: 'agent.nudge', agentId: start.agentId, text: 'mind the gap' });
    expect(states(one)).toEqual({ 'the town': 'sent', 'mind the gap': 'pending' });
    one.town.must({ kind: 'town.pause' });
    lose(one, start);
    expect(states(one)).toEqual({ 'the town': 'expired', 'mind the gap': 'pending' });
    one.town.sleep(LIMITS.nudgeTtlMs.value);
    expect(states(one)).toEqual({ 'the town': 'expired', 'mind the gap': 'expired' });
  });

  test('waits as long as it must when the money ran out, the town’s words too (MS-8)', () => {
    const { one, start } = atWork();
    one.town.must({ kind: 'agent.nudge', agentId: start.agentId, text: 'mind the gap' });
    one.town.must({ kind: 'town.configure', budgetMicros: 0 });
    expect(one.town.rows().runs.find((run) => run.id === start.runId)).toMatchObject({ failure: { code: 'budget_spent' } });
    one.town.sleep(2 * LIMITS.nudgeTtlMs.value, () => one.runner.work());
    expect(states(one)).toEqual({ 'mind the gap': 'pending' });
  });

  test('the Mayor is told again in its next session, whoever ended the last one (MY-20, MS-8)', () => {
    const one = story({ prompt: () => undefined });
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    one.runner.work();
    one.town.must({ kind: 'mayor.restart' });
    one.runner.work();
    const told = one.town.handed.flatMap(({ effect }) => (effect.kind === 'run.prompt' ? [[effect.text, effect.again]] : []));
    expect(told).toEqual([
      ['hello', false],
      ['hello', true],
    ]);
  });
});

describe('what a run’s end shows', () => {
  test('a key that is refused holds every bead that waits, and a page that is open says so (I17, ST-6)', () => {
    const one = story({ polecat: silentPolecat });
    one.town.must({ kind: 'town.configure', maxPolecats: 1 });
    one.wish('first');
    const second = one.wish('second');
    one.runner.work();
    const browser = replica();
    inStep(one, browser);
    lose(one, one.runner.starts[0]!, 'no such key', 'model_key_refused');
    expect(one.bead(second).wait).toMatchObject({ code: 'no_model' });
    inStep(one, browser);
  });

  test('a repository that refused the start is looked at anew, and its beads wait for it and are not charged (RC-34)', () => {
    const { one, beadId } = atWork();
    one.town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    one.runner.script['run.start'] = () => bad('repository_refused', true, 'no access');
    one.runner.script['rig.connect'] = () => bad('repository_refused', true, 'no access');
    const next = one.wish('Add Y');
    one.runner.work();
    expect(one.town.rows().rigs).toMatchObject([{ state: 'unreachable', failure: { code: 'repository_refused' } }]);
    expect(one.bead(next)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'rig_unreachable' } });
    expect(one.town.handed.filter(({ effect }) => effect.kind === 'rig.connect')).toHaveLength(2);
  });

  test('the ledger says of each bead that goes back in line which run gave it back, and why (FR-3)', () => {
    const { one, start } = atWork();
    lose(one, start, 'its runner went', 'runner_lost');
    one.runner.script['run.start'] = () => bad('setup_failed', true, 'no space left');
    one.runner.work();
    one.town.sleep(5_000, () => {
      one.runner.script['run.start'] = ({ runId, model }) => good({ kind: 'session', sessionId: runId, resumed: false, model });
      one.runner.work();
    });
    lose(one, one.runner.starts.at(-1)!);
    const runs = one.runsOf(start.context.bead!.id);
    expect(backInLine(one)).toMatchObject([
      { runId: runs[0]!.id, failure: { code: 'runner_lost', message: 'its runner went' } },
      { runId: runs[1]!.id, failure: { code: 'setup_failed', message: 'no space left' } },
      { attempts: 1, failure: { code: 'agent_crashed', message: 'signal 11' } },
    ]);
  });

  test('the Mayor that could not work waits before it tries again, and asks for a person at the fifth time alone (RC-18)', () => {
    const one = story({ prompt: (runner, prompt) => lose({ runner } as Story, prompt as unknown as Start) });
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    one.runner.work();
    one.town.send({ kind: 'wake' });
    one.runner.work();
    expect(one.runner.starts).toHaveLength(1);
    expect(one.town.rows().escalations).toEqual([]);
    one.town.sleep(3_600_000, () => one.runner.work());
    expect(one.runner.starts).toHaveLength(LIMITS.dispatchAttempts.value);
    expect(one.town.rows().escalations).toMatchObject([{ message: 'The Mayor could not work 5 times in a row: signal 11' }]);
  });
});

describe('a bead that fails', () => {
  test('tells the reasons of the attempts that failed, and of nothing that cost none; the person asked sees whose they were (RC-21, RC-31)', () => {
    const { one, beadId } = atWork();
    const next = (message: string, code?: FailureCode): void => {
      lose(one, one.runner.starts.at(-1)!, message, code);
      one.runner.work();
    };
    next('first');
    next('its runner went', 'runner_lost');
    next('second');
    const { agentId } = one.runner.starts.at(-1)!;
    next('third');
    expect(one.bead(beadId).failure).toMatchObject({
      message: '3 attempts failed. 1. first 2. second 3. third',
      details: { attempts: 3, reasons: ['first', 'second', 'third'] },
    });
    expect(one.town.rows().escalations).toMatchObject([
      { beadId, agentId, rigId: one.rigId, message: 'Add X failed: 3 attempts failed. 1. first 2. second 3. third' },
    ]);
    one.town.must({ kind: 'bead.retry', beadId });
    one.runner.work();
    for (let times = 0; times < 3; times += 1) next('The gate npm test failed.');
    expect(one.bead(beadId).failure).toMatchObject({
      message: '3 attempts failed, each for the same reason: The gate npm test failed.',
      details: { reasons: Array(3).fill('The gate npm test failed.') },
    });
    one.town.must({ kind: 'bead.retry', beadId });
    one.runner.work();
    for (const message of ['4', '5', '6']) next(message.repeat(1_000));
    expect(one.bead(beadId).failure?.details).toMatchObject({ attempts: 3, reasons: ['4', '5', '6'].map((at) => at.repeat(1_000)) });
    expect(one.bead(beadId).failure?.message).toHaveLength(2_000);
  });

  test('tells what its merges failed of (RC-21)', () => {
    let tests = 0;
    const one = story({ 'merge.test': () => bad('gate_failed', false, `gate ${(tests += 1)}`) });
    const beadId = one.wish('Add X');
    one.runner.work();
    one.town.sleep(600_000, () => one.runner.work());
    expect(one.bead(beadId).failure).toMatchObject({ details: { reasons: ['gate 1', 'gate 2', 'gate 3'] } });
  });
});
