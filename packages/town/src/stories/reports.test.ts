import { HOME_RUNNER, failure, LIMITS, type AgentId, type Generation, type NudgeId, type Report, type RunId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, evidence, replica, silentPolecat, sortedTables, story, type Script, type Story } from '../testing.ts';

const { leaseMs, leaseRenewMs, startTimeoutMs } = LIMITS;
const MINUTE = 60_000;
interface Ref {
  readonly runId: RunId;
  readonly generation: Generation;
}
const refOf = ({ runId, generation }: Ref): Ref => ({ runId, generation });
const begins = (one: Story, ref: Ref, nudgeId: string | null = null) =>
  one.runner.report({ kind: 'turn.started', ...ref, nudgeId: nudgeId as NudgeId | null });
const ends = (one: Story, ref: Ref, why: Extract<Report, { kind: 'turn.ended' }>['failure'] = null) =>
  one.runner.report({ kind: 'turn.ended', ...ref, stopReason: 'end_turn', failure: why });
const lost = (one: Story, ref: Ref) => one.runner.report({ kind: 'run.lost', ...ref, failure: failure('agent_crashed') });
const renews = (one: Story, ref: Ref, lastActivityAt = one.town.now) =>
  one.runner.report({ kind: 'renew', runs: [{ ...ref, lastActivityAt }] });
const run = (one: Story, { runId }: Ref) => one.town.rows().runs.find((row) => row.id === runId)!;
const agent = (one: Story, agentId: AgentId) => one.town.rows().agents.find((row) => row.id === agentId)!;

/** A polecat in its first turn. */
function atWork(script: Partial<Script> = {}) {
  const one = story({ polecat: silentPolecat, ...script });
  const beadId = one.wish('Add X');
  one.runner.work();
  const [start] = one.runner.starts;
  return { ...one, beadId, start: start!, ref: refOf(start!) };
}
/** A Mayor with a session and nothing to do. */
function quietMayor() {
  const one = story();
  one.town.must({ kind: 'mayor.tell', text: 'hello' });
  one.runner.work();
  const [start] = one.runner.starts;
  const tell = (text: string): NudgeId => one.town.must<{ nudgeId: NudgeId }>({ kind: 'mayor.tell', text }).nudgeId;
  const nudge = (id: NudgeId) => one.town.rows().nudges.find((row) => row.id === id)!;
  const prompts = () => one.town.take().flatMap(({ effect }) => (effect.kind === 'run.prompt' ? [effect.text] : []));
  return { ...one, start: start!, ref: refOf(start!), tell, nudge, prompts };
}

describe('a report about a run', () => {
  test('that nobody knows, that is over or was replaced changes nothing and is told so (I2, I18)', () => {
    const one = atWork();
    const said = (ref: Ref) => begins(one, ref);
    const before = one.town.rows();
    expect(said({ ...one.ref, runId: 'run-of-nobody' as RunId })).toMatchObject({ ok: true, value: { applied: 'unknown_run' } });
    expect(said({ ...one.ref, generation: 7 as Generation })).toMatchObject({ ok: true, value: { applied: 'stale_generation' } });
    expect(one.town.rows()).toEqual(before);
    lost(one, one.ref);
    expect(said(one.ref)).toMatchObject({ ok: true, value: { applied: 'run_over' } });
    expect(run(one, one.ref)).toMatchObject({ state: 'ended', endReason: 'failed' });
  });

  test('that did not hand in: it failed, which costs an attempt and says why (RC-31)', () => {
    for (const end of [lost, (one: Story, ref: Ref) => ends(one, ref, failure('agent_crashed'))]) {
      const one = atWork();
      end(one, one.ref);
      expect(run(one, one.ref)).toMatchObject({ state: 'ended', endReason: 'failed', failure: { code: 'agent_crashed' } });
      expect(one.bead(one.beadId).attempts).toBe(1);
    }
  });

  test('that handed in: whatever ends it then, it is done, and its bead stays in review (RC-31)', () => {
    for (const end of [lost, (one: Story, ref: Ref) => ends(one, ref, failure('agent_crashed'))]) {
      const one = atWork({ 'merge.test': () => null });
      one.runner.tool(one.start, 'done', { summary: 'it works' }, evidence(one.start));
      end(one, one.ref);
      expect(run(one, one.ref)).toMatchObject({ state: 'ended', endReason: 'done', failure: null });
      expect(one.bead(one.beadId)).toMatchObject({ status: 'in_review', attempts: 0 });
    }
  });

  test('says what it does now, which is a sign of life; the same again is written once (AG-7, PT-4)', () => {
    const one = atWork();
    const says = (statusLine: string) => one.runner.report({ kind: 'status', ...one.ref, statusLine });
    const seen = () => agent(one, one.start.agentId);
    one.town.now += 10_000;
    says('reads the tests');
    expect(seen()).toMatchObject({ statusLine: 'reads the tests', lastActivityAt: one.town.now });
    const then = one.town.now;
    const rev = one.town.town.rev();
    one.town.now += 10_000;
    says('reads the tests');
    expect(one.town.town.rev()).toBe(rev);
    expect(seen().lastActivityAt).toBe(then);
    says('writes code');
    expect(seen()).toMatchObject({ statusLine: 'writes code', lastActivityAt: one.town.now });
  });

  test('says nothing more when it is over: what it did last is not shown beside its agent (AG-16)', () => {
    const one = atWork();
    one.runner.report({ kind: 'status', ...one.ref, statusLine: 'reads the tests' });
    one.runner.report({ kind: 'run.lost', ...one.ref, failure: failure('agent_crashed') });
    expect(agent(one, one.start.agentId).statusLine).toBeNull();
    expect(one.town.sql.all('SELECT status_line FROM runs WHERE id = ?', one.ref.runId)).toEqual([{ status_line: null }]);
  });

  test('that goes on in a new session: its calls are let through from then on, those of the session before no more, and nothing ends (AG-24)', () => {
    const one = atWork();
    const renewed = (ref: Ref, sessionId: string) => one.runner.report({ kind: 'session.renewed', ...ref, sessionId });
    const pass = (sessionId: string) => one.town.town.modelPass(sessionId);
    const first = `s-${one.ref.runId}`;
    expect(pass('s-new').ok).toBe(false);
    renewed({ ...one.ref, generation: 7 as Generation }, 's-new');
    expect(pass('s-new').ok).toBe(false);
    renewed(one.ref, 's-new');
    expect(pass('s-new')).toMatchObject({ ok: true, value: { runId: one.ref.runId } });
    expect(pass(first)).toMatchObject({ ok: false, failure: { code: 'unknown_run' } });
    expect(run(one, one.ref).state).toBe('working');
    expect(one.bead(one.beadId).attempts).toBe(0);
  });

  test('that goes on in a new session: what the door saw of the full one is no reason of a later end (AG-24, RC-34)', () => {
    const one = atWork();
    const model = { provider: 'anthropic', model: 'claude-sonnet-4-5', price: null, baseUrl: null } as const;
    const trouble = { kind: 'context', message: 'prompt is too long', until: null } as const;
    one.town.send({ kind: 'model.trouble', runId: one.ref.runId, model, since: one.town.now, trouble });
    one.runner.report({ kind: 'session.renewed', ...one.ref, sessionId: 's-new' });
    ends(one, one.ref, failure('model_unreachable'));
    expect(run(one, one.ref).failure?.code).toBe('model_unreachable');
  });

  test('of the Mayor that goes on in a new session: the next one resumes that (AG-24, MY-12)', () => {
    const one = quietMayor();
    one.runner.report({ kind: 'session.renewed', ...one.ref, sessionId: 's-new' });
    lost(one, one.ref);
    one.tell('and now?');
    one.town.sleep(60_000, () => one.runner.work());
    expect(one.runner.starts.at(-1)).toMatchObject({ resumeSessionId: 's-new', isFull: false });
  });

  test('that has no session yet is given none', () => {
    const one = story({ 'run.start': () => null });
    one.wish('Add X');
    one.runner.work();
    const { id: runId, generation } = one.town.rows().runs[0]!;
    const ref = { runId, generation };
    one.runner.report({ kind: 'session.renewed', ...ref, sessionId: 's-new' });
    expect(one.town.town.modelPass('s-new').ok).toBe(false);
  });

  test('whose turn never began cannot end one, and a message that nobody wrote begins one all the same', () => {
    const one = atWork({ polecat: () => undefined });
    ends(one, one.ref);
    expect(run(one, one.ref).state).toBe('starting');
    begins(one, one.ref, 'nudge-of-nobody');
    expect(run(one, one.ref).state).toBe('working');
  });
});

describe('a lease', () => {
  test('is renewed at most once in half the time between two reports, and ends that long after the last (I3)', () => {
    const one = atWork();
    const half = leaseRenewMs.value / 2;
    const end = () => Number(one.town.sql.all('SELECT lease_until FROM runs WHERE id = ?', one.ref.runId)[0]!['lease_until']);
    const first = end();
    expect(first).toBe(one.town.now + leaseMs.value);
    one.town.now += half - 1;
    renews(one, one.ref);
    expect(end()).toBe(first);
    one.town.now += 1;
    renews(one, one.ref, 0);
    expect(end()).toBe(one.town.now + leaseMs.value);
    one.town.sleep(leaseMs.value - 1, () => one.runner.work());
    expect(run(one, one.ref).state).toBe('working');
    one.runner.alive();
    one.town.sleep(1, () => one.runner.work());
    expect(run(one, one.ref)).toMatchObject({ state: 'ended', failure: { code: 'lease_expired' } });
  });

  test('that is new is written again when its agent is heard of after a long silence (PT-4)', () => {
    const one = atWork();
    const half = leaseRenewMs.value / 2;
    const start = one.town.now;
    const heard = () => agent(one, one.start.agentId).lastActivityAt;
    one.town.now += leaseRenewMs.value;
    renews(one, one.ref, start);
    one.town.now += half - 1;
    renews(one, one.ref, start + half - 1);
    expect(heard()).toBe(start);
    renews(one, one.ref, start + half);
    expect(heard()).toBe(start + half);
  });

  test('of one run is renewed though another in the same report is over (I3)', () => {
    const one = atWork();
    const stranger = { runId: 'run-of-nobody' as RunId, generation: 1 as Generation };
    one.town.now += leaseRenewMs.value;
    one.runner.report({ kind: 'renew', runs: [stranger, one.ref].map((ref) => ({ ...ref, lastActivityAt: one.town.now })) });
    one.town.sleep(leaseMs.value - 1, () => one.runner.work());
    expect(run(one, one.ref).state).toBe('working');
  });

  test('is none of a quiet session, also when its runner speaks of it: it stays until somebody writes (MY-12)', () => {
    const one = quietMayor();
    renews(one, one.ref);
    one.town.sleep(2 * leaseMs.value, () => one.runner.work());
    expect(run(one, one.ref).state).toBe('idle');
    one.tell('again');
    one.runner.work();
    expect(one.runner.starts).toHaveLength(1);
    one.town.sleep(2 * leaseMs.value, () => one.runner.work());
    expect(run(one, one.ref).state).toBe('idle');
  });

  test('of a start is on its way: the runner that says it is at it gets more time, and no more after its last word (RC-35)', () => {
    const one = story({ 'run.start': () => null });
    const beadId = one.wish('starts slowly');
    one.runner.work();
    const [row] = one.runsOf(beadId);
    const ref = { runId: row!.id, generation: row!.generation };
    for (let n = 0; n < 5; n += 1) {
      one.town.sleep(startTimeoutMs.value - 1);
      renews(one, ref);
    }
    one.town.sleep(startTimeoutMs.value - 1);
    expect(run(one, ref).state).toBe('starting');
    one.town.sleep(1);
    expect(run(one, ref)).toMatchObject({ state: 'ended', failure: { code: 'lease_expired' } });
  });

  test('of a start that is to go out again does not keep it back (RC-35)', () => {
    const one = story({ 'run.start': () => null });
    const beadId = one.wish('starts');
    one.runner.work();
    const [row] = one.runsOf(beadId);
    one.runner.hello();
    renews(one, { runId: row!.id, generation: row!.generation });
    expect(one.town.take().map(({ effect }) => effect.kind)).toEqual(['run.start']);
  });
});

describe('a message', () => {
  test('whose turn has begun is with its agent, also when the link is lost before its runner said that it has it (MS-8, I13)', () => {
    const one = quietMayor();
    one.tell('once');
    expect(one.prompts()).toEqual(['once']);
    const [open] = one.town.rows().nudges.filter(({ state }) => state === 'sent');
    begins(one, one.ref, open!.id);
    one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
    one.runner.hello();
    expect(one.prompts()).toEqual([]);
  });

  test('goes out again when the turn that began was not its own (MS-8, I13)', () => {
    const one = quietMayor();
    one.tell('once');
    expect(one.prompts()).toEqual(['once']);
    begins(one, one.ref);
    one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
    one.runner.hello();
    expect(one.prompts()).toEqual(['once']);
  });

  test('that had no turn when another ended is watched, and comes again in another session (I3, MS-8)', () => {
    const one = quietMayor();
    const id = one.tell('and then?');
    const due = one.town.take().find(({ effect }) => effect.kind === 'run.prompt')!;
    begins(one, one.ref);
    const next = one.tell('and more');
    one.runner.report({ kind: 'outcome', effectId: due.effectId, outcome: { state: 'succeeded', value: { kind: 'none' } } });
    ends(one, one.ref);
    expect(one.nudge(id).state).toBe('sent');
    one.town.sleep(MINUTE, () => one.runner.work());
    one.runner.alive();
    one.town.sleep(leaseMs.value, () => one.runner.work());
    expect(run(one, one.ref)).toMatchObject({ state: 'ended', failure: { code: 'lease_expired' } });
    expect([id, next].map((each) => one.nudge(each).state)).toEqual(['delivered', 'delivered']);
    expect(one.runner.starts).toHaveLength(2);
  });

  test('that waits for a paused Mayor costs it no session (MS-6, I3)', () => {
    const one = quietMayor();
    one.tell('first');
    one.prompts();
    const [open] = one.town.rows().nudges.filter(({ state }) => state === 'sent');
    begins(one, one.ref, open!.id);
    const waits = one.tell('second');
    one.town.must({ kind: 'agent.pause', agentId: one.start.agentId });
    ends(one, one.ref);
    one.town.sleep(2 * leaseMs.value, () => one.runner.work());
    expect(run(one, one.ref).state).toBe('idle');
    expect(one.nudge(waits).state).toBe('pending');
  });
});

describe('a hold of dispatch', () => {
  /** One polecat in its first turn while all other starts fail, until they are held. */
  const held = () => {
    const one = atWork();
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    one.runner.work();
    one.runner.script['run.start'] = () => bad('setup_failed', true, 'no space left');
    one.town.must({ kind: 'rig.update', rigId: one.rigId, maxPolecats: 9 });
    for (let n = 0; n < 6; n += 1) one.wish(`bead ${n}`);
    one.runner.work();
    one.town.sleep(5_000, () => one.runner.work());
    const isHeld = () => one.town.rows().town[0]!.dispatchHeld !== null;
    expect(isHeld()).toBe(true);
    return { ...one, isHeld };
  };

  test('is over when a run ends its first turn, and every page shows the new reason of those that wait (RC-20, I17)', () => {
    const one = held();
    one.town.must({ kind: 'rig.update', rigId: one.rigId, maxPolecats: 1 });
    const waits = one.wish('came later');
    const browser = replica();
    browser.pull(one.town);
    expect(one.bead(waits).wait?.code).toBe('retry_later');
    ends(one, one.ref);
    expect(one.isHeld()).toBe(false);
    expect(one.bead(waits).wait?.code).toBe('no_slot');
    browser.pull(one.town);
    expect(browser.rows()).toEqual(sortedTables(one.town.rows()));
  });

  test('is not over because the Mayor answers a message (RC-20)', () => {
    const one = held();
    one.runner.script['run.start'] = () => null;
    one.town.must({ kind: 'mayor.tell', text: 'how is it?' });
    one.runner.work();
    expect(one.town.rows().nudges.every(({ state }) => state !== 'sent')).toBe(true);
    expect(one.isHeld()).toBe(true);
  });
});
