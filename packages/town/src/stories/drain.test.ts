import { HOME_RUNNER, failure, LIMITS, type RunId, type Generation } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type Story } from '../testing.ts';

type Ref = { runId: RunId; generation: Generation };
const GRACE = 300_000;
const drain = ({ runner }: Story, graceMs = GRACE) => runner.report({ kind: 'draining', graceMs });
const evict = ({ runner }: Story, { runId, generation }: Ref) =>
  runner.report({ kind: 'run.lost', runId, generation, failure: failure('runner_drained') });
const kindsHanded = ({ town }: Story, since: number) => town.handed.slice(since).map(({ effect }) => effect.kind);
const hallo = (one: Story) => one.town.must<{ nudgeId: string }>({ kind: 'mayor.tell', text: 'hello' });

describe('a runner that was asked to end (DR-1 to DR-7, H7)', () => {
  test('gets nothing new: no agent starts, no merge is tested, no message goes out; the page and each bead say so (DR-2, DR-6)', () => {
    const one = story({ polecat: silentPolecat, 'merge.test': () => null });
    const { wish, runner, town, bead } = one;
    hallo(one);
    runner.work();
    drain(one);
    const handed = town.handed.length;
    const late = wish('Add X');
    hallo(one);
    runner.work();
    expect(kindsHanded(one, handed)).toEqual([]);
    expect(bead(late).wait).toMatchObject({ code: 'runner_draining' });
    expect(town.rows().town[0]?.runnerDrainingAt).toBe(town.now);
  });

  test('what it works on comes to an end: turns, calls, the landing of what was tested', () => {
    const one = story({ polecat: silentPolecat });
    const { wish, runner, bead, town } = one;
    const id = wish('Add X');
    runner.work();
    const [start] = runner.starts;
    drain(one);
    expect(runner.done(start!)).toMatchObject({ ok: true });
    runner.report({ kind: 'turn.ended', ...ref(start!), stopReason: 'end_turn', failure: null });
    expect(bead(id).status).toBe('in_review');
    runner.work();
    expect(town.handed.map(({ effect }) => effect.kind)).not.toContain('merge.test');
    expect(bead(id).wait?.code).toBe('runner_draining');
  });

  test('a merge that was tested lands, though its runner ends', () => {
    const one = story({ 'merge.test': () => null });
    const { wish, runner, bead, town } = one;
    const id = wish('Add X');
    runner.work();
    const test = town.handed.find(({ effect }) => effect.kind === 'merge.test');
    drain(one);
    const value = { kind: 'tested', passed: true, baseCommit: null, mergeCommit: 'a'.repeat(40), gates: [], failure: null } as const;
    runner.report({ kind: 'outcome', effectId: test!.effectId, outcome: { state: 'succeeded', value: value as never } });
    runner.work();
    expect(bead(id).status).toBe('closed');
  });

  test('beads that were taken from their agents are open again at no cost, wait for the next runner, and it is told why (DR-3, RC-34)', () => {
    const one = story({ polecat: silentPolecat });
    const { wish, runner, bead, runsOf, town } = one;
    const id = wish('Add X');
    runner.work();
    drain(one);
    evict(one, ref(runner.starts[0]!));
    expect(bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'runner_draining' } });
    expect(runsOf(id)).toMatchObject([{ endReason: 'failed', failure: { code: 'runner_drained' } }]);
    town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
    town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    runner.work();
    expect(bead(id).status).toBe('in_progress');
    expect(runner.starts.at(-1)?.context.earlier).toMatchObject([{ failure: { code: 'runner_drained' } }]);
    expect(town.rows().town[0]?.runnerDrainingAt).toBeNull();
  });

  test('a message whose turn was cut off is pending again and says that it was shown (DR-25, MS-8); the quiet Mayor only stops', () => {
    const one = story({
      prompt: (r, { runId, generation, nudgeId }) => void r.report({ kind: 'turn.started', runId, generation, nudgeId }),
    });
    const { runner, town } = one;
    hallo(one);
    runner.work();
    const run = town.rows().runs[0]!;
    drain(one);
    evict(one, { runId: run.id, generation: run.generation });
    expect(town.rows().nudges[0]).toMatchObject({ state: 'pending' });
    runner.hello('next-runner');
    runner.script.prompt = (r, prompt) => r.turn(prompt, prompt.nudgeId);
    runner.work();
    expect(town.handed.map(({ effect }) => effect).findLast((effect) => effect.kind === 'run.prompt')).toMatchObject({ again: true });
    drain(one);
    const last = town.rows().runs.find(({ state }) => state !== 'ended')!;
    evict(one, { runId: last.id, generation: last.generation });
    expect(town.rows().runs.find(({ id }) => id === last.id)).toMatchObject({ endReason: 'stopped', failure: null });
  });

  test('the Mayor in its turn, and a polecat between two turns, are cut off; the Mayor begins with the next runner (DR-2, DR-3, MY-12)', () => {
    const one = story({
      polecat: (r, start) => r.turn(start),
      prompt: (r, { runId, generation, nudgeId }) => {
        if (r.starts.some((start) => start.runId === runId && start.context.bead === null))
          r.report({ kind: 'turn.started', runId, generation, nudgeId });
      },
    });
    const { runner, town, wish, runsOf, bead } = one;
    hallo(one);
    const id = wish('Add X');
    runner.work();
    const run = (at: string) => town.rows().runs.find((row) => row.id === at)!;
    const [mayors, polecats] = [town.rows().runs.find((row) => row.beadId === null)!, runsOf(id)[0]!];
    expect([mayors.state, polecats.state]).toEqual(['working', 'idle']);
    drain(one);
    for (const { id: runId, generation } of [mayors, polecats]) evict(one, { runId, generation });
    for (const { id: at } of [mayors, polecats])
      expect(run(at)).toMatchObject({ endReason: 'failed', failure: { code: 'runner_drained' } });
    expect(bead(id)).toMatchObject({ status: 'open', attempts: 0 });
    hallo(one);
    const live = () => town.rows().runs.filter((row) => row.beadId === null && row.state !== 'ended');
    expect(live()).toEqual([]);
    runner.hello('next-runner');
    expect(live()).toHaveLength(1);
  });

  test('a start that was under way is told back, and costs the bead nothing', () => {
    const one = story({ 'run.start': () => null });
    const { wish, runner, bead, town } = one;
    const id = wish('Add X');
    runner.work();
    drain(one);
    expect(bead(id).wait?.code).toBe('runner_draining');
    const start = town.handed.find(({ effect }) => effect.kind === 'run.start')!;
    runner.report({
      kind: 'outcome',
      effectId: start.effectId,
      outcome: { state: 'failed', failure: failure('runner_drained'), retry: true },
    });
    expect(bead(id)).toMatchObject({ status: 'open', attempts: 0 });
  });

  test('it stays so when the same instance comes back, over a lost link and a town made anew; another instance knows nothing of it (DR-4)', () => {
    const one = story();
    const { runner, town } = one;
    const draining = () => town.rows().town[0]?.runnerDrainingAt;
    drain(one);
    const since = draining();
    town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
    expect(draining()).toBe(since);
    runner.hello();
    expect(draining()).toBe(since);
    town.sleep(1_000);
    drain(one);
    expect(draining()).toBe(since);
    runner.hello('next-runner');
    expect(draining()).toBeNull();
  });

  test('one that says so and does not end is stopped by the town, a minute after its grace (DR-5)', () => {
    const one = story();
    const { town } = one;
    drain(one, 8_000);
    town.sleep(8_000 + LIMITS.drainEndMs.value - 1);
    expect(town.rows().town[0]?.container.state).toBe('running');
    town.sleep(1);
    expect(town.rows().town[0]?.container).toMatchObject({ state: 'stopping', failure: { code: 'runner_wedged' } });
    town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    expect(town.rows().town[0]).toMatchObject({ runnerDrainingAt: null, container: { state: 'stopped' } });
  });
});

const ref = ({ runId, generation }: Ref): Ref => ({ runId, generation });
