import { HOME_RUNNER, failure, type BeadStatus } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../invariants.ts';
import { BEAD_MOVES, mayMove } from '../transitions.ts';
import { bad, evidence, everything, memorySql, silentPolecat, story, type Script } from '../testing.ts';

const MINUTE = 60_000;
const STATUSES: readonly BeadStatus[] = ['open', 'in_progress', 'in_review', 'closed', 'failed'];
function atWork() {
  const one = story({ polecat: silentPolecat });
  const beadId = one.wish('Add X');
  one.runner.work();
  return { ...one, beadId, start: one.runner.starts[0]! };
}

describe('moves of work', () => {
  test('are the ones that are written down, and nothing automatic leaves closed or failed (ST-1, ST-2, ST-3)', () => {
    const legal = STATUSES.flatMap((from) => STATUSES.filter((to) => mayMove(BEAD_MOVES.issue, from, to)).map((to) => `${from} ${to}`));
    expect(legal).toEqual(
      expect.arrayContaining([
        'open in_progress',
        'in_progress in_review',
        'in_review closed',
        'in_review in_progress',
        'in_progress open',
        'open failed',
        'in_progress failed',
        'in_review failed',
        'open closed',
        'in_progress closed',
      ]),
    );
    expect(legal.filter((move) => /^(closed|failed) /.test(move))).toEqual([]);
    expect(STATUSES.filter((to) => mayMove(BEAD_MOVES.merge_request, 'in_progress', to))).toEqual(['open', 'closed', 'failed']);
  });

  test.each(['closed', 'failed'] as const)('a late hand-in and a late end of a %s bead change nothing (ST-3)', (status) => {
    const { town, beadId, runner, start, bead } = atWork();
    town.must({ kind: 'bead.set_status', beadId, status });
    expect(runner.tool(start, 'done', { summary: 'late' }, evidence(start))).toMatchObject({ ok: false, failure: { code: 'run_over' } });
    runner.report({ kind: 'turn.ended', runId: start.runId, generation: start.generation, stopReason: 'end_turn', failure: null });
    runner.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: failure('agent_crashed') });
    town.sleep(60 * MINUTE, () => runner.work());
    expect(bead(beadId).status).toBe(status);
    expect(town.rows().merges).toEqual([]);
  });

  test('a merge that lands while its bead is worked on anew does not close it (ST-8)', () => {
    const one = story({ 'merge.test': () => null });
    const beadId = one.wish('Add X');
    one.runner.work();
    one.runner.script.polecat = silentPolecat;
    const test = one.town.handed.find((due) => due.effect.kind === 'merge.test')!;
    one.town.must({ kind: 'bead.set_status', beadId, status: 'open', reason: 'once more' });
    one.runner.work();
    one.runner.report({ kind: 'outcome', effectId: test.effectId, outcome: bad('git_failed') });
    expect(one.bead(beadId).status).toBe('in_progress');
    expect(one.town.rows().merges.map((merge) => merge.phase)).toEqual(['failed']);
  });
});

describe('no work without its agent', () => {
  test('an agent that is gone gives its bead back at once, and another run takes it (PT-2, PT-6, ST-11, AG-15)', () => {
    const { town, beadId, runner, start, bead, runsOf } = atWork();
    runner.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: failure('agent_crashed') });
    expect(runsOf(beadId)[0]).toMatchObject({ state: 'ended', endReason: 'failed', failure: { code: 'agent_crashed' } });
    expect(bead(beadId).status).toBe('in_progress');
    expect(runsOf(beadId)).toHaveLength(2);
    expect(checkInvariants(town.sql, town.now)).toEqual([]);
  });

  test('a silent one is given up long before five minutes, by its lease (PT-2, ST-11, I3)', () => {
    const { town, beadId, runsOf, runner } = atWork();
    town.sleep(MINUTE, () => runner.work());
    runner.alive();
    town.sleep(MINUTE, () => runner.work());
    expect(runsOf(beadId)[0]).toMatchObject({ state: 'ended', failure: { code: 'lease_expired' } });
  });

  test('a start that is never sent holds no bead for ever: it goes with the next runner, also when the container was asked in vain for an hour (PT-7, PT-11, RC-28, H2)', () => {
    const one = story();
    one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
    one.runner.script.container = () => null;
    const beadId = one.wish('Add X');
    one.town.sleep(60 * MINUTE, () => one.runner.work());
    expect(one.town.rows().town[0]?.container.state).not.toBe('running');
    one.runner.script.container = () => ({ state: 'succeeded', value: { kind: 'none' } });
    one.town.sleep(60 * MINUTE, () => one.runner.work());
    expect(one.bead(beadId).status).toBe('closed');
  });

  test('open work that somebody took out of an agent’s hands is taken up by itself (PT-8, RC-14)', () => {
    const { town, beadId, runner, bead, runsOf } = atWork();
    town.must({ kind: 'bead.set_status', beadId, status: 'open' });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress' });
    expect(runsOf(beadId)).toHaveLength(2);
  });

  test('attempts belong to the bead, whoever tries (RC-19)', () => {
    const { beadId, runner, start, bead, town } = atWork();
    runner.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: failure('agent_crashed') });
    town.must({ kind: 'bead.reassign', beadId });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 1 });
  });

  test('an agent shows as starting until its first turn, and never as working before (AG-7)', () => {
    const one = story({ polecat: () => undefined });
    const beadId = one.wish('Add X');
    const status = () => one.town.rows().agents.find((agent) => agent.beadId === beadId)?.status;
    expect(status()).toBe('starting');
    one.runner.work();
    expect(status()).toBe('starting');
    const [start] = one.runner.starts;
    one.runner.report({ kind: 'turn.started', runId: start!.runId, generation: start!.generation, nudgeId: null });
    expect(status()).toBe('working');
  });

  test('a store to which everything has happened breaks no rule, and every bead of the town has its rig (RC-11, RC-27, DM-19)', () => {
    const { town } = everything(memorySql());
    expect(checkInvariants(town.sql, town.now)).toEqual([]);
    const without = town.sql.all(
      `SELECT id FROM beads WHERE rig_id IS NULL AND (parent_id IS NOT NULL OR type IN ('issue', 'merge_request', 'triage_request'))`,
    );
    expect(without).toEqual([]);
  });
});

describe('reports', () => {
  test('are ordered and count once; a message of another agent is not marked by a run that claims it (RC-7, RC-8, MS-9)', () => {
    const { town, runner, start } = atWork();
    const mayor = town.rows().agents.find((agent) => agent.role === 'mayor')!;
    town.must({ kind: 'agent.nudge', agentId: mayor.id, text: 'for you alone' });
    const [foreign] = town.rows().nudges;
    const { runId, generation } = start;
    runner.report({ kind: 'turn.started', runId, generation, nudgeId: foreign!.id });
    runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
    expect(town.rows().nudges.find((nudge) => nudge.id === foreign!.id)).toMatchObject({ agentId: mayor.id, deliveredAt: null });
    const again = town.report(runner.instance, runner.seq, { kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
    expect(again).toMatchObject({ ok: true, value: { applied: 'seen' } });
    expect(town.rows().runs.find((run) => run.id === runId)?.state).not.toBe('ended');
    const gap = town.report(runner.instance, runner.seq + 2, { kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
    expect(gap).toMatchObject({ ok: false });
  });

  test.each(['a message to the Mayor', 'a bead'])(
    '%s starts a container that sleeps, once; meanwhile the page says that it starts (CT-6)',
    (what) => {
      const one = story();
      one.town.sleep(600_000, () => one.runner.work());
      const container = () => one.town.rows().town[0]?.container.state;
      const started = () => one.town.handed.filter(({ effect }) => effect.kind === 'container.start').length;
      const before = started();
      expect(container()).toBe('stopped');
      if (what === 'a bead') one.wish('Add X');
      else one.town.must({ kind: 'mayor.tell', text: 'hello' });
      one.town.take();
      expect([container(), started() - before]).toEqual(['starting', 1]);
    },
  );

  test('at most one start of the container is asked for at a time, whatever waits (RC-30)', () => {
    const one = story();
    one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
    one.town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    for (let n = 0; n < 10; n += 1) one.wish(`bead ${n}`);
    expect(one.town.take().filter((due) => due.effect.kind === 'container.start')).toHaveLength(1);
    expect(one.town.take().filter((due) => due.effect.kind === 'container.start')).toHaveLength(0);
  });
});

describe('failed starts of the town', () => {
  const failing: Partial<Script> = { 'run.start': () => bad('setup_failed', true, 'no space left') };

  test('in a row hold dispatch, with the error for people to see; one run probes, and its success ends the hold (RC-20)', () => {
    const one = story(failing);
    for (let n = 0; n < 6; n += 1) one.wish(`bead ${n}`);
    one.runner.work();
    one.town.sleep(5_000, () => one.runner.work());
    const held = () => one.town.rows().town[0]!.dispatchHeld;
    expect(held()).toMatchObject({ until: expect.any(Number), failure: { code: 'setup_failed', message: 'no space left' } });
    const works = story().runner.script['run.start'];
    one.runner.script['run.start'] = works;
    one.town.sleep(MINUTE, () => one.runner.work());
    expect(held()).toBeNull();
  });

  test('a storm within half an hour holds dispatch though some starts work between (RC-20)', () => {
    let n = 0;
    const one = story({}, { check: false });
    const works = one.runner.script['run.start'];
    one.runner.script['run.start'] = (effect) => ((n += 1) % 3 === 0 ? works(effect) : bad('setup_failed', true, 'no space left'));
    let made = 0;
    let held = false;
    for (let turn = 0; turn < 120 && !held; turn += 1) {
      one.wish(`bead ${(made += 1)}`);
      one.town.sleep(10_000, () => one.runner.work());
      held = one.town.rows().town[0]!.dispatchHeld !== null;
    }
    expect(held).toBe(true);
    expect(one.town.rows().runs.some((run) => run.endReason === 'done')).toBe(true);
  });

  test('are forgotten after half an hour without one, and when the container works again after an outage (RC-33)', () => {
    const one = story(failing, { seed: 4 });
    const beadId = one.wish('Add X');
    one.runner.work();
    const starts = () => Number(one.town.sql.all('SELECT starts FROM issues WHERE bead_id = ?', beadId)[0]?.['starts']);
    one.town.sleep(2_500, () => one.runner.work());
    const before = starts();
    expect(before).toBeGreaterThan(0);
    one.town.must({ kind: 'town.pause' });
    one.town.sleep(31 * MINUTE, () => one.runner.work());
    one.town.must({ kind: 'town.resume' });
    one.town.take();
    one.runner.work();
    expect(starts()).toBeLessThanOrEqual(before);
    expect(one.bead(beadId).status).not.toBe('failed');
    one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
    for (let n = 0; n < 6; n += 1) one.town.send({ kind: 'container.observed', state: 'failed', failure: failure('container_failed') });
    expect(one.town.rows().town[0]?.container.state).toBe('failed');
    one.runner.hello('instance-9');
    expect(starts()).toBe(0);
  });
});
