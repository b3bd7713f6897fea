import { HOME_RUNNER, LIMITS, type BeadId, type ConvoyId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, dump, evidence, good, memorySql, sha, silentPolecat, story, type Story } from '../testing.ts';
import { openTown } from '../town.ts';

/** How systems of this kind fail (reliability §1): one test for each hazard, for what of it the core decides. What it does not is said. */
const DAY = 86_400_000;
const runs = (one: Story, id: BeadId) => one.runsOf(id).map((run) => [run.state, run.failure?.code ?? null]);
const handed = (one: Story, kind: string) => one.town.handed.filter((due) => due.effect.kind === kind);

describe('hazards', () => {
  test('H1 a lock does not outlive its run: a silent holder loses its bead when the lease ends', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    one.runner.work();
    one.town.sleep(LIMITS.leaseMs.value - 1);
    one.runner.alive();
    one.town.sleep(1);
    expect(runs(one, id)).toEqual([
      ['ended', 'lease_expired'],
      ['starting', null],
    ]);
  });

  test('H2 a run that never started does not hold its bead: nothing heard of the start in time, and another run has it', () => {
    const one = story({ 'run.start': () => null });
    const id = one.wish('A');
    one.runner.work();
    one.town.sleep(LIMITS.startTimeoutMs.value, () => one.runner.work());
    expect(runs(one, id)[0]).toEqual(['ended', 'lease_expired']);
    expect(one.bead(id).status).toBe('open');
  });

  test('H3 nothing is shown as running that is dead: the machine goes without a word, and no agent works any more', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    one.runner.work();
    one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
    one.town.sleep(LIMITS.leaseMs.value + LIMITS.startTimeoutMs.value);
    expect(one.town.rows().agents.filter((agent) => agent.status === 'working')).toEqual([]);
    expect(one.bead(id).wait?.code).not.toBe('agent_working');
  });

  test('H4 runs that each end well and change nothing come to an end: three of them, then a person is asked', () => {
    const one = story({ polecat: (runner, start) => runner.turn(start) });
    const id = one.wish('A');
    one.runner.work();
    one.town.sleep(DAY, () => one.runner.work());
    expect(one.runsOf(id)).toHaveLength(LIMITS.attemptsPerBead.value);
    expect(one.bead(id).status).toBe('failed');
    expect(one.town.town.nextWake()).toBeNull();
  });

  test('H5 what watches does not feed itself: a failure is asked about once, and a week later nothing more was made of it', () => {
    const one = story({ 'run.start': () => bad('agent_unknown') });
    one.wish('A');
    one.runner.work();
    one.town.sleep(DAY, () => one.runner.work());
    const made = () => one.town.sql.all('SELECT (SELECT count(*) FROM beads) + (SELECT count(*) FROM bead_events) AS n')[0]?.['n'];
    const before = made();
    expect(one.town.rows().escalations).toHaveLength(1);
    one.town.sleep(7 * DAY, () => one.runner.work());
    expect(made()).toBe(before);
    expect(one.town.town.nextWake()).toBeNull();
  });

  test('H6 no change goes past its followers: a bead closed by a person unblocks, lands its convoy, stops its agent and is one event', () => {
    const one = story({ polecat: silentPolecat });
    const { convoyId, beadIds } = one.town.must<{ convoyId: ConvoyId; beadIds: BeadId[] }>({
      kind: 'convoy.create',
      title: 'x',
      tasks: [{ rigId: one.rigId, title: 'A' }],
    });
    const [a] = beadIds as [BeadId];
    const b = one.wish('B', { dependsOn: [a] });
    one.runner.work();
    one.town.must({ kind: 'bead.set_status', beadId: a, status: 'closed' });
    expect(one.town.rows().convoys.find((row) => row.id === convoyId)?.status).toBe('landed');
    expect(one.bead(b).status).toBe('in_progress');
    expect(runs(one, a)).toEqual([['ended', 'stopped_by_person']]);
    expect(one.town.rows().events.filter((event) => event.beadId === a && event.after === 'closed')).toHaveLength(1);
  });

  test('H7 a deleted town sets no alarm and is not brought back by anything late', () => {
    const one = story({ polecat: silentPolecat });
    one.wish('A');
    one.runner.work();
    const [start] = one.runner.starts;
    one.town.send({ kind: 'town.delete' });
    for (const due of one.town.take()) one.runner.perform(due);
    one.town.send({ kind: 'wake' });
    expect(one.town.person({ kind: 'town.resume' })).toMatchObject({ ok: false, failure: { code: 'town_deleted' } });
    expect(one.runner.tool(start!, 'done', { summary: 'late' }, evidence(start!))).toMatchObject({ ok: false });
    one.town.send({ kind: 'container.observed', state: 'running', failure: null });
    expect(one.town.take()).toEqual([]);
    expect(one.town.town.nextWake()).toBeNull();
    expect(one.town.town.exists()).toBe(false);
  });

  test('H8 a long session does not lose its right to ask: the core knows sessions by their run, without an end in time (tokens are the edge’s)', () => {
    const one = story();
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    one.runner.work();
    const { runId } = one.runner.starts[0]!;
    const pass = () => one.town.town.modelPass(`s-${runId}`).ok;
    expect(pass()).toBe(true);
    for (let day = 0; day < 10; day += 1) {
      one.town.now += DAY;
      expect(pass()).toBe(true);
    }
    one.town.must({ kind: 'mayor.restart' });
    expect(one.town.town.modelPass(`s-${runId}`)).toMatchObject({ ok: false });
  });

  test('H9 work goes to its own rig: agent, repository, branch and merge are of the rig of the bead', () => {
    const one = story();
    const lib = one.addRig('lib');
    const ids = [one.wish('in app'), one.wish('in lib', { rigId: lib })] as const;
    one.runner.work();
    const urls = Object.fromEntries(one.runner.starts.map((start) => [start.context.bead?.title, start.gitUrl]));
    expect(urls).toEqual({ 'in app': 'https://example.test/app.git', 'in lib': 'https://example.test/lib.git' });
    const rigs = one.town.rows();
    for (const id of ids) {
      const { rigId } = one.bead(id);
      expect(one.mergeOf(id).rigId).toBe(rigId);
      expect(one.runsOf(id).map((run) => rigs.agents.find((agent) => agent.id === run.agentId)?.rigId)).toEqual([rigId]);
    }
  });

  test('H10 a runner that comes and goes a hundred times changes nothing that is kept (sockets and terminals are not the core’s)', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    one.runner.work();
    const size = () =>
      ['outbox', 'runs', 'bead_events', 'nudges'].map((table) => one.town.sql.all(`SELECT count(*) AS n FROM ${table}`)[0]?.['n']);
    const before = size();
    for (let turn = 0; turn < 100; turn += 1) {
      one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
      one.runner.hello();
    }
    expect(size()).toEqual(before);
    expect(runs(one, id)).toEqual([['working', null]]);
  });

  test('H11 no merge request stays in the queue without its bead: it leaves when the bead is taken away, and the next one is tested', () => {
    const one = story({ 'merge.test': () => null });
    const [a, b] = [one.wish('A'), one.wish('B')];
    one.runner.work();
    one.town.must({ kind: 'bead.set_status', beadId: a, status: 'closed' });
    expect(one.mergeOf(a)).toMatchObject({ phase: 'failed', position: null, failure: { code: 'stopped_by_person' } });
    expect(one.mergeOf(b)).toMatchObject({ phase: 'testing', position: 1 });
  });

  test('H12 nothing lands on a head that moved: the landing names what it was tested on, and a moved target is tested anew', () => {
    const one = story();
    const bases = ['one', 'two'].map(sha);
    let built = 0;
    one.runner.script['merge.test'] = ({ mergeId }) => {
      const baseCommit = bases[Math.min(built, 1)]!;
      built += 1;
      return good({ kind: 'tested', passed: true, baseCommit, mergeCommit: sha(`${mergeId} on ${baseCommit}`), gates: [], failure: null });
    };
    one.runner.script['merge.land'] = (effect) =>
      effect.baseCommit === bases[1] ? good({ kind: 'landed', mergeCommit: effect.mergeCommit }) : bad('target_moved');
    const id = one.wish('A');
    one.runner.work();
    expect(handed(one, 'merge.land').map((due) => due.effect.kind === 'merge.land' && due.effect.baseCommit)).toEqual(bases);
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landed', baseCommit: bases[1], builds: 2 });
  });

  test('H13 a call that is made again is made once: the same key gives the same answer, another gt_done of the run hands in nothing', () => {
    const one = story({ polecat: silentPolecat });
    one.wish('A');
    one.runner.work();
    const [start] = one.runner.starts;
    const call = () =>
      one.town.send(
        {
          kind: 'tool',
          runId: start!.runId,
          generation: start!.generation,
          tool: 'done',
          args: { summary: 'x' },
          evidence: evidence(start!),
        },
        'call-1',
        { kind: 'runner', instance: one.runner.instance },
      );
    const first = call();
    expect(first.ok).toBe(true);
    expect(call()).toEqual(first);
    expect(one.runner.done(start!)).toMatchObject({ ok: true });
    expect(one.town.rows().merges).toHaveLength(1);
  });

  test('H14 a lost disk costs at most the last edits: the next run of the bead has the same branch to begin from', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    one.runner.work();
    one.town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    one.town.sleep(LIMITS.leaseMs.value / 2, () => one.runner.work());
    expect(one.runsOf(id)).toHaveLength(2);
    const [first, second] = one.runner.starts;
    expect(second?.context.branch).toBe(first?.context.branch);
    expect(second?.context.earlier).toHaveLength(1);
  });

  test('H15 what only passes through does not add up: messages that are over are forgotten, and nothing is left of what was done (memory of processes is not the core’s)', () => {
    const one = story({}, { check: false });
    for (let n = 0; n < 700; n += 1) {
      one.town.must({ kind: 'mayor.tell', text: `message ${n}` });
      if (n % 50 === 49) one.runner.work(500);
    }
    const count = (table: string) => Number(one.town.sql.all(`SELECT count(*) AS n FROM ${table}`)[0]?.['n']);
    expect(count('nudges')).toBeLessThanOrEqual(502);
    expect(count('outbox')).toBe(0);
    expect(one.town.rows().runs.filter((run) => run.state !== 'ended')).toHaveLength(1);
  });

  test('H16 a budget is shown as it is: what was spent of how much, and none as none', () => {
    const one = story({ polecat: silentPolecat });
    const shown = () => one.town.rows().town.map(({ budgetMicros, usage }) => [budgetMicros, usage.costMicros])[0];
    expect(shown()).toEqual([null, 0]);
    one.town.must({ kind: 'town.configure', budgetMicros: 5_000 });
    one.wish('A');
    one.runner.work();
    const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 1_234 };
    one.town.send({ kind: 'spend', runId: one.runner.starts[0]!.runId, usage, model: 'm' });
    expect(shown()).toEqual([5_000, 1_234]);
    one.town.must({ kind: 'town.configure', budgetMicros: 0 });
    expect(shown()).toEqual([0, 1_234]);
  });

  test('H17 lists longer than the platform’s hundred parameters are one statement: 300 beads at once are shown, archived and brought back', () => {
    const one = story({}, { check: false });
    one.town.must({ kind: 'town.pause' });
    const beadIds = Array.from({ length: 300 }, (_, n) => one.wish(`b${n}`));
    for (const beadId of beadIds) one.town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    expect(one.town.must({ kind: 'bead.archive', beadIds })).toEqual({ archived: 300 });
    expect(one.town.must({ kind: 'bead.unarchive', beadIds })).toEqual({ unarchived: 300 });
    expect(one.town.rows().beads).toHaveLength(300);
    expect(() => memorySql().all(`SELECT ${Array(101).fill('?').join()}`, ...Array<number>(101).fill(1))).toThrow(/100 parameters/);
  });

  test('H18 opening a town does nothing: no write, no effect, no call back into it (start hooks are the shell’s)', () => {
    const store = memorySql();
    const one = story({ polecat: silentPolecat }, { store });
    one.wish('A');
    one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
    const before = dump(store.db);
    const again = openTown(store);
    expect(dump(store.db)).toBe(before);
    expect(again.rev()).toBe(one.town.town.rev());
  });
});
