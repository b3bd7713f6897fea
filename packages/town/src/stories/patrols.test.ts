import { explainWait, failure, LIMITS, type AgentRow, type BeadId, type TriageRow } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { addMachine, good, silentPolecat, story, type Script, type ScriptedRunner, type Story } from '../testing.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A polecat in a turn from which nothing is heard, while its runner renews its lease all the time. */
function silent(changes: Partial<Script> = {}) {
  const one = story({ polecat: silentPolecat, ...changes });
  const beadId = one.wish('Add X');
  one.runner.work();
  const start = one.runner.starts.at(-1)!;
  return { ...one, beadId, start, ...watching(one) };
}
/** The same on a machine, to which its rig is pinned: the container has had nothing to do and is stopped. */
function silentOnMachine() {
  const one = story({ polecat: silentPolecat });
  const machine = addMachine(one, 'mini', { rigs: [one.rigId], script: { polecat: silentPolecat } });
  one.town.sleep(LIMITS.mayorIdleStopMs.value, () => one.runner.work());
  expect(one.town.rows().town[0]?.container).toMatchObject({ state: 'stopped' });
  const beadId = one.wish('Add X');
  machine.work();
  const start = machine.starts.at(-1)!;
  return { ...one, machine, beadId, start, ...watching(one, machine) };
}
function watching(one: Story, at: ScriptedRunner = one.runner) {
  const lastHeard = new Map<string, number>();
  /** Lets time pass; the runner renews what lives, with the activity that it saw. */
  const pass = (ms: number, active = false): void => {
    for (let left = ms; left > 0; left -= 20_000) {
      one.town.sleep(Math.min(left, 20_000), () => (one.runner.work(), at === one.runner || at.work()));
      const runs = one.town.rows().runs.filter((run) => run.state !== 'ended' && run.beadId !== null);
      for (const run of runs) if (active || !lastHeard.has(run.id)) lastHeard.set(run.id, one.town.now);
      const renewed = runs.map((run) => ({ runId: run.id, generation: run.generation, lastActivityAt: lastHeard.get(run.id)! }));
      if (renewed.length > 0 && at.connected) at.report({ kind: 'renew', runs: renewed });
    }
  };
  const nudges = () => one.town.rows().nudges.filter((nudge) => nudge.source === 'town');
  const agentOf = (beadId: BeadId): AgentRow => one.town.rows().agents.find((agent) => agent.id === one.runsOf(beadId).at(-1)?.agentId)!;
  const steps = () => one.town.rows().events.filter((event) => event.type === 'agent_silent');
  return { pass, nudges, agentOf, steps };
}
/** Whatever it is told, it begins a turn over it and is not heard of again. */
const HANGS: Partial<Script> = {
  prompt: (runner, { runId, generation, nudgeId }) => void runner.report({ kind: 'turn.started', runId, generation, nudgeId }),
};
/** Its turns end a second after they are interrupted. */
function hearsInterrupts(runner: ScriptedRunner): void {
  const { perform } = runner;
  runner.perform = (due) => {
    perform(due);
    if (due.effect.kind !== 'run.interrupt') return;
    const { runId, generation } = due.effect;
    runner.test.now += 1_000;
    runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'cancelled', failure: null });
  };
}
const open = (rows: readonly TriageRow[]): TriageRow[] => rows.filter((row) => row.resolvedAt === null);

describe('the propulsion ladder', () => {
  test('nudge after 15 minutes, warning after 30, a person and triage after an hour, stopped after two (PT-3, PT-4)', () => {
    const { town, pass, nudges, beadId, runsOf, bead, runner, agentOf } = silent();
    const [run] = runsOf(beadId);
    pass(14 * MINUTE);
    expect(nudges()).toEqual([]);
    expect(agentOf(beadId).status).toBe('working');
    pass(2 * MINUTE);
    expect(nudges()).toMatchObject([{ mode: 'wait-idle', state: 'pending' }]);
    expect(agentOf(beadId).status).toBe('stalled');
    pass(15 * MINUTE);
    expect(nudges().filter((nudge) => nudge.state === 'pending')).toMatchObject([{ mode: 'immediate' }]);
    expect(town.handed.filter((due) => due.effect.kind === 'run.interrupt')).toHaveLength(1);
    expect(town.rows().triage).toEqual([]);
    pass(30 * MINUTE);
    expect(town.rows().escalations).toMatchObject([{ category: 'lifecycle', beadId }]);
    expect(open(town.rows().triage)).toMatchObject([{ kind: 'stuck_agent', beadId, agentId: run!.agentId }]);
    expect(runsOf(beadId)[0]).toMatchObject({ state: 'working' });
    pass(HOUR);
    expect(runsOf(beadId)[0]).toMatchObject({ state: 'ended', failure: { code: 'agent_stalled', source: 'patrol' } });
    expect(town.handed.some((due) => due.effect.kind === 'run.stop')).toBe(true);
    expect(open(town.rows().triage)).toHaveLength(1);
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 1 });
  });

  test('renewals of a lease are no activity; a turn, a tool call and a heading are, and begin anew (PT-4)', () => {
    const { pass, steps, runner, start } = silent();
    pass(16 * MINUTE);
    expect(steps()).toHaveLength(1);
    runner.report({ kind: 'status', runId: start.runId, generation: start.generation, statusLine: 'Reading the parser' });
    pass(14 * MINUTE);
    expect(steps()).toHaveLength(1);
    runner.tool(start, 'checkpoint', { data: { step: 1 } });
    pass(14 * MINUTE);
    expect(steps()).toHaveLength(1);
    pass(2 * MINUTE);
    expect(steps().map((event) => event.data.step)).toEqual([1, 1]);
  });

  test('each step is taken once for one silence, and an agent that works is never disturbed (PT-3)', () => {
    const { pass, steps } = silent();
    pass(3 * HOUR, true);
    expect(steps()).toEqual([]);
    pass(55 * MINUTE);
    expect(steps().map((event) => event.data.step)).toEqual([1, 2]);
  });

  test('is suspended in a paused town, and then begins with the nudge however long the silence was (PT-5)', () => {
    const { town, pass, steps, beadId, runsOf } = silent();
    town.must({ kind: 'town.pause' });
    pass(5 * HOUR);
    expect(steps()).toEqual([]);
    town.must({ kind: 'town.resume' });
    pass(MINUTE);
    expect(steps().map((event) => event.data.step)).toEqual([1]);
    pass(13 * MINUTE);
    expect(steps()).toHaveLength(1);
    pass(2 * MINUTE);
    expect(steps()).toHaveLength(2);
    expect(runsOf(beadId)[0]).toMatchObject({ state: 'working' });
  });

  test('is suspended while the agent waits for a person (PT-5)', () => {
    const { town, pass, steps, runner, start } = silent();
    runner.tool(start, 'escalate', { severity: 'medium', category: 'decision', message: 'Which colour?' });
    pass(3 * HOUR);
    expect(steps()).toEqual([]);
    const [asked] = town.rows().escalations;
    town.must({ kind: 'escalation.acknowledge', escalationId: asked!.id });
    pass(MINUTE);
    expect(steps()).toHaveLength(1);
  });

  test('an agent that asked a person and is silent since is not said to work: its bead waits for the answer (I10, PT-5)', () => {
    const { town, pass, steps, runner, start, beadId, bead, agentOf } = silent();
    runner.tool(start, 'escalate', { severity: 'medium', category: 'decision', message: 'Which colour?' });
    pass(14 * MINUTE);
    expect(bead(beadId).wait).toMatchObject({ code: 'agent_working', ref: start.runId });
    const seen = town.town.snapshot().rev;
    pass(2 * MINUTE);
    const [asked] = town.rows().escalations;
    expect(bead(beadId).wait).toEqual({ code: 'person_asked', ref: asked!.id, until: null });
    expect(town.town.since(seen).put.beads).toMatchObject([{ id: beadId, wait: { code: 'person_asked' } }]);
    expect(agentOf(beadId).status).toBe('waiting');
    expect(steps()).toEqual([]);
    pass(20_000);
    const wakes = town.wakes;
    town.sleep(30_000, () => undefined);
    expect(town.wakes).toBe(wakes);
    town.must({ kind: 'escalation.acknowledge', escalationId: asked!.id });
    pass(MINUTE);
    expect(steps().map((event) => event.data.step)).toEqual([1]);
    expect(bead(beadId).wait).toEqual({ code: 'agent_silent', ref: start.runId, until: null });
    expect(agentOf(beadId).status).toBe('stalled');
  });

  test('one that goes on while its question is open works, and says so (I10)', () => {
    const { town, pass, runner, start, beadId, bead, agentOf } = silent();
    runner.tool(start, 'escalate', { severity: 'medium', category: 'help', message: 'How?' });
    pass(16 * MINUTE);
    expect(bead(beadId).wait?.code).toBe('person_asked');
    const seen = town.town.snapshot().rev;
    runner.report({ kind: 'status', runId: start.runId, generation: start.generation, statusLine: 'Reading the parser' });
    expect(bead(beadId).wait?.code).toBe('agent_working');
    expect(town.town.since(seen).put.beads).toMatchObject([{ id: beadId, wait: { code: 'agent_working' } }]);
    expect(agentOf(beadId).status).toBe('working');
  });

  test('an agent that was found silent by a clock that was ahead works as soon as that is seen (I10, I3)', () => {
    const { town, pass, runner, start, beadId, bead } = silent();
    pass(16 * MINUTE);
    expect(bead(beadId).wait?.code).toBe('agent_silent');
    town.now -= 24 * HOUR;
    runner.report({ kind: 'status', runId: start.runId, generation: start.generation, statusLine: 'Reading the parser' });
    expect(bead(beadId).wait?.code).toBe('agent_working');
  });

  test('a question that is answered is waited for no more, at once, also in a paused town (I10, PT-5)', () => {
    const { town, pass, steps, runner, start, beadId, bead } = silent();
    runner.tool(start, 'escalate', { severity: 'medium', category: 'help', message: 'How?' });
    town.must({ kind: 'town.pause' });
    pass(16 * MINUTE);
    expect(bead(beadId).wait?.code).toBe('person_asked');
    const seen = town.town.snapshot().rev;
    town.must({ kind: 'escalation.acknowledge', escalationId: town.rows().escalations[0]!.id });
    expect(town.town.since(seen).put.beads).toMatchObject([{ id: beadId, wait: { code: 'agent_silent' } }]);
    expect(steps()).toEqual([]);
    const around = { town: town.rows().town[0], rig: undefined, bead: () => undefined };
    expect(explainWait(bead(beadId), around)).toBe('Nothing was heard of its agent for a while; while the town is paused, it is let be.');
    pass(3 * HOUR);
    expect(bead(beadId).wait?.code).toBe('agent_silent');
  });

  test('an agent that comes back after a person was told settles the question by itself', () => {
    const { town, pass, runner, start } = silent();
    pass(62 * MINUTE);
    expect(open(town.rows().triage)).toHaveLength(1);
    runner.report({ kind: 'status', runId: start.runId, generation: start.generation, statusLine: 'Going on' });
    town.now += 1;
    town.send({ kind: 'wake' });
    expect(open(town.rows().triage)).toEqual([]);
    expect(town.rows().triage[0]).toMatchObject({ action: null, notes: 'The agent is active again.' });
    expect(town.rows().escalations.filter((one) => one.acknowledgedAt === null)).toEqual([]);
  });

  test('one that hangs in every turn is warned three times, then a person is asked, then it is stopped (PT-3, I8)', () => {
    const { town, pass, steps, beadId, bead, runsOf, nudges, runner } = silent(HANGS);
    hearsInterrupts(runner);
    pass(119 * MINUTE);
    expect(steps().map((event) => event.data.step)).toEqual([1, 2, 1, 2, 1, 2, 1]);
    expect(town.rows().triage).toEqual([]);
    const warned = () => nudges().filter((nudge) => nudge.mode === 'immediate').length;
    expect(warned()).toBe(3);
    const around = { town: town.rows().town[0], rig: undefined, bead: () => undefined };
    expect(explainWait(bead(beadId), around)).toBe('Nothing was heard of its agent for a while; if that stays so, its run is ended.');
    pass(2 * MINUTE);
    expect(warned()).toBe(3);
    expect(steps().at(-1)?.data.step).toBe(3);
    expect(town.rows().escalations).toMatchObject([{ category: 'lifecycle', beadId, message: expect.stringContaining('warned 3 times') }]);
    expect(open(town.rows().triage)).toMatchObject([{ kind: 'stuck_agent', beadId }]);
    expect(runsOf(beadId)).toMatchObject([{ state: 'working' }]);
    pass(HOUR);
    expect(runsOf(beadId)[0]).toMatchObject({ state: 'ended', failure: { code: 'agent_stalled', source: 'patrol' } });
  });

  test('the next run of a bead has its warnings to itself (PT-3)', () => {
    const { pass, beadId, runsOf, nudges, runner } = silent(HANGS);
    hearsInterrupts(runner);
    pass(182 * MINUTE);
    expect(runsOf(beadId)).toHaveLength(2);
    pass(31 * MINUTE);
    expect(nudges().filter((nudge) => nudge.mode === 'immediate')).toHaveLength(4);
  });

  test('a run that handed in and does not end is let go after the first threshold', () => {
    const { town, pass, runner, start, beadId, runsOf } = silent({ 'merge.test': () => null });
    runner.done(start);
    pass(16 * MINUTE);
    expect(runsOf(beadId)).toMatchObject([{ state: 'ended', endReason: 'done', failure: null }]);
    expect(town.rows().triage).toEqual([]);
  });

  test('the thresholds are the town’s own when it sets them, and a ladder that goes down is refused', () => {
    const { town, pass, steps } = silent();
    const wrong = town.person({ kind: 'town.configure', patrols: { silenceNudgeMs: 30 * MINUTE } });
    expect(wrong).toMatchObject({ ok: false, failure: { code: 'invalid_input' } });
    town.must({ kind: 'town.configure', patrols: { silenceNudgeMs: 2 * MINUTE, silenceWarnMs: 4 * MINUTE } });
    pass(5 * MINUTE);
    expect(steps()).toHaveLength(2);
    expect(town.rows().town[0]?.patrols).toEqual({ silenceNudgeMs: 2 * MINUTE, silenceWarnMs: 4 * MINUTE });
  });

  test('is climbed on a machine as in the container, which is stopped meanwhile (PT-3, PT-4)', () => {
    const { town, pass, steps, beadId, runsOf, machine } = silentOnMachine();
    pass(14 * MINUTE);
    expect(steps()).toEqual([]);
    pass(48 * MINUTE);
    expect(steps().map((event) => event.data.step)).toEqual([1, 2, 3]);
    expect(town.rows().escalations).toMatchObject([{ category: 'lifecycle', beadId }]);
    expect(open(town.rows().triage)).toMatchObject([{ kind: 'stuck_agent', beadId }]);
    expect(town.rows().town[0]?.container).toMatchObject({ state: 'stopped' });
    pass(HOUR);
    expect(runsOf(beadId)[0]).toMatchObject({ state: 'ended', runnerId: machine.id, failure: { code: 'agent_stalled' } });
  });

  test('has a due time of its own while nothing but a machine works (PT-3)', () => {
    const { town, pass, steps, agentOf, beadId } = silentOnMachine();
    pass(15 * MINUTE);
    const due = agentOf(beadId).lastActivityAt! + 15 * MINUTE;
    expect(town.town.nextWake()).toBe(due);
    town.sleep(due - town.now);
    expect(steps()).toHaveLength(1);
  });

  test('is suspended while the runner of the run ends, and while it is away; that of another runner changes nothing (PT-5)', () => {
    const ends = silent();
    ends.pass(14 * MINUTE);
    ends.runner.report({ kind: 'draining', graceMs: 4 * MINUTE });
    ends.pass(4 * MINUTE);
    expect(ends.steps()).toEqual([]);

    const { pass, steps, machine, runner } = silentOnMachine();
    pass(14.5 * MINUTE);
    machine.gone();
    pass(MINUTE);
    expect(steps()).toEqual([]);
    machine.hello();
    runner.hello();
    runner.report({ kind: 'draining', graceMs: 4 * MINUTE });
    pass(MINUTE);
    expect(steps()).toHaveLength(1);
  });

  test('a town without a run has no time of a patrol (PT-1, P7)', () => {
    const { town, runner, wish } = story();
    wish('Add X');
    runner.work();
    town.sleep(HOUR, () => runner.work());
    expect(town.town.nextWake()).toBeNull();
  });
});

describe('a bead with a time limit', () => {
  test('its run is stopped when the time is over, and it fails with the reason (ST-12, FR-2)', () => {
    const one = story({ polecat: silentPolecat });
    const { beadId } = one.town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId: one.rigId, title: 'Add X', timeoutMs: 5 * MINUTE });
    one.runner.work();
    const { pass } = watching(one);
    pass(4 * MINUTE, true);
    expect(one.bead(beadId).status).toBe('in_progress');
    pass(2 * MINUTE, true);
    expect(one.bead(beadId)).toMatchObject({ status: 'failed', failure: { code: 'bead_timeout', source: 'patrol' } });
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'ended', failure: { code: 'bead_timeout' } }]);
    expect(one.town.handed.some((due) => due.effect.kind === 'run.stop')).toBe(true);
    expect(one.town.rows().escalations).toMatchObject([{ category: 'failed', beadId }]);
  });

  test('the time counts from the open session, and a person may change it on the way (ST-12)', () => {
    const one = story({ polecat: silentPolecat, 'run.start': () => null });
    const { beadId } = one.town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId: one.rigId, title: 'Add X', timeoutMs: MINUTE });
    one.runner.work();
    one.town.sleep(80_000, () => undefined);
    expect(one.bead(beadId).status).toBe('in_progress');
    one.runner.script['run.start'] = (effect) => good({ kind: 'session', sessionId: `s-${effect.runId}`, resumed: false, model: null });
    one.town.sleep(MINUTE, () => one.runner.work());
    const { pass } = watching(one);
    one.town.must({ kind: 'bead.update', beadId, timeoutMs: 30 * MINUTE });
    pass(20 * MINUTE, true);
    expect(one.bead(beadId).status).toBe('in_progress');
    pass(15 * MINUTE, true);
    expect(one.bead(beadId).status).toBe('failed');
  });
});

describe('crash loops', () => {
  const crashing: Partial<Script> = {
    polecat: (runner, { runId, generation }) =>
      void runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') }),
  };

  test('the same agent failing three times within half an hour asks for triage exactly once (PT-9)', () => {
    const { town, runner, wish } = story(crashing);
    wish('one');
    wish('two');
    for (let turn = 0; turn < 10; turn += 1) town.sleep(2 * MINUTE, () => runner.work());
    const asked = open(town.rows().triage);
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked.map((row) => row.agentId)).size).toBe(asked.length);
    expect(asked.every((row) => row.kind === 'crash_loop')).toBe(true);
  });

  test('two failures ask nobody, nor do three over a longer time (PT-9)', () => {
    const one = story({
      polecat: (runner, start) => (runner.starts.length < 3 ? crashing.polecat!(runner, start) : silentPolecat(runner, start)),
    });
    const beadId = one.wish('one');
    one.runner.work();
    const { pass } = watching(one);
    pass(40 * MINUTE, true);
    expect(one.runsOf(beadId).map((run) => run.state)).toEqual(['ended', 'ended', 'working']);
    expect(one.town.rows().triage).toEqual([]);
    const last = one.runner.starts.at(-1)!;
    one.runner.report({ kind: 'run.lost', runId: last.runId, generation: last.generation, failure: failure('agent_crashed') });
    expect(one.bead(beadId).status).toBe('failed');
    expect(one.town.rows().triage).toEqual([]);
  });

  test('what the machine or a provider did to a run is no evidence against the agent (PT-9, RC-34)', () => {
    const one = story({
      polecat: (runner, { runId, generation }) =>
        void runner.report({ kind: 'run.lost', runId, generation, failure: failure('model_unreachable') }),
    });
    one.wish('one');
    for (let turn = 0; turn < 20; turn += 1) one.town.sleep(MINUTE, () => one.runner.work());
    expect(one.town.rows().runs.filter((run) => run.endReason === 'failed').length).toBeGreaterThan(3);
    expect(one.town.rows().triage).toEqual([]);
  });

  test('H5, ES-16: what was answered is evidence no more, and what triage ended never was; the loop does not feed itself', () => {
    const { town, runner, wish, bead } = story(crashing);
    const beadId = wish('one');
    for (let turn = 0; turn < 5; turn += 1) town.sleep(MINUTE, () => runner.work());
    const [asked] = open(town.rows().triage);
    expect(bead(beadId).status).toBe('failed');
    runner.script.polecat = silentPolecat;
    town.must({ kind: 'triage.resolve', triageId: asked!.id, action: 'RESTART', notes: 'once more' });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
    const [run] = runner.starts.slice(-1);
    runner.report({ kind: 'run.lost', runId: run!.runId, generation: run!.generation, failure: failure('agent_crashed') });
    expect(open(town.rows().triage)).toEqual([]);
    expect(town.rows().triage).toHaveLength(1);
    const patrolMade = town.rows().beads.filter((row) => row.createdBy === 'town');
    expect(patrolMade).toEqual([]);
  });
});
