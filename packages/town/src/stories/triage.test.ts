import { failure, type TriageAction, type TriageRow } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type Script } from '../testing.ts';

const handsIn: Script['polecat'] = (runner, start) => runner.turn(start, null, null, () => void runner.done(start));

/** An agent that failed three times, its bead failed, and the patrol's question open. */
function asked() {
  const one = story({
    polecat: (runner, { runId, generation }) =>
      void runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') }),
  });
  const beadId = one.wish('Add X');
  one.runner.work();
  one.town.sleep(60_000, () => one.runner.work());
  one.runner.script.polecat = silentPolecat;
  return { ...one, beadId, ...answering(one) };
}
/** An agent that is silent for an hour, with its run alive. */
function stuck() {
  const one = story({ polecat: silentPolecat });
  one.town.must({ kind: 'town.configure', patrols: { silenceNudgeMs: 60_000, silenceWarnMs: 61_000, silenceEscalateMs: 62_000 } });
  const beadId = one.wish('Add X');
  one.runner.work();
  one.town.sleep(80_000, () => one.runner.work());
  return { ...one, beadId, ...answering(one) };
}
function answering({ town }: Pick<ReturnType<typeof story>, 'town'>) {
  const request = (): TriageRow => town.rows().triage[0]!;
  const resolve = (action: TriageAction, notes?: string) =>
    town.person({ kind: 'triage.resolve', triageId: request().id, action, ...(notes && { notes }) });
  return { request, resolve };
}

describe('triage requests', () => {
  test('carry kind, agent, bead and the actions allowed, and are beads of their type (ES-7, DM-1, DM-19)', () => {
    const { town, request, beadId, rigId } = asked();
    expect(request()).toMatchObject({ kind: 'crash_loop', beadId, rigId, resolvedAt: null });
    expect(request().actions).toEqual(['RESTART', 'REASSIGN_BEAD', 'CLOSE_BEAD', 'ESCALATE_TO_MAYOR']);
    const [bead] = town.sql.all('SELECT type, status, rig_id, assignee_id FROM beads WHERE id = ?', request().id);
    expect(bead).toEqual({ type: 'triage_request', status: 'open', rig_id: rigId, assignee_id: null });
  });

  test('RESTART gives the bead a fresh start, and is written down with its notes (ES-12, ES-13)', () => {
    const { town, resolve, beadId, bead, request, runner } = asked();
    expect(resolve('RESTART', 'the disk was full')).toMatchObject({ ok: true });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0, failure: null });
    expect(request()).toMatchObject({ action: 'RESTART', notes: 'the disk was full', resolvedBy: 'Ada' });
    const events = town.rows().events.filter((event) => event.type === 'triage_resolved');
    expect(events).toMatchObject([{ beadId, actor: 'Ada', data: { action: 'RESTART', notes: 'the disk was full' } }]);
  });

  test('is answered exactly once: the second answer is told who gave the first (ES-13)', () => {
    const { resolve, town } = asked();
    resolve('CLOSE_BEAD');
    expect(resolve('RESTART')).toMatchObject({
      ok: false,
      failure: { code: 'triage_over', message: expect.stringContaining('CLOSE_BEAD by Ada') },
    });
    expect(town.rows().events.filter((event) => event.type === 'triage_resolved')).toHaveLength(1);
  });

  test('CLOSE_BEAD gives a running bead up with the notes as its reason; one that is over stays as it is (ES-12, FR-1)', () => {
    const { resolve, bead, beadId, runsOf } = stuck();
    expect(resolve('CLOSE_BEAD', 'not worth it')).toMatchObject({ ok: true });
    expect(bead(beadId)).toMatchObject({
      status: 'failed',
      failure: { code: 'failed_by_triage', message: 'not worth it', source: 'triage' },
    });
    expect(runsOf(beadId)[0]).toMatchObject({ endReason: 'stopped', failure: { code: 'stopped_by_triage' } });
    const over = asked();
    over.resolve('CLOSE_BEAD');
    expect(over.bead(over.beadId)).toMatchObject({ status: 'failed', failure: { code: 'attempts_exhausted' } });
  });

  test('REASSIGN_BEAD unhooks, and another agent takes it at once (ES-12)', () => {
    const { resolve, bead, beadId, runner, runsOf } = stuck();
    const before = bead(beadId).assigneeId;
    expect(resolve('REASSIGN_BEAD')).toMatchObject({ ok: true });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
    expect(bead(beadId).assigneeId).not.toBe(before);
    expect(runsOf(beadId)).toHaveLength(2);
  });

  test('NUDGE writes to the agent; when nobody is there it is refused and the request stays open (ES-12)', () => {
    const { resolve, town, request } = stuck();
    expect(resolve('NUDGE', 'are you there?')).toMatchObject({ ok: true });
    expect(town.rows().nudges.some((nudge) => nudge.text === 'are you there?' && nudge.source === 'Ada')).toBe(true);
    expect(request().action).toBe('NUDGE');
    const gone = stuck();
    gone.town.must({
      kind: 'town.configure',
      maxPolecats: 0,
      patrols: { silenceNudgeMs: 60_000, silenceWarnMs: 61_000, silenceEscalateMs: 62_000, silenceStopMs: 100_000 },
    });
    const [run] = gone.runsOf(gone.beadId);
    for (let n = 0; n < 3; n += 1) {
      gone.runner.report({ kind: 'renew', runs: [{ runId: run!.id, generation: run!.generation, lastActivityAt: 0 }] });
      gone.town.sleep(30_000, () => gone.runner.work());
    }
    expect(gone.runsOf(gone.beadId)).toMatchObject([{ failure: { code: 'agent_stalled' } }]);
    expect(gone.resolve('NUDGE', 'hello?')).toMatchObject({ ok: false, failure: { code: 'run_over' } });
    expect(gone.request().resolvedAt).toBeNull();
  });

  test('ESCALATE_TO_MAYOR wakes the Mayor with what it is about (ES-12)', () => {
    const { resolve, town, beadId, request } = asked();
    expect(resolve('ESCALATE_TO_MAYOR', 'you decide')).toMatchObject({ ok: true });
    const [nudge] = town.rows().nudges.filter((one) => one.text.includes('you decide'));
    expect(nudge?.text).toContain(beadId);
    expect(request().action).toBe('ESCALATE_TO_MAYOR');
  });

  test('an action that the kind does not allow is refused with those that it does', () => {
    const { resolve, request } = asked();
    expect(resolve('NUDGE')).toMatchObject({ ok: false, failure: { code: 'invalid_input', details: { field: 'action' } } });
    expect(request().resolvedAt).toBeNull();
  });

  test('a person who tries the bead anew has answered it by that: RESTART, by name, once (ES-12, ES-13)', () => {
    const { town, resolve, runner, beadId, bead, request } = asked();
    town.must({ kind: 'bead.retry', beadId });
    expect(request()).toMatchObject({ resolvedBy: 'Ada', action: 'RESTART', notes: 'The bead was tried anew.' });
    const events = town.rows().events.filter((event) => event.type === 'triage_resolved');
    expect(events).toMatchObject([{ beadId, actor: 'Ada', data: { triageId: request().id, action: 'RESTART' } }]);
    expect(resolve('CLOSE_BEAD')).toMatchObject({ ok: false, failure: { code: 'triage_over' } });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
  });

  test('a retry answers what is asked about its bead and about no other, also where the bead is back in line already (ES-13)', () => {
    const { town, beadId, wish, request } = asked();
    town.must({ kind: 'town.pause' });
    const other = wish('another');
    town.must({ kind: 'bead.set_status', beadId: other, status: 'failed' });
    town.must({ kind: 'bead.retry', beadId: other });
    town.must({ kind: 'bead.set_status', beadId, status: 'open' });
    expect(request().resolvedAt).toBeNull();
    expect(town.must({ kind: 'bead.retry', beadId })).toMatchObject({ changed: true });
    expect(request()).toMatchObject({ action: 'RESTART', resolvedBy: 'Ada' });
    expect(town.must({ kind: 'bead.retry', beadId })).toMatchObject({ changed: false });
  });

  test('settles itself when its bead is closed', () => {
    const { town, beadId, request } = asked();
    town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    expect(request()).toMatchObject({ action: null, notes: `${beadId} is closed.` });
    expect(request().resolvedAt).not.toBeNull();
  });

  test('of an agent that failed over several beads, settles itself when the last of them is closed, not before (PT-9)', () => {
    const crash: Script['polecat'] = (runner, { runId, generation }) =>
      void runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
    const one = story({
      polecat: (runner, start) => (runner.starts.length === 3 ? silentPolecat(runner, start) : crash(runner, start)),
    });
    one.town.must({ kind: 'rig.update', rigId: one.rigId, maxPolecats: 1 });
    const first = one.wish('first');
    one.runner.work();
    one.town.must({ kind: 'bead.set_status', beadId: first, status: 'failed' });
    const second = one.wish('second');
    one.runner.work();
    const { request } = answering(one);
    expect(new Set([...one.runsOf(first), ...one.runsOf(second)].map((run) => run.agentId)).size).toBe(1);
    expect(request()).toMatchObject({ kind: 'crash_loop', resolvedAt: null });
    one.town.must({ kind: 'bead.set_status', beadId: second, status: 'closed' });
    expect(request().resolvedAt).toBeNull();
    one.town.must({ kind: 'bead.set_status', beadId: first, status: 'closed' });
    expect(request()).toMatchObject({ action: null, notes: `${second}, ${first} are closed.` });
  });

  test('CLOSE_BEAD is refused while the code of the bead is landing, and the request stays open (ES-12, I5)', () => {
    const { town, runner, beadId, bead, request, resolve } = asked();
    Object.assign(runner.script, { polecat: handsIn, 'merge.land': () => null });
    town.must({ kind: 'bead.set_status', beadId, status: 'open' });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_review', wait: { code: 'landing' } });
    expect(resolve('CLOSE_BEAD')).toMatchObject({ ok: false, failure: { message: expect.stringContaining('landing at this moment') } });
    expect(bead(beadId).status).toBe('in_review');
    expect(request().resolvedAt).toBeNull();
  });

  test('no agent is ever sent to a request, and there are at most as many open as the limit says (ES-9, ES-10)', () => {
    const one = story({
      polecat: (runner, { runId, generation }) =>
        void runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') }),
    });
    one.town.must({ kind: 'town.configure', maxPolecats: 50, patrols: { crashLoopFailures: 1 } });
    for (let n = 0; n < 25; n += 1) one.wish(`bead ${n}`, { rigId: one.addRig(`rig${n}`, { maxPolecats: 1 }) });
    for (let turn = 0; turn < 4; turn += 1) one.town.sleep(60_000, () => one.runner.work());
    const { triage, runs, events } = one.town.rows();
    expect(triage.filter((row) => row.resolvedAt === null)).toHaveLength(20);
    expect(events.some((event) => event.type === 'triage_not_asked')).toBe(true);
    expect(runs.filter((run) => run.beadId?.startsWith('tr-'))).toEqual([]);
  });
});

describe('the Mayor and triage', () => {
  test('answers by its tool, also a bead that failed; a polecat is refused for its role, and nothing comes of the refusal (TL-1, TL-2, ES-10)', () => {
    const { town, runner, request, bead, beadId } = asked();
    town.must({ kind: 'mayor.tell', text: 'see to it' });
    runner.script.prompt = (_runner, prompt) =>
      void runner.report({ kind: 'turn.started', runId: prompt.runId, generation: prompt.generation, nudgeId: prompt.nudgeId });
    runner.work();
    const mayor = runner.starts.find((start) => start.context.agent.role === 'mayor')!;
    const args = { triage_id: request().id, action: 'RESTART', notes: 'try again' };
    const polecat = runner.starts.find((start) => start.context.agent.role === 'polecat')!;
    const other = story({ polecat: silentPolecat });
    other.wish('a bead');
    other.runner.work();
    const refused = other.runner.tool(other.runner.starts[0]!, 'triage_resolve', args);
    expect(refused).toMatchObject({ ok: false, failure: { code: 'wrong_role' } });
    expect(other.town.rows().escalations).toEqual([]);
    expect(other.town.rows().triage).toEqual([]);
    expect(runner.tool(polecat, 'triage_resolve', args)).toMatchObject({ ok: false, failure: { code: 'run_over' } });
    expect(runner.tool(mayor, 'triage_resolve', { ...args, action: 'ESCALATE_TO_MAYOR' })).toMatchObject({ ok: false });
    expect(runner.tool(mayor, 'triage_resolve', args)).toMatchObject({ ok: true });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
    expect(request()).toMatchObject({ action: 'RESTART', resolvedBy: 'mayor' });
  });

  test('a bead that the Mayor tries anew has its question answered by the Mayor (MY-17, ES-13)', () => {
    const { town, runner, request, beadId } = asked();
    town.must({ kind: 'mayor.tell', text: 'see to it' });
    runner.script.prompt = (_runner, prompt) =>
      void runner.report({ kind: 'turn.started', runId: prompt.runId, generation: prompt.generation, nudgeId: prompt.nudgeId });
    runner.work();
    const mayor = runner.starts.find((start) => start.context.agent.role === 'mayor')!;
    expect(runner.tool(mayor, 'dispatch_reset', { bead_id: beadId })).toMatchObject({ ok: true });
    expect(request()).toMatchObject({ action: 'RESTART', resolvedBy: 'mayor' });
  });
});
