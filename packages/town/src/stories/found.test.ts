import { failure, LIMITS, type BeadId, type MailId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { Row } from '../sql.ts';
import { bad, good, replica, silentPolecat, sortedTables, story, type Story } from '../testing.ts';

/** What the simulator found: each a small story of what had gone wrong, told once and kept. */
const inStep = ({ town }: Story, browser: ReturnType<typeof replica>): void => {
  browser.pull(town);
  expect({ ...browser.rows(), events: [] }).toEqual({ ...sortedTables(town.rows()), events: [] });
};

describe('found by the simulator', () => {
  test('the breaker of starts that opens, and that closes, shows on every bead that waits for it (I17, RC-20)', () => {
    let works = false;
    const one = story({
      'run.start': (effect) =>
        works ? good({ kind: 'session', sessionId: effect.runId, resumed: false, model: null }) : bad('dispatch_failed', true),
    });
    const browser = replica();
    for (let n = 0; n < 12; n += 1) one.wish(`bead ${n}`);
    const late = one.wish('the last in line', { priority: 'low' });
    browser.pull(one.town);
    one.runner.work();
    expect(one.bead(late).wait?.code).toBe('retry_later');
    inStep(one, browser);
    works = true;
    one.town.sleep(3_600_000, () => {
      one.runner.work();
      inStep(one, browser);
    });
    expect(one.bead(late).status).toBe('closed');
  });

  test('a bead that stays blocked, and for another reason, shows the other reason (I10, I17)', () => {
    const one = story();
    const { town, wish, bead } = one;
    const browser = replica();
    town.must({ kind: 'town.pause' });
    const [outside, spawner, parent, other] = [wish('outside'), wish('spawner'), wish('parent'), wish('other parent')];
    const part = wish('part');
    const waiter = wish('waiter');
    const child = wish('child');
    const depends = (beadId: BeadId, dependsOn: BeadId, type: string): void =>
      void town.must({ kind: 'bead.add_dependency', beadId, dependsOn, type });
    depends(waiter, parent, 'parent-child');
    depends(child, parent, 'parent-child');
    depends(child, other, 'parent-child');
    depends(parent, outside, 'blocks');
    depends(other, outside, 'blocks');
    depends(waiter, spawner, 'waits-for');
    browser.pull(town);
    expect([bead(waiter).wait?.code, bead(child).wait?.ref]).toEqual(['parent_blocked', [parent, other].toSorted()[0]]);
    depends(part, spawner, 'parent-child');
    expect(bead(waiter).wait).toMatchObject({ code: 'waits_for_children', ref: spawner });
    inStep(one, browser);
    town.must({ kind: 'bead.set_status', beadId: part, status: 'closed' });
    expect(bead(waiter).wait?.code).toBe('parent_blocked');
    inStep(one, browser);
    for (const beadId of [parent, other]) {
      town.must({ kind: 'bead.remove_dependency', beadId, dependsOn: outside });
      inStep(one, browser);
    }
    expect(bead(child).wait?.code).toBe('town_paused');
  });

  test('a bead that was put out of sight and is wanted again is in sight, and goes (AR-1, I10)', () => {
    const { town, wish, bead, runner } = story();
    const [retried, moved] = [wish('retried'), wish('moved')];
    for (const beadId of [retried, moved]) town.must({ kind: 'bead.set_status', beadId, status: 'failed' });
    town.must({ kind: 'bead.archive', beadIds: [retried, moved] });
    town.must({ kind: 'bead.retry', beadId: retried });
    town.must({ kind: 'bead.set_status', beadId: moved, status: 'open' });
    expect([bead(retried).archivedAt, bead(moved).archivedAt]).toEqual([null, null]);
    runner.work();
    expect([bead(retried).status, bead(moved).status]).toEqual(['closed', 'closed']);
  });

  test('a part of what is put off shows the new time when it is put off further (I17)', () => {
    const one = story();
    const { town, wish, bead } = one;
    const browser = replica();
    const whole = wish('whole');
    town.must({ kind: 'town.pause' });
    const part = wish('part');
    town.must({ kind: 'bead.add_dependency', beadId: part, dependsOn: whole, type: 'parent-child' });
    town.must({ kind: 'bead.defer', beadId: whole, until: town.now + 60_000 });
    browser.pull(town);
    town.must({ kind: 'bead.defer', beadId: whole, until: town.now + 120_000 });
    expect(bead(part).wait).toMatchObject({ code: 'parent_deferred', until: town.now + 120_000 });
    inStep(one, browser);
  });

  test('a report that is said again writes nothing, whatever has become due meanwhile (I18)', () => {
    const { town, runner, wish } = story();
    wish('makes an agent, so that the hourly look for forgotten ones has something to do');
    runner.work();
    town.now += 3_600_000 * 30;
    const before = town.sql.counts.rowsWritten;
    expect(town.report(runner.instance, runner.seq, { kind: 'renew', runs: [] })).toEqual({ ok: true, value: { applied: 'seen' } });
    expect(town.sql.counts.rowsWritten).toBe(before);
  });

  test('a failure that is told again of an effect that was put aside is no other try (I8, I18)', () => {
    const { town, runner, rigId } = story();
    runner.script['rig.connect'] = () => bad('repository_unreachable', true);
    town.must({ kind: 'rig.reconnect', rigId });
    runner.work();
    while (town.rows().parked.length === 0) town.sleep(5_000, () => runner.work());
    const [parked] = town.rows().parked;
    expect(parked).toMatchObject({ kind: 'rig.connect', attempts: 10 });
    expect(runner.report({ kind: 'outcome', effectId: parked!.id, outcome: bad('repository_unreachable', true) }).ok).toBe(true);
    expect(town.rows().parked).toEqual([parked]);
  });

  /** A mail that its reader's session has, and of which no turn was told yet. */
  function withItsSession() {
    const one = story({ polecat: silentPolecat, prompt: () => undefined });
    const told: string[] = [];
    const beadId = one.wish('Add X');
    one.runner.work();
    const { runId, generation } = one.runner.starts[0]!;
    const [agent] = one.town.rows().agents.filter(({ role }) => role === 'polecat');
    const { mailId } = one.town.must<{ mailId: MailId }>({
      kind: 'mail.send',
      agentId: agent!.id,
      subject: 'HELP',
      body: 'mind the tests',
    });
    one.runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
    const mailed = (): unknown => one.town.rows().nudges.map(({ state, source }) => ({ state, source }));
    const live = (): Row => one.town.sql.all('SELECT state, lease_until FROM runs WHERE id = ?', runId)[0]!;
    one.runner.script.prompt = (runner, sent) => {
      told.push(sent.text);
      runner.turn(sent, sent.nudgeId);
    };
    return { ...one, told, beadId, runId, generation, mailId, mailed, live };
  }

  test.each(['before', 'after'] as const)(
    'a person who reads a mail that is with a session, %s its runner said so, does not leave that run with nobody who would notice its loss (I3, MS-3)',
    (when) => {
      const { town, runner, told, mailId, mailed, live } = withItsSession();
      const [prompt] = town.take();
      expect(prompt?.effect.kind).toBe('run.prompt');
      if (when === 'after') runner.report({ kind: 'outcome', effectId: prompt!.effectId, outcome: good({ kind: 'none' }) });
      town.must({ kind: 'mail.read', mailId });
      expect(town.rows().mail).toMatchObject([{ id: mailId, deliveredAt: town.now }]);
      if (when === 'before') runner.report({ kind: 'outcome', effectId: prompt!.effectId, outcome: good({ kind: 'none' }) });
      expect(live()).toMatchObject({ state: 'idle', lease_until: town.now + LIMITS.leaseMs.value });
      runner.script.prompt(runner, prompt!.effect as never);
      expect(mailed()).toContainEqual({ state: 'delivered', source: 'Ada' });
      runner.work();
      expect(told.filter((text) => text.includes('mind the tests'))).toHaveLength(1);
    },
  );

  test('a mail that a person read while it was with a session that is lost is told to no other (MS-3)', () => {
    const { town, runner, told, beadId, runId, mailId, mailed, live } = withItsSession();
    town.take();
    town.must({ kind: 'mail.read', mailId });
    runner.report({ kind: 'run.lost', runId, generation: runner.starts[0]!.generation, failure: failure('agent_crashed') });
    expect(live().state).toBe('ended');
    expect(mailed()).toEqual([{ state: 'expired', source: 'Ada' }]);
    town.sleep(600_000, () => runner.work());
    expect(runner.starts.at(-1)).toMatchObject({ context: { bead: { id: beadId }, mail: [] } });
    expect(runner.starts.length).toBeGreaterThan(1);
    expect(told.filter((text) => text.includes('mind the tests'))).toEqual([]);
  });
});
