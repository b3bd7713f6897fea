import { LIMITS, explainWait, type BeadId, type ConvoyId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type Story } from '../testing.ts';

const says = (one: Story, id: BeadId): string | null => {
  const rows = one.town.rows();
  const bead = one.bead(id);
  return explainWait(bead, {
    town: rows.town[0],
    rig: rows.rigs.find((rig) => rig.id === bead.rigId),
    bead: (other) => rows.beads.find((row) => row.id === other),
    convoy: (other) => rows.convoys.find((row) => row.id === other),
  });
};
const mayorOf = (one: Story) => one.town.rows().agents.find((agent) => agent.role === 'mayor')!;

test('a town that is resumed though it was not paused, and where nothing failed, makes no page hear of it (I17)', () => {
  const { town } = story();
  const rev = town.town.rev();
  town.must({ kind: 'town.resume' });
  expect(town.town.rev()).toBe(rev);
});

describe('a paused rig', () => {
  test('starts nothing and says so, lets go on what runs, and goes on when it is resumed', () => {
    const one = story({ polecat: silentPolecat });
    const { rigId } = one;
    const other = one.addRig('lib');
    const running = one.wish('running');
    one.runner.work();
    one.town.must({ kind: 'rig.pause', rigId });
    one.town.must({ kind: 'rig.pause', rigId });
    const waiting = one.wish('waiting');
    const elsewhere = one.wish('elsewhere', { rigId: other });
    one.runner.work();
    expect([one.bead(running).status, one.bead(waiting).status, one.bead(elsewhere).status]).toEqual([
      'in_progress',
      'open',
      'in_progress',
    ]);
    expect(one.bead(waiting).wait).toEqual({ code: 'rig_paused', ref: rigId, until: null });
    expect(says(one, waiting)).toBe('The rig app is paused.');
    expect(one.town.rows().rigs.map((rig) => [rig.name, rig.paused])).toEqual([
      ['app', true],
      ['lib', false],
    ]);
    one.town.must({ kind: 'rig.resume', rigId });
    expect(one.bead(waiting).status).toBe('in_progress');
    expect(one.town.rows().events.filter((event) => event.type.startsWith('rig_pause') || event.type === 'rig_resumed')).toHaveLength(2);
  });

  test('builds no merge that waits in its queue; the one under test is landed', () => {
    const one = story();
    one.runner.script['merge.test'] = () => null;
    const [first, second] = [one.wish('first'), one.wish('second')];
    one.runner.work();
    expect([one.mergeOf(first).phase, one.mergeOf(second).phase]).toEqual(['testing', 'queued']);
    one.town.must({ kind: 'rig.pause', rigId: one.rigId });
    expect(one.bead(second).wait).toMatchObject({ code: 'rig_paused' });
    one.runner.script['merge.test'] = goodTest;
    one.town.sleep(LIMITS.gateTimeoutMs.value * 3, () => one.runner.work());
    expect([one.bead(first).status, one.mergeOf(second).phase]).toEqual(['closed', 'queued']);
    one.town.must({ kind: 'rig.resume', rigId: one.rigId });
    one.runner.work();
    expect(one.bead(second).status).toBe('closed');
  });
});
const goodTest: Story['runner']['script']['merge.test'] = (effect) => ({
  state: 'succeeded',
  value: {
    kind: 'tested',
    passed: true,
    baseCommit: 'a'.repeat(40),
    mergeCommit: effect.mergeId.slice(3).padEnd(40, '0'),
    gates: [],
    failure: null,
  },
});

describe('a paused convoy', () => {
  test('starts nothing new, its running bead goes on and lands, beads without a convoy do not wait for it', () => {
    const one = story();
    one.town.must({ kind: 'town.configure', maxPolecats: 1 });
    const { convoyId, beadIds } = one.town.must<{ convoyId: ConvoyId; beadIds: BeadId[] }>({
      kind: 'convoy.create',
      title: 'a batch',
      tasks: ['A', 'B'].map((title) => ({ rigId: one.rigId, title })),
    });
    const [a, b] = beadIds as [BeadId, BeadId];
    one.town.must({ kind: 'convoy.pause', convoyId });
    const alone = one.wish('alone');
    one.runner.work();
    expect([a, b, alone].map((id) => one.bead(id).status)).toEqual(['closed', 'open', 'closed']);
    expect(one.bead(b).wait).toEqual({ code: 'convoy_paused', ref: convoyId, until: null });
    expect(says(one, b)).toBe(`The convoy ${convoyId} (a batch) is paused.`);
    expect(one.town.rows().convoys[0]).toMatchObject({ paused: true, status: 'open', closed: 1, wait: { code: 'convoy_paused' } });
    one.town.must({ kind: 'convoy.resume', convoyId });
    one.runner.work();
    expect(one.town.rows().convoys[0]).toMatchObject({ paused: false, status: 'landed' });
    expect(one.town.person({ kind: 'convoy.pause', convoyId })).toMatchObject({ ok: false, failure: { code: 'convoy_over' } });
  });

  test('that was paused while staged is still paused when it is started', () => {
    const one = story();
    const { convoyId } = one.town.must<{ convoyId: ConvoyId }>({
      kind: 'convoy.create',
      title: 'x',
      staged: true,
      tasks: [{ rigId: one.rigId, title: 'A' }],
    });
    one.town.must({ kind: 'convoy.pause', convoyId });
    one.town.must({ kind: 'convoy.start', convoyId });
    one.runner.work();
    expect(one.town.rows().beads[0]).toMatchObject({ status: 'open', wait: { code: 'convoy_paused' } });
  });
});

describe('a paused agent', () => {
  test('gets no new bead: another polecat takes it, also when it worked on that bead before', () => {
    const one = story({ polecat: silentPolecat });
    const first = one.wish('first');
    one.runner.work();
    const { agentId } = one.runsOf(first)[0]!;
    one.town.must({ kind: 'agent.pause', agentId });
    expect(one.runsOf(first)[0]?.state).toBe('working');
    one.town.sleep(LIMITS.leaseMs.value);
    const again = one.runsOf(first)[1]!;
    expect(again.agentId).not.toBe(agentId);
    expect(one.town.rows().agents.find((agent) => agent.id === agentId)).toMatchObject({ paused: true, beadId: null });
    one.town.must({ kind: 'agent.pause', agentId: again.agentId });
    one.town.must({ kind: 'agent.resume', agentId });
    const third = one.wish('third');
    expect(one.runsOf(third)[0]?.agentId).toBe(agentId);
  });

  test('a paused Mayor opens no session: messages wait, the answer says so, and they are delivered when it is resumed', () => {
    const one = story();
    const { id } = mayorOf(one);
    one.town.must({ kind: 'agent.pause', agentId: id });
    expect(one.town.must({ kind: 'mayor.tell', text: 'hello' })).toMatchObject({ waits: expect.stringContaining('paused') });
    expect(one.town.must({ kind: 'agent.nudge', agentId: id, text: 'and this' })).toMatchObject({
      waits: expect.stringContaining('paused'),
    });
    expect(one.town.person({ kind: 'mayor.restart' })).toMatchObject({ ok: false, failure: { code: 'agent_paused' } });
    one.town.sleep(24 * 3_600_000, () => one.runner.work());
    expect(one.town.rows().runs).toEqual([]);
    expect(one.town.rows().nudges.map((nudge) => nudge.state)).toEqual(['pending', 'pending']);
    expect(one.town.town.nextWake()).toBeNull();
    one.town.must({ kind: 'agent.resume', agentId: id });
    one.runner.work();
    expect(one.town.rows().nudges.map((nudge) => nudge.state)).toEqual(['delivered', 'delivered']);
  });

  test('a Mayor that is paused while it has a session gets no message into it', () => {
    const one = story();
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    one.runner.work();
    one.town.must({ kind: 'agent.pause', agentId: mayorOf(one).id });
    one.town.must({ kind: 'mayor.tell', text: 'later' });
    one.runner.work();
    const states = () => Object.fromEntries(one.town.rows().nudges.map((nudge) => [nudge.text, nudge.state]));
    expect(states()).toEqual({ hello: 'delivered', later: 'pending' });
    one.town.must({ kind: 'agent.resume', agentId: mayorOf(one).id });
    one.runner.work();
    expect(states()).toEqual({ hello: 'delivered', later: 'delivered' });
  });

  test('the Mayor pauses and resumes rigs, convoys and polecats by a tool, not itself', () => {
    const one = story();
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    one.runner.work();
    const run = one.runner.starts.find((start) => start.context.bead === null)!;
    const call = (args: object) => one.runner.tool(run, 'pause', args);
    expect(call({ rig_id: one.rigId })).toMatchObject({ ok: true, value: { data: { id: one.rigId, paused: true } } });
    expect(one.town.rows().rigs[0]?.paused).toBe(true);
    expect(call({ rig_id: one.rigId, resume: true })).toMatchObject({ ok: true });
    expect(one.town.rows().rigs[0]?.paused).toBe(false);
    expect(call({})).toMatchObject({ ok: false, failure: { code: 'invalid_input' } });
    expect(call({ agent_id: mayorOf(one).id })).toMatchObject({ ok: false, failure: { code: 'forbidden' } });
    expect(call({ convoy_id: 'cv-00000000' })).toMatchObject({ ok: false, failure: { code: 'unknown_convoy' } });
  });
});

test('while the container is stopping nothing is dispatched and the wait says so; then it starts again for the bead (RC-22)', () => {
  const one = story();
  one.runner.script.container = () => null;
  one.town.sleep(LIMITS.mayorIdleStopMs.value + 1, () => one.runner.work());
  expect(one.town.rows().town[0]?.container.state).toBe('stopping');
  const id = one.wish('late');
  one.town.must({ kind: 'mayor.tell', text: 'hello' });
  expect(one.bead(id)).toMatchObject({ status: 'open', wait: { code: 'container_stopping' } });
  expect(says(one, id)).toContain('stopping');
  expect(one.town.rows().runs).toEqual([]);
  one.town.send({ kind: 'container.observed', state: 'stopped', failure: null });
  one.runner.script.container = () => ({ state: 'succeeded', value: { kind: 'none' } });
  one.runner.work();
  expect(one.bead(id).status).toBe('closed');
  expect(one.town.rows().nudges.map((nudge) => nudge.state)).toEqual(['delivered']);
});
