import { LIMITS, type RigId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { DueEffect, Sql } from '../api.ts';
import { bad, good, memorySql, sha, silentPolecat, story, type Story } from '../testing.ts';

const connected = good({ kind: 'rig', defaultBranch: 'main', empty: false, head: sha('base') });
const runnerKinds = (due: readonly DueEffect[]) => due.flatMap((one) => (one.target === 'runner' ? [one.effect.kind] : []));
const rigOf = (due: DueEffect): string => (due.effect.kind === 'rig.connect' ? due.effect.rigId : '');

describe('order and concurrency of effects', () => {
  test('with a hundred targets, one that never answers delays none of the others', () => {
    const one = story();
    const slow = { id: '' };
    one.runner.script['rig.connect'] = (effect) => (effect.rigId === slow.id ? null : connected);
    const rigs = Array.from({ length: 100 }, (_, n) => {
      const { rigId } = one.town.must<{ rigId: RigId }>({ kind: 'rig.add', name: `rig ${n}`, gitUrl: `https://example.test/${n}.git` });
      if (n === 0) slow.id = rigId;
      return rigId;
    });
    one.runner.work();
    const state = Object.fromEntries(one.town.rows().rigs.map((rig) => [rig.id, rig.state]));
    expect(rigs.filter((id) => state[id] !== 'ready')).toEqual([slow.id]);
  });

  test('repositories that all hang hold back neither starts nor each other for ever: a bounded number is under way, the oldest first (I8)', () => {
    const one = story({ polecat: silentPolecat });
    one.runner.script['rig.connect'] = () => null;
    for (let n = 0; n < 30; n += 1) one.town.must({ kind: 'rig.add', name: `rig ${n}`, gitUrl: `https://example.test/${n}.git` });
    one.runner.work();
    const under = () => one.town.sql.all(`SELECT 1 FROM outbox WHERE kind = 'rig.connect' AND state = 'sent'`).length;
    expect(under()).toBe(LIMITS.connectsAtOnce.value);
    const id = one.wish('first');
    one.runner.work();
    expect(one.bead(id).wait?.code).toBe('agent_working');
    expect(one.town.town.nextWake()).toBeGreaterThan(one.town.now);
    const before = new Set(one.town.handed.map(rigOf)).size;
    one.runner.script['rig.connect'] = () => connected;
    const [stuck] = one.town.handed.filter(
      (due) => rigOf(due) !== '' && one.town.rows().rigs.some((rig) => rig.id === rigOf(due) && rig.state !== 'ready'),
    );
    one.runner.report({ kind: 'outcome', effectId: stuck!.effectId, outcome: connected });
    one.runner.work();
    expect(new Set(one.town.handed.map(rigOf)).size).toBeGreaterThan(before + 20);
  });

  test('what stops an agent never waits for a place', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('first');
    one.runner.work();
    one.runner.script['rig.connect'] = () => null;
    for (let n = 0; n < 30; n += 1) one.town.must({ kind: 'rig.add', name: `rig ${n}`, gitUrl: `https://example.test/${n}.git` });
    one.runner.work();
    one.town.must({ kind: 'agent.reset', agentId: one.runsOf(id)[0]!.agentId });
    expect(runnerKinds(one.town.take())).toContain('run.stop');
  });

  test('so many merge results are tested at once, the others are in the queue and say so, the oldest goes next', () => {
    const one = story({ 'merge.test': () => null });
    const rigs = Array.from({ length: 5 }, (_, n) => one.addRig(`rig${n}`));
    const ids = rigs.map((rigId) => ((one.town.now += 1_000), one.wish('work', { rigId })));
    one.runner.work();
    const phases = () =>
      ids
        .map((id) => one.mergeOf(id))
        .toSorted((a, b) => a.createdAt - b.createdAt)
        .map((merge) => merge.phase);
    const atOnce = LIMITS.gateRunsAtOnce.value;
    expect(phases().filter((phase) => phase === 'testing')).toHaveLength(atOnce);
    expect(ids.filter((id) => one.bead(id).wait?.code === 'in_queue')).toHaveLength(5 - atOnce);
    const first = one.town.handed.find((due) => due.effect.kind === 'merge.test')!;
    one.runner.report({ kind: 'outcome', effectId: first.effectId, outcome: bad('gate_timeout') });
    one.runner.work();
    expect(phases().filter((phase) => phase === 'testing')).toHaveLength(atOnce);
    one.runner.script['merge.test'] = (effect) =>
      good({
        kind: 'tested',
        passed: true,
        baseCommit: sha('base'),
        mergeCommit: sha(`merge ${effect.mergeId}`),
        gates: [],
        failure: null,
      });
    one.town.sleep(86_400_000, () => one.runner.work());
    expect(new Set(ids.map((id) => one.bead(id).status))).toEqual(new Set(['closed']));
  });

  test('the order of a target holds over retries: what comes second waits until the first is done', () => {
    const one = story();
    const rigId = one.addRig('far');
    one.runner.script['rig.connect'] = () => bad('repository_unreachable', true);
    one.town.must({ kind: 'rig.reconnect', rigId });
    one.runner.work();
    one.town.sql.run(
      `INSERT INTO outbox (id, kind, target, subject, state, due_at, created_at) SELECT 'ef-00000000000f', kind, target, subject, 'pending', 0, 0 FROM outbox`,
    );
    const tries = one.town.handed.length;
    one.town.sleep(2_000, () => one.runner.work());
    expect(one.town.handed.slice(tries).map((due) => due.effectId)).not.toContain('ef-00000000000f');
    one.runner.script['rig.connect'] = () => connected;
    one.town.sleep(120_000, () => one.runner.work());
    expect(one.town.handed.at(-1)?.effectId).toBe('ef-00000000000f');
  });

  test('a parked effect that a person tries again does not overtake the one of its target that is under way', () => {
    const one = parked();
    const { town, runner } = one;
    runner.script['rig.connect'] = () => null;
    const again = town.rows().parked[0]!;
    town.sql.run(
      `INSERT INTO outbox (id, kind, target, subject, state, due_at, created_at) SELECT 'ef-00000000000f', kind, target, subject, 'pending', 0, 0 FROM outbox`,
    );
    town.sql.run('UPDATE rigs SET looks_again_at = 0 WHERE state = ?', 'unreachable');
    town.send({ kind: 'wake' });
    runner.work();
    expect(town.handed.at(-1)?.effectId).toBe('ef-00000000000f');
    town.must({ kind: 'effect.retry', effectId: again.id });
    expect(town.take()).toEqual([]);
    expect(town.town.nextWake()).toBeGreaterThan(town.now);
  });
});

/** A repository that was given up after ten tries. */
function parked(): Story {
  const one = story();
  const rigId = one.addRig('far');
  one.runner.script['rig.connect'] = () => bad('repository_unreachable', true, 'No route to host.');
  one.town.must({ kind: 'rig.reconnect', rigId });
  one.town.sleep(3_600_000, () => one.runner.work());
  expect(one.town.rows().parked).toMatchObject([
    { kind: 'rig.connect', target: `rig:${rigId}`, failure: { message: 'No route to host.' } },
  ]);
  return { ...one, rigId };
}

describe('a parked effect', () => {
  test('may be discarded; the ledger keeps what it was about and why it failed', () => {
    const { town } = parked();
    const [effect] = town.rows().parked;
    town.must({ kind: 'effect.discard', effectId: effect!.id });
    expect(town.rows().parked).toEqual([]);
    expect(town.rows().events.find((event) => event.type === 'effect_discarded')?.data).toMatchObject({
      kind: 'rig.connect',
      target: effect!.target,
      failure: { message: 'No route to host.' },
    });
  });

  test('that is wanted again is tried anew, and is no second row (I8)', () => {
    const { town, runner, rigId } = parked();
    const connects = () => town.handed.filter(({ effect }) => effect.kind === 'rig.connect').length;
    const tries = connects();
    town.must({ kind: 'rig.reconnect', rigId });
    town.sleep(3_600_000, () => runner.work());
    expect(connects()).toBe(tries + LIMITS.effectAttempts.value);
    expect(town.rows().parked).toHaveLength(1);
  });

  test('only what is parked may be discarded, and only what is there', () => {
    const { town, rigId } = parked();
    town.must({ kind: 'rig.reconnect', rigId });
    const effectId = town.sql.all(`SELECT id FROM outbox WHERE state <> 'parked'`)[0]!['id'] as never;
    expect(town.person({ kind: 'effect.discard', effectId })).toMatchObject({ ok: false, failure: { code: 'illegal_transition' } });
    expect(town.person({ kind: 'effect.discard', effectId: 'ef-000000000000' as never })).toMatchObject({
      ok: false,
      failure: { code: 'unknown_effect' },
    });
  });
});

describe('an effect that cannot be made (RC-9)', () => {
  /** Reading this row throws, as a bug would. */
  function poisoned() {
    const inner = memorySql();
    const poison = { id: '' };
    const store: Sql = {
      all: (statement, ...parameters) => {
        if (statement.startsWith('SELECT * FROM rigs WHERE id') && parameters[0] === poison.id) throw new RangeError('a bug');
        return inner.all(statement, ...parameters);
      },
      run: (statement, ...parameters) => inner.run(statement, ...parameters),
    };
    return { one: story({}, { store, check: false }), poison };
  }

  test('is tried a few times, then parked with the reason; its command is kept and no other target waits for it', () => {
    const { one, poison } = poisoned();
    const { rigId } = one.town.must<{ rigId: RigId }>({ kind: 'rig.add', name: 'bad', gitUrl: 'https://example.test/bad.git' });
    poison.id = rigId;
    const good1 = one.town.must<{ rigId: RigId }>({ kind: 'rig.add', name: 'fine', gitUrl: 'https://example.test/fine.git' }).rigId;
    one.runner.work();
    expect(one.town.rows().rigs.find((rig) => rig.id === good1)?.state).toBe('ready');
    one.town.sleep(3_600_000, () => one.runner.work());
    expect(one.town.rows().parked).toMatchObject([
      {
        kind: 'rig.connect',
        target: `rig:${rigId}`,
        attempts: LIMITS.poisonTries.value,
        failure: { code: 'internal', message: expect.stringContaining('a bug') },
      },
    ]);
    expect(one.town.town.nextWake()).toBeNull();
    poison.id = '';
    one.town.must({ kind: 'effect.retry', effectId: one.town.rows().parked[0]!.id });
    one.runner.work();
    expect(one.town.rows().rigs.find((rig) => rig.id === rigId)?.state).toBe('ready');
  });

  test('a runner whose disk cannot be written for a moment is no such effect: it is tried as often as any other (I8)', () => {
    let failing = LIMITS.poisonTries.value + 1;
    const one = story();
    const test = one.runner.script['merge.test'];
    one.runner.script['merge.test'] = (effect) => (failing-- > 0 ? bad('internal', true) : test!(effect));
    const beadId = one.wish('Add X');
    one.runner.work();
    one.town.sleep(3_600_000, () => one.runner.work());
    expect([one.bead(beadId).status, one.town.rows().parked]).toEqual(['closed', []]);
  });

  test('a start that cannot be made counts as a start that failed: the bead fails in the end, with the reason, and the others go on', () => {
    const one = story();
    const bead = one.wish('broken');
    one.town.sql.run(`INSERT INTO checkpoints (owner, data, at) VALUES (?, '{', 0)`, bead);
    const other = one.wish('fine');
    one.runner.work();
    expect(one.bead(other).status).toBe('closed');
    one.town.sleep(86_400_000, () => one.runner.work());
    expect(one.bead(bead)).toMatchObject({
      status: 'failed',
      failure: { code: 'dispatch_failed', message: expect.stringContaining('should hold JSON') },
    });
    expect(one.town.town.nextWake()).toBeNull();
  });
});
