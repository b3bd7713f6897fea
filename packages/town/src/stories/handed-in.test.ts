import { failure, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { addNudge } from '../messages/store.ts';
import { openTx } from '../tx.ts';
import { bad, good, sha, silentPolecat, story, type Script, type Story } from '../testing.ts';

type Start = Story['runner']['starts'][number];
type Prompt = Parameters<Script['prompt']>[1];

/** A polecat in the middle of its first turn, with a person who writes to it. What it is told it only takes. */
function atWork(script: Partial<Script> = {}) {
  const prompts: Prompt[] = [];
  const one = story({
    polecat: silentPolecat,
    'merge.test': () => null,
    prompt: (_runner, prompt) => void prompts.push(prompt),
    ...script,
  });
  const beadId = one.wish('Add X');
  one.runner.work();
  const start = one.runner.starts[0]!;
  const write = (text: string, mode: 'wait-idle' | 'immediate' = 'wait-idle') =>
    one.town.person({ kind: 'agent.nudge', agentId: start.agentId, text, mode });
  return {
    ...one,
    prompts,
    beadId,
    start,
    write,
    ended: () => void one.runner.report({ kind: 'turn.ended', ...ref(start), stopReason: 'end_turn', failure: null }),
    run: () => one.runsOf(beadId).find((run) => run.id === start.runId)!,
    townSays: (text: string) =>
      addNudge(
        openTx(one.town.sql, { now: one.town.now, random: (bytes) => 'ab'.repeat(bytes) }, { kind: 'town' }, 'test'),
        { agentId: start.agentId, text, mode: 'wait-idle', source: 'town' },
        false,
      ),
    states: () => Object.fromEntries(one.town.rows().nudges.map((nudge) => [nudge.text, nudge.state])),
    /** It reads what is with it, in a turn of its own. */
    reads: (inside: () => void = () => undefined) => {
      one.runner.work();
      const prompt = prompts.at(-1)!;
      one.runner.turn(prompt, prompt.nudgeId, null, inside);
    },
  };
}
const ref = ({ runId, generation }: Start) => ({ runId, generation });

describe('an agent that has handed in', () => {
  test('reads what was written to it before it ends, one message a turn, and is told that its work is handed in (AG-14, MS-6, MS-12)', () => {
    const one = atWork();
    one.write('one');
    one.runner.done(one.start);
    one.write('two');
    one.ended();
    expect(one.run()).toMatchObject({ state: 'idle', endReason: null });
    expect(one.bead(one.beadId).status).toBe('in_review');
    one.reads();
    expect(one.run()).toMatchObject({ state: 'idle', endReason: null });
    one.reads();
    expect(one.prompts).toMatchObject([
      { text: 'one', handedIn: true },
      { text: 'two', handedIn: true },
    ]);
    expect(one.states()).toEqual({ one: 'delivered', two: 'delivered' });
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'done' });
    expect(one.runner.starts).toHaveLength(1);
  });

  test('ends with its turn when nobody wrote, and its slot is free at once (AG-13, MS-7, decision 0012)', () => {
    const one = atWork();
    one.town.must({ kind: 'rig.update', rigId: one.rigId, maxPolecats: 1 });
    const next = one.wish('next');
    one.runner.done(one.start);
    one.ended();
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'done' });
    one.runner.work();
    expect(one.bead(next).status).toBe('in_progress');
    expect(one.runner.starts[1]!.agentId).toBe(one.start.agentId);
    expect(one.town.rows().agents.filter(({ role }) => role === 'polecat')).toHaveLength(1);
  });

  test('whoever writes to it hears that its work is fixed; whoever writes when it is over is refused, and no message is there (AG-13)', () => {
    const one = atWork();
    expect(one.write('early')).not.toMatchObject({ value: { note: expect.anything() } });
    one.runner.done(one.start);
    expect(one.write('late')).toMatchObject({ ok: true, value: { note: expect.stringContaining('handed in already') } });
    one.ended();
    one.reads();
    one.reads();
    expect(one.run().state).toBe('ended');
    expect(one.write('too late')).toMatchObject({ ok: false, failure: { code: 'run_over' } });
    expect(Object.keys(one.states())).toEqual(expect.not.arrayContaining(['too late']));
  });

  test('goes on while its merge is tested and lands, and its bead closes meanwhile', () => {
    const one = atWork({
      'merge.test': ({ mergeId }) =>
        good({ kind: 'tested', passed: true, baseCommit: sha('base'), mergeCommit: sha(mergeId), gates: [], failure: null }),
    });
    one.write('why so?');
    one.runner.done(one.start);
    one.ended();
    one.runner.work();
    expect(one.bead(one.beadId).status).toBe('closed');
    expect(one.run().state).toBe('idle');
    one.reads();
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'done' });
    expect(one.states()).toEqual({ 'why so?': 'delivered' });
  });

  test('calls gt_done again in such a turn: the same answer, one merge, and what it committed later is not in it', () => {
    const one = atWork();
    one.write('more');
    const first = one.runner.done(one.start);
    one.ended();
    let second: unknown;
    one.reads(() => void (second = one.runner.done(one.start)));
    expect(second).toEqual(first);
    expect(first).toMatchObject({ value: { summary: expect.stringContaining('without what you commit later') } });
    expect(one.town.rows().merges).toHaveLength(1);
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'done' });
  });

  test('with nothing to change: a message is read all the same, and the run says how it ended', () => {
    const one = atWork();
    one.write('look again');
    const done = () => one.runner.tool(one.start, 'done', { summary: 'nothing to do', no_changes: true });
    const first = done();
    expect(one.bead(one.beadId).status).toBe('closed');
    one.ended();
    one.reads(() => expect(done()).toEqual(first));
    expect(one.states()).toEqual({ 'look again': 'delivered' });
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'no_changes' });
  });

  test('in the turn of the message itself: that was read, and nothing holds the run', () => {
    const one = atWork();
    one.write('is it needed?');
    one.ended();
    one.reads(() => {
      one.runner.tool(one.start, 'done', { summary: 'no', no_changes: true });
      expect(one.run().state).toBe('ended');
    });
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'no_changes' });
    expect(one.states()).toEqual({ 'is it needed?': 'delivered' });
    expect(one.town.rows().events.some(({ type }) => type === 'nudge_expired')).toBe(false);
  });

  test('is not kept by what the town itself wrote, which is not sent before a person’s words either (I13)', () => {
    const one = atWork();
    one.town.must({ kind: 'town.configure', patrols: { silenceNudgeMs: 60_000, silenceWarnMs: 3_600_000, silenceEscalateMs: 3_700_000 } });
    const reminded = () => one.town.rows().nudges.find(({ source }) => source === 'town')?.state;
    one.town.sleep(70_000, () => one.runner.work());
    expect(reminded()).toBe('pending');
    one.write('well done');
    one.runner.done(one.start);
    one.ended();
    expect(reminded()).toBe('expired');
    one.reads();
    expect(one.prompts.map(({ text }) => text)).toEqual(['well done']);
    expect(one.run().state).toBe('ended');
  });

  test('drops what the town wrote to it later, and leaves what is with it already (I13)', () => {
    const one = atWork();
    one.ended();
    one.runner.work();
    const [reminder] = one.prompts;
    expect(reminder).toMatchObject({ source: 'town' });
    one.write('well done');
    one.townSays('go on');
    one.runner.done(one.start);
    expect(one.run().state).toBe('idle');
    expect(one.states()).toEqual({ [reminder!.text]: 'sent', 'well done': 'pending', 'go on': 'expired' });
    one.reads();
    one.reads();
    expect(one.prompts.map(({ text }) => text)).toEqual([reminder!.text, 'well done']);
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'done' });
  });

  test('ends at once though the town’s reminder is with it (AG-13)', () => {
    const one = atWork();
    one.ended();
    one.runner.work();
    expect(one.prompts).toMatchObject([{ source: 'town' }]);
    one.runner.done(one.start);
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'done' });
  });

  test('a gate that fails meanwhile waits for it: it has read everything before its bead goes back to it (ST-6)', () => {
    const failed = { kind: 'tested' as const, passed: false, baseCommit: sha('base'), mergeCommit: sha('m'), gates: [] };
    const one = atWork({ 'merge.test': () => good({ ...failed, failure: failure('gate_failed', 'red') }) });
    one.write('mind the gap');
    one.runner.done(one.start);
    one.ended();
    one.runner.work();
    expect(one.mergeOf(one.beadId).phase).toBe('failed');
    expect(one.run().state).toBe('idle');
    one.reads();
    expect(one.states()).toEqual({ 'mind the gap': 'delivered' });
    expect(one.run()).toMatchObject({ state: 'ended', endReason: 'done' });
    one.runner.work();
    expect(one.runner.starts[1]).toMatchObject({ agentId: one.start.agentId, context: { bead: { id: one.beadId } } });
  });
});

describe('a message that nobody will read', () => {
  /** The Mayor wrote to a polecat, in a turn of its own. */
  function fromMayor() {
    const one = atWork();
    one.runner.script.prompt = (runner, prompt) => {
      if (prompt.text !== 'write to it') return void one.prompts.push(prompt);
      const words = { to_agent_id: one.start.agentId, message: 'mind the gap' };
      runner.turn(prompt, prompt.nudgeId, null, () => void runner.tool(prompt, 'nudge', words));
    };
    one.town.must({ kind: 'mayor.tell', text: 'write to it' });
    one.runner.work();
    expect(one.states()).toMatchObject({ 'mind the gap': 'pending' });
    const told = () => one.town.rows().nudges.filter(({ text }) => text.includes('did not read your message'));
    return { ...one, told, mayorId: one.runner.starts.find(({ context }) => context.agent.role === 'mayor')!.agentId };
  }

  test('is said so to the agent that wrote it: its reader was lost after the hand-in (AG-14)', () => {
    const one = fromMayor();
    one.runner.done(one.start);
    one.runner.report({ kind: 'run.lost', ...ref(one.start), failure: failure('agent_crashed') });
    expect(one.run()).toMatchObject({ endReason: 'done' });
    expect(one.states()).toMatchObject({ 'mind the gap': 'expired' });
    expect(one.told()).toMatchObject([{ agentId: one.mayorId, source: 'town', text: expect.stringContaining('mind the gap') }]);
  });

  test('… or its time was over (MS-6)', () => {
    const one = fromMayor();
    one.town.sleep(80_000, () => void one.runner.report({ kind: 'renew', runs: [{ ...ref(one.start), lastActivityAt: one.town.now }] }));
    one.town.must({ kind: 'town.pause' });
    one.runner.report({ kind: 'run.lost', ...ref(one.start), failure: failure('agent_crashed') });
    expect(one.told()).toEqual([]);
    one.town.sleep(LIMITS.nudgeTtlMs.value, () => one.runner.work());
    expect(one.told()).toHaveLength(1);
  });

  test('as a word of the town that waits for the Mayor’s next session, when this one is lost (AG-14, MS-8)', () => {
    const one = fromMayor();
    one.runner.script.prompt = (runner, { runId, generation, nudgeId }) =>
      void runner.report({ kind: 'turn.started', runId, generation, nudgeId });
    one.town.must({ kind: 'mayor.tell', text: 'go on' });
    one.runner.work();
    one.town.must({ kind: 'agent.reset', agentId: one.start.agentId });
    expect(one.told()).toMatchObject([{ state: 'pending' }]);
    const mayors = one.runner.starts.find(({ agentId }) => agentId === one.mayorId)!;
    one.runner.report({ kind: 'run.lost', ...ref(mayors), failure: failure('agent_crashed') });
    expect(one.told()).toMatchObject([{ state: 'pending' }]);
  });

  test('not of a mail, which takes another way, nor of what a person wrote, who sees it in the feed', () => {
    const one = fromMayor();
    one.town.must({ kind: 'agent.reset', agentId: one.start.agentId });
    expect(one.told()).toHaveLength(1);
    const two = atWork();
    two.write('from Ada');
    two.town.must({ kind: 'mail.send', agentId: two.start.agentId, subject: 'HELP', body: 'stays' });
    two.town.must({ kind: 'agent.reset', agentId: two.start.agentId });
    expect(two.states()).toMatchObject({ 'from Ada': 'expired' });
    expect(two.town.rows().nudges.filter(({ source }) => source === 'town')).toEqual([]);
    expect(two.town.rows().events.filter(({ type }) => type === 'nudge_expired')).not.toEqual([]);
    expect(two.town.rows().mail).toMatchObject([{ subject: 'HELP', deliveredAt: null }]);
  });

  test('a mail of the Mayor that its reader’s session had is told again, and the Mayor hears nothing', () => {
    const one = atWork();
    one.runner.script.prompt = (runner, prompt) => {
      if (prompt.text !== 'send it') return;
      runner.turn(
        prompt,
        prompt.nudgeId,
        null,
        () => void runner.tool(prompt, 'mail_send', { to_agent_id: one.start.agentId, subject: 'HELP', body: 'stays' }),
      );
    };
    one.town.must({ kind: 'mayor.tell', text: 'send it' });
    one.runner.work();
    expect(one.town.rows().nudges.filter(({ text }) => text.startsWith('Mail '))).toHaveLength(1);
    one.runner.script['run.start'] = () => bad('agent_unknown', true);
    one.town.must({ kind: 'agent.reset', agentId: one.start.agentId });
    expect(one.town.rows().nudges.filter(({ source }) => source === 'town')).toEqual([]);
  });
});
