import { failure, LIMITS, type Generation, type RunId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type ScriptedRunner } from '../testing.ts';

const mayorStart = (runner: ScriptedRunner) => runner.starts.filter((start) => start.context.agent.role === 'mayor');
const prompts = (runner: ScriptedRunner) => runner.test.handed.flatMap((due) => (due.effect.kind === 'run.prompt' ? [due.effect] : []));

describe('the Mayor', () => {
  test('is there from the beginning, starts with the first message, and makes no bead of it (MY-1, MY-2)', () => {
    const { runner, town } = story();
    const mayor = () => town.rows().agents.find((agent) => agent.role === 'mayor');
    expect(mayor()).toMatchObject({ name: 'Mayor', identity: 'mayor', status: 'idle' });
    expect(mayorStart(runner)).toEqual([]);
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const rigs = [{ name: 'app', state: 'ready', defaultBranch: 'main' }];
    expect(prompts(runner)).toMatchObject([{ text: 'hello', source: 'Ada', again: false, rigs }]);
    expect(mayor()?.status).toBe('waiting');
    expect(town.rows()).toMatchObject({ beads: [], nudges: [{ state: 'delivered' }] });
    expect(mayorStart(runner)[0]?.context.rigs).toMatchObject([{ name: 'app' }]);
  });

  test('messages go in one at a time and in order; one whose run is lost comes again and says so (MS-8, I13, MY-13)', () => {
    let lose = true;
    const { runner, town } = story({
      prompt: (r, prompt) => {
        r.report({ kind: 'turn.started', runId: prompt.runId, generation: prompt.generation, nudgeId: prompt.nudgeId });
        if (prompt.text === 'two' && lose) {
          lose = false;
          r.report({ kind: 'run.lost', runId: prompt.runId, generation: prompt.generation, failure: failure('agent_crashed') });
        } else r.report({ kind: 'turn.ended', runId: prompt.runId, generation: prompt.generation, stopReason: 'end', failure: null });
      },
    });
    for (const text of ['one', 'two', 'three']) town.must({ kind: 'mayor.tell', text });
    runner.work();
    town.sleep(60_000, () => runner.work());
    expect(prompts(runner).map((prompt) => [prompt.text, prompt.again])).toEqual([
      ['one', false],
      ['two', false],
      ['two', true],
      ['three', false],
    ]);
    expect(town.rows().nudges.map((nudge) => nudge.state)).toEqual(['delivered', 'delivered', 'delivered']);
    const [first, second] = mayorStart(runner);
    expect(second).toMatchObject({ resumeSessionId: `s-${first!.runId}`, generation: 2 });
  });

  test('a conversation that is longer than the model takes is not resumed: the next session is a new one that is told of it, and is resumed itself (AG-24, DR-20)', () => {
    const told: string[] = [];
    const { runner, town } = story({
      prompt(r, prompt) {
        told.push(prompt.text);
        r.turn(prompt, prompt.nudgeId, told.length === 1 ? 'model_context_full' : null);
      },
    });
    town.must({ kind: 'mayor.tell', text: 'one' });
    runner.work();
    town.sleep(60_000, () => runner.work());
    const { runId, generation } = mayorStart(runner)[1]!;
    runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
    town.must({ kind: 'mayor.tell', text: 'two' });
    town.sleep(60_000, () => runner.work());
    expect(told).toEqual(['one', 'one', 'two']);
    const starts = mayorStart(runner);
    expect(starts.map(({ resumeSessionId, isFull }) => [resumeSessionId, isFull])).toEqual([
      [null, false],
      [null, true],
      [`s-${starts[1]!.runId}`, false],
    ]);
  });

  test('a message that it is told again does not make the same bead twice, though the first is closed (MY-13)', () => {
    const slung: unknown[] = [];
    const { runner, town, rigId } = story({
      prompt: (r, prompt) => {
        const { runId, generation } = prompt;
        r.report({ kind: 'turn.started', runId, generation, nudgeId: prompt.nudgeId });
        const answer = r.tool({ runId, generation }, 'sling', { rig_id: rigId, title: 'Add X' });
        slung.push(answer.ok ? 'made' : answer.failure.code);
        if (slung.length === 1) {
          const beadId = town.rows().beads[0]!.id;
          town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
          r.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
        } else r.report({ kind: 'turn.ended', runId, generation, stopReason: 'end', failure: null });
      },
    });
    town.must({ kind: 'mayor.tell', text: 'Add X, please' });
    runner.work();
    town.sleep(60_000, () => runner.work());
    town.must({ kind: 'mayor.tell', text: 'Add X once more, please' });
    runner.work();
    expect(slung).toEqual(['made', 'duplicate_bead', 'made']);
  });

  test('what waits for it has a bound, and it says so; what was written is there still (hostile input)', () => {
    const { town } = story();
    town.must({ kind: 'town.pause' });
    for (let n = 0; n < LIMITS.openTells.value; n += 1) town.must({ kind: 'mayor.tell', text: `message ${n}` });
    expect(town.person({ kind: 'mayor.tell', text: 'one more' })).toMatchObject({ ok: false, failure: { code: 'mailbox_full' } });
    expect(town.rows().nudges).toHaveLength(LIMITS.openTells.value);
  });

  test('a bead that is changed again before its agent heard of it is told once, as it is then (MS-11)', () => {
    const { town, runner, wish } = story({ polecat: silentPolecat });
    const beadId = wish('goes on');
    runner.work();
    for (let n = 0; n < 50; n += 1) town.must({ kind: 'bead.update', beadId, body: `version ${n}` });
    const waiting = town.rows().nudges.filter(({ state }) => state === 'pending');
    expect(waiting.map(({ text }) => text.split('\n\n').at(-1))).toEqual(['version 49']);
  });

  test('restarting it ends its session and resumes in a new one (MY-20)', () => {
    const { runner, town } = story();
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    town.must({ kind: 'mayor.restart' });
    runner.work();
    const [first, second] = mayorStart(runner);
    expect(second?.resumeSessionId).toBe(`s-${first!.runId}`);
    expect(town.handed.filter((due) => due.effect.kind === 'run.stop')).toHaveLength(1);
    expect(
      town
        .rows()
        .runs.map((run) => run.state)
        .toSorted(),
    ).toEqual(['ended', 'idle']);
  });

  test('its memory survives the idle stop: the next message resumes the last session and wakes the container once (MY-12, MY-14)', () => {
    const { runner, town } = story();
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    town.sleep(600_000, () => runner.work());
    expect(town.rows().agents.find((agent) => agent.role === 'mayor')?.status).toBe('idle');
    town.must({ kind: 'mayor.tell', text: 'again' });
    runner.work();
    expect(mayorStart(runner)[1]?.resumeSessionId).toBe(`s-${mayorStart(runner)[0]!.runId}`);
    expect(prompts(runner).map((prompt) => prompt.text)).toEqual(['hello', 'again']);
  });

  test('one that cannot start is tried five times with waits, then a person is asked; a new message tries again', () => {
    const { runner, town } = story({
      prompt: (r, p) => void r.report({ kind: 'run.lost', runId: p.runId, generation: p.generation, failure: failure('agent_crashed') }),
    });
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    town.sleep(3_600_000, () => runner.work());
    expect(mayorStart(runner)).toHaveLength(5);
    expect(town.rows().escalations).toMatchObject([{ category: 'lifecycle', acknowledgedAt: null }]);
    runner.script.prompt = (r, prompt) => r.turn(prompt, prompt.nudgeId);
    town.must({ kind: 'mayor.tell', text: 'are you there?' });
    runner.work();
    expect(town.rows().nudges.map((nudge) => nudge.state)).toEqual(['delivered', 'delivered']);
    expect(town.rows().escalations[0]?.acknowledgedAt).not.toBeNull();
  });

  test('who interrupted an agent is in the ledger of the town and of its bead; one that does nothing is not interrupted (I6, I10)', () => {
    const { wish, runner, town } = story({ polecat: silentPolecat });
    const beadId = wish('Add X');
    runner.work();
    const [start] = runner.starts;
    const told = () => town.sql.all(`SELECT bead_id, agent_id FROM bead_events WHERE type = 'agent_interrupted'`);
    expect(town.must({ kind: 'agent.interrupt', agentId: start!.agentId })).toEqual({ interrupted: true });
    expect(told()).toMatchObject([{ bead_id: beadId, agent_id: start!.agentId }]);
    runner.work();
    runner.report({
      kind: 'turn.ended',
      runId: start!.runId,
      generation: start!.generation,
      stopReason: 'cancelled',
      failure: null,
    } as never);
    expect(town.must({ kind: 'agent.interrupt', agentId: start!.agentId })).toEqual({ interrupted: false });
    expect(told()).toHaveLength(1);
  });

  test('a message is a row with its reader, writer, words, kind and the times of its way (MS-5)', () => {
    const { wish, runner, town } = story({ polecat: silentPolecat, prompt: () => undefined });
    wish('Add X');
    runner.work();
    const { agentId, runId, generation } = runner.starts[0]!;
    const nudge = () => town.rows().nudges.find(({ text }) => text === 'mind the tests')!;
    const createdAt = town.now;
    town.must({ kind: 'agent.nudge', agentId, text: 'mind the tests', mode: 'wait-idle' });
    const row = { agentId, text: 'mind the tests', mode: 'wait-idle', source: 'Ada', createdAt };
    expect(nudge()).toMatchObject({ ...row, state: 'pending', deliveredAt: null });
    town.now += 1_000;
    runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
    runner.work();
    expect(nudge()).toMatchObject({ ...row, state: 'sent', deliveredAt: null });
    town.now += 1_000;
    runner.turn({ runId, generation }, nudge().id);
    expect(nudge()).toMatchObject({ ...row, state: 'delivered', deliveredAt: createdAt + 2_000 });
  });

  test('an immediate nudge interrupts the turn first; a queued one that nobody reads expires with a record (MS-6)', () => {
    const { wish, runner, town } = story({ polecat: silentPolecat });
    wish('Add X');
    runner.work();
    const [start] = runner.starts;
    const ref = { runId: start!.runId as RunId, generation: start!.generation as Generation };
    town.must({ kind: 'agent.nudge', agentId: start!.agentId, text: 'later', mode: 'queue' });
    town.must({ kind: 'agent.nudge', agentId: start!.agentId, text: 'stop that', mode: 'immediate' });
    runner.work();
    expect(town.handed.at(-1)?.effect.kind).toBe('run.interrupt');
    runner.report({ kind: 'turn.ended', ...ref, stopReason: 'cancelled', failure: null });
    runner.script.prompt = (r, prompt) => void r.report({ kind: 'turn.started', ...ref, nudgeId: prompt.nudgeId });
    runner.work();
    expect(prompts(runner).map((prompt) => prompt.text)).toEqual(['stop that']);
    for (let minute = 0; minute < 61; minute += 1) {
      town.sleep(60_000, () => runner.work());
      runner.report({ kind: 'renew', runs: [{ ...ref, lastActivityAt: town.now }] });
    }
    expect(Object.fromEntries(town.rows().nudges.map((nudge) => [nudge.text, nudge.state]))).toEqual({
      later: 'expired',
      'stop that': 'sent',
    });
    expect(town.rows().events.some((event) => event.type === 'nudge_expired')).toBe(true);
  });

  test('who works on a bead hears of its change (MS-11)', () => {
    const { wish, runner, town } = story({ polecat: silentPolecat });
    const id = wish('Add X');
    runner.work();
    town.must({ kind: 'bead.update', beadId: id, priority: 'high' });
    expect(town.rows().nudges).toEqual([]);
    town.must({ kind: 'bead.update', beadId: id, body: 'Use Y instead.' });
    expect(town.rows().nudges).toMatchObject([{ agentId: runner.starts[0]!.agentId, source: 'Ada', state: 'pending' }]);
    expect(town.rows().nudges[0]?.text).toContain('Use Y instead.');
  });

  test('a reset agent lets go of its bead, which goes to another agent without costing an attempt (AG-20)', () => {
    const { wish, runner, bead, town } = story({ polecat: silentPolecat });
    const id = wish('Add X');
    runner.work();
    town.must({ kind: 'agent.reset', agentId: runner.starts[0]!.agentId });
    runner.work();
    expect(runner.starts[1]?.agentId).not.toBe(runner.starts[0]?.agentId);
    expect(bead(id)).toMatchObject({ attempts: 0, status: 'in_progress' });
  });
});
