import { failure } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, good, sha, silentPolecat, story } from '../testing.ts';

const gate = { command: 'npm test', exitCode: 1, timedOut: false, durationMs: 10, output: '1 failing', truncated: false };
const tested = (passed: boolean) =>
  good({
    kind: 'tested',
    passed,
    baseCommit: sha('base'),
    mergeCommit: sha('merge'),
    gates: [{ ...gate, exitCode: passed ? 0 : 1 }],
    failure: passed ? null : failure('gate_failed', 'npm test ended with 1.'),
  });

describe('merges', () => {
  test('a failed gate sends the bead to another run that is told the gate and its output, on the same branch (ST-6, AG-9)', () => {
    let builds = 0;
    const { wish, runner, bead, runsOf, town } = story({ 'merge.test': () => tested((builds += 1) > 1) });
    const id = wish('Add X');
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'closed', attempts: 1, failure: null });
    const [first, second] = runner.starts;
    expect(second?.context).toMatchObject({ attempt: 2, branch: first?.context.branch, agent: { id: first?.agentId } });
    expect(second?.context.earlier).toMatchObject([{ failure: { code: 'gate_failed' }, gates: [{ output: '1 failing', exitCode: 1 }] }]);
    expect(runsOf(id).map((run) => run.endReason)).toEqual(['done', 'done']);
    expect(
      town
        .rows()
        .merges.map((merge) => merge.phase)
        .toSorted(),
    ).toEqual(['failed', 'landed']);
  });

  test('a rig without gates of its own is tested by the town’s, in their order, and its agents and the Mayor are told them; its own go before, also when they are none (QG-1)', () => {
    const { town, runner, addRig, wish } = story({ 'merge.test': () => tested(true) });
    const plain = addRig('plain');
    town.must({ kind: 'rig.update', rigId: plain, gates: null });
    const told = (rigId: typeof plain) => {
      wish('Add X', { rigId });
      runner.work();
      const merge = town.handed.findLast(({ effect }) => effect.kind === 'merge.test')?.effect;
      return [runner.starts.at(-1)?.context.gates, merge?.kind === 'merge.test' && merge.gates];
    };
    expect(told(plain)).toEqual([[], []]);
    town.must({ kind: 'town.configure', gates: ['npm ci', 'npm test'] });
    expect(told(plain)).toEqual([
      ['npm ci', 'npm test'],
      ['npm ci', 'npm test'],
    ]);
    expect(town.rows().rigs.find(({ id }) => id === plain)?.gates).toBeNull();
    expect(town.rows().town[0]?.gates).toEqual(['npm ci', 'npm test']);
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const mayor = runner.starts.find(({ context }) => context.agent.role === 'mayor')!;
    const listed = runner.tool(mayor, 'list_rigs', {});
    expect(listed.ok && JSON.stringify(listed.value)).toContain('"gates":["npm ci","npm test"]');
    town.must({ kind: 'rig.update', rigId: plain, gates: ['make check'] });
    expect(told(plain)).toEqual([['make check'], ['make check']]);
    town.must({ kind: 'rig.update', rigId: plain, gates: [] });
    expect(told(plain)).toEqual([[], []]);
  });

  test('a rig that is added without gates is tested by the town’s (QG-1)', () => {
    const { town, runner } = story();
    town.must({ kind: 'town.configure', gates: ['npm test'] });
    const own = (gates?: string[]) => {
      const gitUrl = `https://git.example/acme/${gates?.length ?? 'town'}.git`;
      const { rigId } = town.must<{ rigId: string }>({ kind: 'rig.add', name: gitUrl.slice(-8), gitUrl, ...(gates && { gates }) });
      return town.rows().rigs.find(({ id }) => id === rigId)?.gates;
    };
    expect([own(), own([]), own(['make'])]).toEqual([null, [], ['make']]);
    runner.work();
  });

  test('what each gate said is kept with the merge: command, exit code, time and the end of its output (QG-4)', () => {
    const { wish, runner, mergeOf } = story({ 'merge.test': () => tested(true) });
    const id = wish('Add X');
    runner.work();
    expect(mergeOf(id)).toMatchObject({ phase: 'landed', gates: [{ ...gate, exitCode: 0 }] });
  });

  test('gates are run and work lands without a model: no agent is started for them, also when the model is refused (QG-5)', () => {
    const { wish, runner, bead, town } = story({ polecat: silentPolecat, 'merge.test': () => tested(true) });
    const [id, other] = [wish('Add X'), wish('Add Y')];
    runner.work();
    const startOf = (beadId: string) => runner.starts.find(({ context }) => context.bead?.id === beadId)!;
    runner.refused(startOf(other).runId, 'model_key_refused');
    runner.turn(startOf(other), null, 'model_key_refused');
    runner.work();
    expect(bead(other)).toMatchObject({ status: 'open', wait: { code: 'no_model' } });
    runner.done(startOf(id));
    runner.work();
    expect(bead(id).status).toBe('closed');
    expect(runner.starts).toHaveLength(2);
    expect(town.handed.filter(({ effect }) => effect.kind === 'merge.test')).toHaveLength(1);
  });

  test('a bead whose gate fails each time fails with every reason, and one person is asked once (RC-31, I8)', () => {
    const { wish, runner, bead, town } = story({ 'merge.test': () => tested(false) });
    const id = wish('Add X');
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'failed', attempts: 3, failure: { code: 'attempts_exhausted' } });
    expect(bead(id).failure?.message).toContain('each for the same reason: npm test ended with 1.');
    expect(town.rows().escalations).toMatchObject([{ beadId: id, category: 'failed', acknowledgedAt: null }]);
    expect(runner.starts).toHaveLength(3);
    runner.script['merge.test'] = () => tested(true);
    town.must({ kind: 'bead.retry', beadId: id });
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'closed' });
    expect(town.rows().escalations[0]?.acknowledgedBy).toBe('Ada');
  });

  test('a conflict is given to a new run (MQ, AG-9)', () => {
    let tries = 0;
    const { wish, runner, bead } = story({ 'merge.test': () => ((tries += 1) > 1 ? tested(true) : bad('merge_conflict')) });
    const id = wish('Add X');
    runner.work();
    expect(bead(id).status).toBe('closed');
    expect(runner.starts[1]?.context.earlier[0]?.failure?.code).toBe('merge_conflict');
  });

  test('a target that moved is built and tested again, however often, without costing an attempt (MQ-8, I4, I5)', () => {
    let lands = 0;
    const { wish, runner, bead, mergeOf } = story({
      'merge.land': (effect) => ((lands += 1) < 6 ? bad('target_moved') : good({ kind: 'landed', mergeCommit: effect.mergeCommit })),
    });
    const id = wish('Add X');
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
    expect(mergeOf(id)).toMatchObject({ phase: 'landed', builds: 6 });
    expect(runner.starts).toHaveLength(1);
  });

  test('a push that the repository refuses waits for a person, who retries the merge (GT-9)', () => {
    const { wish, runner, bead, mergeOf, town } = story({ 'merge.land': () => bad('push_refused') });
    const id = wish('Add X');
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'in_review', wait: { code: 'needs_person' }, attempts: 0 });
    expect(town.rows().escalations).toHaveLength(1);
    runner.script['merge.land'] = (effect) => good({ kind: 'landed', mergeCommit: effect.mergeCommit });
    town.must({ kind: 'merge.retry', mergeId: mergeOf(id).id });
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'closed', wait: null });
    expect(town.rows().escalations[0]?.acknowledgedAt).not.toBeNull();
  });

  test('one merge at a time for a target branch, in the order of handing in; the others show their place', () => {
    const { wish, runner, bead, mergeOf, town } = story({ 'merge.test': () => null });
    const ids = [wish('one'), wish('two'), wish('three')];
    runner.work();
    expect(ids.map((id) => bead(id).wait?.code)).toEqual(['testing', 'in_queue', 'in_queue']);
    expect(ids.map((id) => mergeOf(id).position)).toEqual([1, 2, 3]);
    expect(town.handed.filter((due) => due.effect.kind === 'merge.test')).toHaveLength(1);
  });

  test('a merge that an earlier try had landed already is recognised (I4)', () => {
    const { wish, runner, bead } = story({ 'merge.test': () => good({ kind: 'landed', mergeCommit: sha('there') }) });
    const id = wish('Add X');
    runner.work();
    expect(bead(id)).toMatchObject({ status: 'closed', landedCommit: sha('there') });
  });

  test('the squash message names bead and merge, and a body cannot forge a trailer (GT-11)', () => {
    const { wish, runner, town } = story();
    wish('Add X', { body: 'Please.\nBead-ID: gt-forged\n' });
    runner.work();
    const asked = town.handed.find((due) => due.effect.kind === 'merge.test')?.effect;
    const message = asked?.kind === 'merge.test' ? asked.message : '';
    expect(message.match(/^Bead-ID: /gm)).toHaveLength(1);
    expect(message).toMatch(/^Add X\n\nPlease\.\n/);
    expect(message).toMatch(/^Merge-Request: mr-[0-9a-f]{8}$/m);
  });

  test('a network fault is retried as the same effect; one that stays ends with a person (RC-35, I8)', () => {
    const { wish, runner, bead, town, mergeOf } = story({ 'merge.test': () => bad('repository_unreachable', true) });
    const id = wish('Add X');
    runner.work();
    expect(mergeOf(id).phase).toBe('testing');
    town.sleep(1_800_000, () => runner.work());
    const tries = town.handed.filter((due) => due.effect.kind === 'merge.test');
    expect(tries).toHaveLength(10);
    expect(new Set(tries.map((due) => due.effectId)).size).toBe(1);
    expect(mergeOf(id).phase).toBe('failed');
    expect(bead(id)).toMatchObject({ status: 'in_review', wait: { code: 'needs_person' } });
  });

  test('a bead that a person takes out of review takes its merge with it (ST-14)', () => {
    const { wish, runner, bead, mergeOf, town } = story({ 'merge.test': () => null });
    const id = wish('Add X');
    runner.work();
    town.must({ kind: 'bead.set_status', beadId: id, status: 'closed', reason: 'not wanted' });
    expect(bead(id).status).toBe('closed');
    expect(mergeOf(id)).toMatchObject({ phase: 'failed', failure: { code: 'stopped_by_person' } });
  });
});
