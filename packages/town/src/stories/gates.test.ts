import { failure, NO_USAGE } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, good, sha, silentPolecat, story } from '../testing.ts';
import { readBreaker } from '../runs/breaker.ts';

describe('what holds work back', () => {
  test('a paused town starts nothing new and does not cut what runs; resumed, it goes on', () => {
    const { wish, runner, bead, town } = story({ polecat: silentPolecat });
    const first = wish('first');
    runner.work();
    town.must({ kind: 'town.pause' });
    const second = wish('second');
    runner.work();
    expect(bead(first).wait?.code).toBe('agent_working');
    expect(bead(second).wait?.code).toBe('town_paused');
    expect(town.town.modelPass(`s-${runner.starts[0]?.runId}`).ok).toBe(true);
    town.must({ kind: 'town.resume' });
    runner.work();
    expect(bead(second).wait?.code).toBe('agent_working');
  });

  test('a spent budget stops the next model call and the next start, and says so; more budget frees both (I9)', () => {
    const { wish, runner, bead, town } = story({ polecat: silentPolecat });
    town.must({ kind: 'town.configure', budgetMicros: 1_000 });
    const first = wish('first');
    runner.work();
    const [start] = runner.starts;
    town.send({ kind: 'spend', runId: start!.runId, usage: { ...NO_USAGE, inputTokens: 7, costMicros: 999 }, model: 'm' });
    expect(town.town.modelPass(`s-${start!.runId}`).ok).toBe(true);
    town.send({ kind: 'spend', runId: start!.runId, usage: { ...NO_USAGE, inputTokens: 3, costMicros: 1 }, model: 'm' });
    expect(town.town.modelPass(`s-${start!.runId}`)).toMatchObject({ ok: false, failure: { code: 'budget_spent' } });
    const second = wish('second');
    expect(bead(second).wait?.code).toBe('budget_spent');
    const rows = town.rows();
    for (const row of [rows.town[0], rows.rigs[0], bead(first), rows.runs[0], rows.agents.find((agent) => agent.role === 'polecat')]) {
      expect(row?.usage).toMatchObject({ inputTokens: 10, costMicros: 1_000 });
    }
    runner.report({
      kind: 'turn.ended',
      runId: start!.runId,
      generation: start!.generation,
      stopReason: 'error',
      failure: { code: 'budget_spent', message: 'spent' },
    });
    expect(bead(first)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'budget_spent' } });
    town.must({ kind: 'town.configure', budgetMicros: null });
    runner.work();
    expect([bead(first).wait?.code, bead(second).wait?.code]).toEqual(['agent_working', 'agent_working']);
  });

  test('without a model nothing starts, the bead and the Mayor wait, and a model frees both (AG-23)', () => {
    const { wish, runner, bead, town } = story({}, { create: { model: null } });
    const id = wish('Add X');
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    expect(bead(id).wait?.code).toBe('no_model');
    expect(town.rows().nudges).toMatchObject([{ state: 'pending' }]);
    town.must({ kind: 'town.configure', model: { provider: 'custom', model: 'local', baseUrl: 'http://localhost:1', price: null } });
    runner.work();
    expect(bead(id).status).toBe('closed');
    expect(town.rows().nudges).toMatchObject([{ state: 'delivered' }]);
  });

  test('a run that began before the key was corrected does not hold the town for the old one (AU-11, I10)', () => {
    const { wish, runner, bead, town } = story({ polecat: silentPolecat });
    const id = wish('with the old key');
    runner.work();
    const [run] = runner.starts;
    town.now += 5_000;
    town.person({ kind: 'town.set_model_key', key: 'corrected' }, { sealed: 's', hint: 'ected' });
    runner.report({
      kind: 'turn.ended',
      runId: run!.runId,
      generation: run!.generation,
      stopReason: 'end',
      failure: failure('model_key_refused'),
    });
    expect(town.rows().town[0]?.model).not.toBeNull();
    expect(bead(id).wait?.code).not.toBe('no_model');
    runner.script.polecat = (one, start) => one.turn(start, null, 'model_key_refused');
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'open', wait: { code: 'no_model', ref: 'model_key_refused' } });
  });

  test('a key that the provider refuses holds all work without costing attempts, until another key is set', () => {
    const { wish, runner, bead, town } = story({ polecat: (r, start) => r.turn(start, null, 'model_key_refused') });
    const ids = [wish('one'), wish('two')];
    runner.work();
    town.sleep(3_600_000, () => runner.work());
    for (const id of ids)
      expect(bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'no_model', ref: 'model_key_refused' } });
    expect(runner.starts.length).toBeLessThanOrEqual(3);
    runner.script.polecat = (r, start) => r.turn(start, null, null, () => void r.done(start));
    town.person({ kind: 'town.set_model_key', key: 'x' }, { sealed: 'sealed-key', hint: 'wxyz' });
    runner.work();
    expect(ids.map((id) => bead(id).status)).toEqual(['closed', 'closed']);
    expect(town.rows().town[0]?.modelKey).toBe('wxyz');
    expect(JSON.stringify(town.rows())).not.toContain('sealed-key');
  });

  test('a provider that is down delays work with growing waits and never fails a bead (RC-34)', () => {
    const { wish, runner, bead, town } = story({ polecat: (r, start) => r.turn(start, null, 'model_unreachable') });
    const id = wish('Add X');
    runner.work();
    town.sleep(3_600_000, () => runner.work());
    expect(bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'retry_later' } });
    expect(runner.starts.length).toBeLessThan(20);
    runner.script.polecat = (r, start) => r.turn(start, null, null, () => void r.done(start));
    town.sleep(3_600_000, () => runner.work());
    expect(bead(id).status).toBe('closed');
  });

  test('a full runner makes starts wait: no attempt, no failed bead, no breaker, and the next one that fits begins (CT-13)', () => {
    const { wish, runner, bead, town } = story();
    const usual = runner.script['run.start'];
    runner.script['run.start'] = () => ({ state: 'failed', failure: failure('runner_full'), retry: true });
    const ids = [wish('one'), wish('two'), wish('three')];
    runner.work();
    town.sleep(3_600_000, () => runner.work());
    for (const id of ids) expect(bead(id)).toMatchObject({ status: 'in_progress', attempts: 0, wait: { code: 'runner_full' } });
    expect(town.rows().runs.filter((run) => run.beadId !== null)).toHaveLength(3);
    expect(readBreaker(town.sql)).toMatchObject({ failures: 0, holdUntil: null });
    expect(town.rows().escalations).toEqual([]);
    runner.script['run.start'] = usual;
    town.sleep(3_600_000, () => runner.work());
    for (const id of ids) expect(bead(id).status).toBe('closed');
  });

  test('an account without credit holds all work, as a refused key does (AG-23)', () => {
    const { wish, runner, bead } = story({ polecat: (r, start) => r.turn(start, null, 'model_quota_spent') });
    const id = wish('Add X');
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'no_model', ref: 'model_quota_spent' } });
    expect(runner.starts).toHaveLength(1);
  });

  test('a rig that refuses its token holds its beads; a new token connects it and they go on', () => {
    const { wish, runner, bead, town, addRig } = story();
    runner.script['rig.connect'] = () => bad('repository_refused');
    const rigId = addRig('secret');
    const id = wish('Add X', { rigId });
    expect(bead(id).wait).toMatchObject({ code: 'rig_unreachable', ref: rigId });
    expect(town.rows().rigs.find((rig) => rig.id === rigId)).toMatchObject({
      state: 'unreachable',
      failure: { code: 'repository_refused' },
    });
    runner.script['rig.connect'] = () => good({ kind: 'rig', defaultBranch: 'trunk', empty: false, head: sha('h') });
    town.person({ kind: 'rig.set_token', rigId, token: 'x' }, { sealed: 'sealed-token', hint: 'oken' });
    runner.work();
    expect(bead(id).status).toBe('closed');
    expect(town.town.sealedRigToken(rigId)).toBe('sealed-token');
    expect(town.rows().rigs.find((rig) => rig.id === rigId)).toMatchObject({ tokenSet: true, state: 'ready', defaultBranch: 'trunk' });
    expect(JSON.stringify(town.rows())).not.toContain('sealed-token');
  });

  test('a rig is there with its token or not at all, and each has its own (GT-5, GT-8)', () => {
    const { town, runner } = story();
    const add = (name: string, gitUrl: string, sealed: string) =>
      town.person({ kind: 'rig.add', name, gitUrl, token: 'x' }, { sealed, hint: 'oken' });
    expect(add('one', 'https://git.example/acme/one.git', 'sealed-one')).toMatchObject({ ok: true });
    expect(add('two', 'https://code.example/acme/two.git', 'sealed-two')).toMatchObject({ ok: true });
    expect(add('other', 'https://git.example/acme/one', 'sealed-three')).toMatchObject({ ok: false, failure: { code: 'duplicate_rig' } });
    expect(add('three', 'https://x:y@git.example/a.git', 'sealed-four')).toMatchObject({
      ok: false,
      failure: { code: 'repository_unsafe' },
    });
    runner.work();
    expect(town.town.sealedSecrets().rigs).toEqual([
      { name: 'one', sealed: 'sealed-one' },
      { name: 'two', sealed: 'sealed-two' },
    ]);
  });

  test('an unreachable repository is tried again with waits, shows why meanwhile, and is parked in the end', () => {
    const { runner, town, addRig } = story();
    runner.script['rig.connect'] = () => bad('repository_unreachable', true, 'No route to host.');
    const rigId = addRig('far');
    expect(town.rows().rigs.find((rig) => rig.id === rigId)).toMatchObject({
      state: 'unreachable',
      failure: { message: 'No route to host.' },
    });
    town.sleep(3_600_000, () => runner.work());
    const [parked] = town.rows().parked;
    expect(parked).toMatchObject({ kind: 'rig.connect', attempts: 10, failure: { message: 'No route to host.' } });
    expect(town.town.nextWake()).toBeNull();
    runner.script['rig.connect'] = () => good({ kind: 'rig', defaultBranch: 'main', empty: false, head: sha('h') });
    town.must({ kind: 'effect.retry', effectId: parked!.id });
    expect(town.rows().rigs.find((rig) => rig.id === rigId)).toMatchObject({ state: 'unreachable', looksAgainAt: town.now });
    town.sleep(60_000, () => runner.work());
    runner.work();
    expect(town.rows()).toMatchObject({ parked: [] });
    expect(town.rows().rigs.find((rig) => rig.id === rigId)?.state).toBe('ready');
  });

  test('an empty repository works: the first run starts from nothing, and its landing makes the branch (AG-19)', () => {
    const { wish, runner, bead, town, addRig } = story();
    runner.script['rig.connect'] = () => good({ kind: 'rig', defaultBranch: 'main', empty: true, head: null });
    runner.script['merge.test'] = () =>
      good({ kind: 'tested', passed: true, baseCommit: null, mergeCommit: sha('first'), gates: [], failure: null });
    const rigId = addRig('new');
    const first = wish('first', { rigId });
    const second = wish('second', { rigId, dependsOn: [first] });
    runner.work();
    expect(runner.starts.map((start) => start.startFrom)).toEqual([null, 'main']);
    const land = town.handed.find((due) => due.effect.kind === 'merge.land');
    expect(land?.effect).toMatchObject({ baseCommit: null });
    expect(town.rows().rigs.find((rig) => rig.id === rigId)?.empty).toBe(false);
    expect(bead(second).status).toBe('closed');
  });

  test('a container that does not start fails after five tries, says so, is tried again slowly, and resume tries at once (PT-11)', () => {
    const { wish, runner, bead, town } = story();
    town.sleep(600_000, () => runner.work());
    const { container } = runner.script;
    runner.script.container = () => bad('container_failed', true, 'No memory.');
    const id = wish('Add X');
    runner.work();
    town.sleep(120_000, () => runner.work());
    expect(bead(id)).toMatchObject({ status: 'in_progress', attempts: 0, wait: { code: 'container_failed' } });
    expect(town.rows().town[0]?.container).toMatchObject({ state: 'failed', failure: { message: 'No memory.' } });
    const later = wish('Add Y');
    expect(bead(later).wait?.code).toBe('container_failed');
    const tries = () => town.handed.filter((due) => due.effect.kind === 'container.start').length;
    const before = tries();
    town.sleep(3_600_000, () => runner.work());
    expect(tries() - before).toBeLessThanOrEqual(13);
    runner.script.container = container;
    town.must({ kind: 'town.resume' });
    runner.work();
    expect([bead(id).status, bead(later).status]).toEqual(['closed', 'closed']);
  });
});
