import type { BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story } from '../testing.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A polecat that landed one bead, and a day later something else happens in the town. */
function aDayLater() {
  const one = story();
  const beadId = one.wish('Add X');
  one.runner.work();
  one.town.sleep(DAY + HOUR, () => one.runner.work());
  const agents = () => one.town.rows().agents;
  return { ...one, beadId, agents };
}

describe('agents without work', () => {
  test('a polecat without a run for a day is retired when the town is awake anyway, never by a wake of its own (PT-10, P7)', () => {
    const { town, agents } = aDayLater();
    expect(town.town.nextWake()).toBeNull();
    expect(
      agents()
        .map((agent) => agent.name)
        .toSorted(),
    ).toEqual(['Mayor', 'Toast']);
    expect(agents().find((agent) => agent.name === 'Toast')?.status).toBe('exited');
    town.must({ kind: 'town.rename', name: 'Again' });
    expect(agents().find((agent) => agent.name === 'Toast')).toMatchObject({ status: 'dead' });
    expect(agents().find((agent) => agent.name === 'Mayor')?.status).not.toBe('dead');
  });

  test('what it landed stays landed and only is nobody’s; its history and its page stay (AG-21, AG-25)', () => {
    const { town, beadId, bead, runsOf, agents } = aDayLater();
    const before = bead(beadId);
    town.must({ kind: 'town.rename', name: 'Again' });
    expect(bead(beadId)).toEqual({ ...before, assigneeId: null });
    const [run] = runsOf(beadId);
    expect(run).toMatchObject({ endReason: 'done' });
    expect(agents().some((agent) => agent.id === run!.agentId)).toBe(true);
    expect(town.town.agentExists(run!.agentId)).toBe(true);
    const moved = town.rows().events.filter((event) => event.beadId === beadId && event.type === 'unassigned');
    expect(moved).toMatchObject([{ before: null, after: null }]);
  });

  test('a bead that failed stays failed, one in progress without a run goes back in line (AG-25)', () => {
    const { town, wish, bead, runner, addRig } = aDayLater();
    const rig = addRig('other', { maxPolecats: 1 });
    const failed = wish('fails', { rigId: rig });
    runner.script.polecat = silentPolecat;
    runner.work();
    town.must({ kind: 'bead.set_status', beadId: failed, status: 'failed', reason: 'no' });
    const byHand = wish('by hand', { rigId: rig });
    runner.work();
    town.must({ kind: 'rig.update', rigId: rig, maxPolecats: 0 });
    town.must({ kind: 'bead.set_status', beadId: byHand, status: 'open' });
    const [assigned] = town.rows().agents.filter((agent) => agent.rigId === rig);
    town.must({ kind: 'bead.set_status', beadId: byHand, status: 'in_progress' });
    town.sql.run('UPDATE beads SET assignee_id = ? WHERE id = ?', assigned!.id, byHand);
    town.sql.run(
      `UPDATE bead_events SET data = ? WHERE bead_id = ? AND after = 'in_progress' AND actor_kind = 'person'`,
      JSON.stringify({ set: { assigneeId: assigned!.id } }),
      byHand,
    );
    town.sleep(DAY + HOUR, () => runner.work());
    town.must({ kind: 'town.rename', name: 'Again' });
    expect(bead(failed)).toMatchObject({ status: 'failed', failure: { code: 'failed_by_person' }, assigneeId: null });
    expect(bead(byHand)).toMatchObject({ status: 'open', assigneeId: null });
  });

  test('its name is free: the next polecat has it, and is another agent (AG-4, PT-10)', () => {
    const { town, wish, runner, beadId, runsOf, agents } = aDayLater();
    const next = wish('another');
    runner.work();
    expect(agents().filter((agent) => agent.name === 'Toast')).toHaveLength(2);
    expect(runsOf(next)[0]!.agentId).not.toBe(runsOf(beadId)[0]!.agentId);
    expect(agents().filter((agent) => agent.name === 'Toast' && agent.status === 'dead')).toHaveLength(1);
    expect(town.town.agentIds()).toHaveLength(3);
  });

  test('unread mail goes to the Mayor, and nobody can write to it any more (MS-2)', () => {
    const one = story();
    one.wish('Add X');
    one.runner.work();
    const toast = one.town.rows().agents.find((agent) => agent.name === 'Toast')!;
    one.town.must({ kind: 'mail.send', agentId: toast.id, subject: 'HELP', body: 'still there?' });
    one.town.sleep(DAY + HOUR, () => one.runner.work());
    one.town.must({ kind: 'town.rename', name: 'Again' });
    one.runner.work();
    expect(one.town.rows().mail).toMatchObject([{ subject: 'For Toast, who is retired: HELP', deliveredAt: expect.any(Number) }]);
    const again = one.town.person({ kind: 'mail.send', agentId: toast.id, subject: 'x', body: 'y' });
    expect(again).toMatchObject({ ok: false, failure: { code: 'unknown_agent', message: expect.stringContaining('retired') } });
  });

  test('one at work is never retired, however long it works, and the day is the town’s to choose', () => {
    const one = story({ polecat: silentPolecat });
    one.town.must({ kind: 'town.configure', patrols: { agentRetireMs: 2 * HOUR } });
    const beadId: BeadId = one.wish('Add X');
    one.runner.work();
    const [start] = one.runner.starts;
    for (let n = 0; n < 3 * 60; n += 1) {
      one.runner.report({ kind: 'renew', runs: [{ runId: start!.runId, generation: start!.generation, lastActivityAt: one.town.now }] });
      one.town.sleep(60_000, () => one.runner.work());
    }
    expect(one.bead(beadId).status).toBe('in_progress');
    expect(one.town.rows().agents.some((agent) => agent.status === 'dead')).toBe(false);
    one.town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    one.town.sleep(4 * HOUR, () => one.runner.work());
    one.town.must({ kind: 'town.rename', name: 'Again' });
    expect(one.town.rows().agents.some((agent) => agent.status === 'dead')).toBe(true);
  });
});
