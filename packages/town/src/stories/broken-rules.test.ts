import { HOME_RUNNER, LIMITS, NO_USAGE, failure, type BeadId, type Outcome, type PersonCommand, type Report } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { Actor, TownCommand } from '../api.ts';
import { bad, good, PERSON, silentPolecat, story, type Script, type Story } from '../testing.ts';

/** A command comes to a town in which this rule is broken and left out (RC-15). */
function handleWithout(rule: string, { town }: Story, command: TownCommand, actor: Actor): void {
  const moment = { now: town.now, random: (bytes: number) => 'ab'.repeat(bytes) };
  expect(town.town.handle({ key: null, actor, command }, moment, new Set([rule]))).toMatchObject({ ok: true });
}
function hear(one: Story, report: Report, rule = 'runs'): void {
  const { runner } = one;
  const command = { kind: 'runner.report', runnerId: HOME_RUNNER, instance: runner.instance, seq: (runner.seq += 1), report } as const;
  handleWithout(rule, one, command, { kind: 'runner', instance: runner.instance });
}
const command = (one: Story, what: PersonCommand, rule: string): void =>
  handleWithout(rule, one, { kind: 'person', command: what, secret: null }, PERSON);

/** What the doctor says of it; as long as the town is as it should be, nothing. */
const found = ({ town }: Story) => town.town.audit(town.now).findings.map(({ check, found: what }) => `${check} ${what}`);

/** A bead whose merge comes to this end while the rule of merges is broken. */
function mergeEnds(kind: 'merge.test' | 'merge.land', outcome: Outcome, script: Partial<Script> = {}): { one: Story; id: BeadId } {
  const one = story({ ...script, [kind]: () => null }, { check: false });
  const id = one.wish('first');
  one.runner.work();
  const { effectId } = one.town.handed.find(({ effect }) => effect.kind === kind)!;
  hear(one, { kind: 'outcome', effectId, outcome }, 'merges');
  expect(one.bead(id)).toMatchObject({ status: 'in_review' });
  expect(found(one)).toContainEqual(expect.stringMatching(`^I3 ${id} is in review and its merge mr-\\w+ is (landed|failed)`));
  return { one, id };
}

describe('what a broken rule left undone', () => {
  test('is done when a runner says hello to a town that works again: a bead whose run ended goes back in line with its attempt counted, and is done (RC-15, I3)', () => {
    const one = story({ polecat: silentPolecat }, { check: false });
    const beadId = one.wish('first');
    one.runner.work();
    const [run] = one.runsOf(beadId);
    hear(one, { kind: 'run.lost', runId: run!.id, generation: run!.generation, failure: failure('agent_crashed') });
    expect(one.bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
    expect(found(one)).toEqual(expect.arrayContaining([`I3 ${beadId} is in progress and no run works on it`]));
    one.runner.hello();
    expect(found(one)).toEqual([]);
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

  test('is no attempt of an agent that stops for want of money in a town that keeps no limit just then (RC-15, RC-32)', () => {
    const one = story({ polecat: silentPolecat }, { check: false });
    const beadId = one.wish('first');
    one.runner.work();
    const { runId, generation } = one.runner.starts[0]!;
    one.town.must({ kind: 'town.configure', budgetMicros: 1_000 });
    handleWithout('limits', one, { kind: 'spend', runId, usage: { ...NO_USAGE, costMicros: 1_000 }, model: 'm' }, { kind: 'town' });
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'working' }]);
    hear(one, { kind: 'turn.ended', runId, generation, stopReason: 'error', failure: failure('budget_spent') }, 'limits');
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'ended', failure: { code: 'budget_spent' } }]);
    expect(one.bead(beadId)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'budget_spent' } });
  });

  test('has a runner that comes back with it let go of it, though nothing else is left of its start (RC-15, RC-35)', () => {
    const one = story({ 'run.start': () => null }, { check: false });
    const beadId = one.wish('first');
    one.runner.work();
    const [run] = one.runsOf(beadId);
    one.town.now += LIMITS.startTimeoutMs.value;
    handleWithout('runs', one, { kind: 'wake' }, { kind: 'town' });
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'ended' }]);
    one.town.send({ kind: 'wake' });
    const effects = () => one.town.sql.all('SELECT kind FROM outbox WHERE target = ?', `run:${run!.id}`).map(({ kind }) => kind);
    expect(effects()).toEqual([]);
    const runs = [{ runId: run!.id, generation: run!.generation, turnInFlight: false }];
    const hello = { t: 'hello', protocol: 1, instance: one.runner.instance, agentKinds: ['kilo'], runs } as const;
    one.town.send({ kind: 'runner.hello', runnerId: HOME_RUNNER, hello: { ...hello, agentKinds: ['kilo'], runs } });
    expect(effects()).toEqual(['run.stop']);
    expect(one.bead(beadId)).toMatchObject({ attempts: 0, wait: { code: 'retry_later' } });
  });

  test('of a merge that landed is done with the next hello: its bead is closed, once (RC-15, I3)', () => {
    const { one, id } = mergeEnds('merge.land', good({ kind: 'landed', mergeCommit: 'c'.repeat(40) }));
    one.runner.hello();
    expect(one.bead(id).status).toBe('closed');
    one.runner.hello();
    expect(one.town.rows().events.filter(({ beadId, after }) => beadId === id && after === 'closed')).toHaveLength(1);
  });

  test('of a merge whose gate failed is done with the next hello: its bead goes back to an agent with an attempt counted, once (RC-15)', () => {
    const { one, id } = mergeEnds('merge.test', bad('gate_failed'));
    one.runner.hello();
    expect(one.bead(id)).toMatchObject({ attempts: 1 });
    one.runner.hello();
    expect(one.bead(id)).toMatchObject({ attempts: 1 });
  });

  test.each<['merge.test' | 'merge.land', Outcome, object]>([
    ['merge.land', good({ kind: 'landed', mergeCommit: 'c'.repeat(40) }), { status: 'closed' }],
    ['merge.test', bad('gate_failed'), { attempts: 1 }],
  ])('of a merge that asks nobody is done though its agent asks a person something: %s (RC-15)', (kind, outcome, then) => {
    const { one, id } = mergeEnds(kind, outcome, {
      polecat: (runner, start) =>
        runner.turn(start, null, null, () => {
          runner.tool(start, 'escalate', { category: 'decision', severity: 'low', message: 'Which colour?' });
          void runner.done(start);
        }),
    });
    expect(one.town.rows().escalations).toMatchObject([{ beadId: id }]);
    one.runner.hello();
    expect(one.bead(id)).toMatchObject(then);
  });

  test('is nothing where all was done: what is over, in line or under way stays, and no page hears of it (RC-15)', () => {
    const one = story();
    const over = one.wish('over');
    one.runner.work();
    expect(one.bead(over).status).toBe('closed');
    one.runner.script['merge.test'] = () => null;
    const [front, behind] = [one.wish('front'), one.wish('behind')];
    one.runner.work();
    const phases = () => [front, behind].map((id) => [one.bead(id).status, one.mergeOf(id)?.phase]);
    const before = phases();
    expect(before).toEqual([
      ['in_review', 'testing'],
      ['in_review', 'queued'],
    ]);
    const rev = one.town.town.rev();
    one.runner.hello();
    expect(phases()).toEqual(before);
    expect(one.town.town.since(rev).put.beads ?? []).toEqual([]);
  });

  test('of a merge that asks a person is done with the next hello: asked once, and not again after the answer (RC-15, ES-5)', () => {
    const { one, id } = mergeEnds('merge.test', bad('git_failed'));
    const asked = () => one.town.rows().escalations.filter(({ beadId }) => beadId === id);
    expect(asked()).toHaveLength(0);
    one.runner.hello();
    expect(asked()).toHaveLength(1);
    one.runner.hello();
    expect(asked()).toHaveLength(1);
    one.town.must({ kind: 'escalation.acknowledge', escalationId: asked()[0]!.id });
    one.runner.hello();
    expect(one.town.sql.all('SELECT id FROM escalations')).toHaveLength(1);
  });

  test('of a bead that was taken away from its merge is done with the next hello: the merge leaves the line (RC-15, H11)', () => {
    const one = story({ 'merge.test': () => null }, { check: false });
    const id = one.wish('first');
    one.runner.work();
    command(one, { kind: 'bead.set_status', beadId: id, status: 'closed' }, 'merges');
    expect(one.mergeOf(id)).toMatchObject({ phase: 'testing' });
    one.runner.hello();
    expect(one.mergeOf(id)).toMatchObject({ phase: 'failed', position: null, failure: { code: 'stopped_by_person' } });
  });

  test.each<['merge.test' | 'merge.land', Outcome | null, string]>([
    ['merge.land', null, 'closed'],
    ['merge.test', bad('gate_failed'), 'open'],
    ['merge.test', bad('git_failed'), 'in_review'],
  ])('is not what a person did by hand: put in review again after %s it stays there (RC-15, ST-8)', (kind, outcome, then) => {
    const one = story({ [kind]: () => null });
    const beadId = one.wish('first');
    one.runner.work();
    const { effectId, effect } = one.town.handed.find((handed) => handed.effect.kind === kind)!;
    const landed = effect.kind === 'merge.land' && good({ kind: 'landed', mergeCommit: effect.mergeCommit });
    one.town.must({ kind: 'town.pause' });
    one.runner.report({ kind: 'outcome', effectId, outcome: landed || outcome! });
    expect(one.bead(beadId).status).toBe(then);
    if (then === 'in_review') one.town.must({ kind: 'bead.set_status', beadId, status: 'open' });
    one.town.must({ kind: 'bead.set_status', beadId, status: 'in_review' });
    const asked = one.town.rows().escalations;
    const { attempts } = one.bead(beadId);
    one.runner.hello();
    expect(one.bead(beadId)).toMatchObject({ status: 'in_review', attempts });
    expect(one.town.rows().escalations).toEqual(asked);
  });

  test('is not asked again where a person was asked by the agent before, and has answered since (ES-5)', () => {
    const one = story({ 'merge.test': () => null }, { check: false });
    const id = one.wish('first');
    one.runner.script.polecat = (runner, start) =>
      runner.turn(start, null, null, () => {
        runner.tool(start, 'escalate', { category: 'failed', severity: 'high', message: 'It may fail.' });
        void runner.done(start);
      });
    one.runner.work();
    const { effectId } = one.town.handed.find(({ effect }) => effect.kind === 'merge.test')!;
    one.town.now += 1_000;
    one.runner.report({ kind: 'outcome', effectId, outcome: bad('git_failed') });
    const asked = one.town.rows().escalations.filter(({ beadId }) => beadId === id);
    expect(asked).toHaveLength(1);
    one.town.now += 1_000;
    one.town.must({ kind: 'escalation.acknowledge', escalationId: asked[0]!.id });
    one.runner.hello();
    expect(one.town.sql.all('SELECT id FROM escalations')).toHaveLength(1);
  });
});
