import { failure, type BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type Script, type Story } from '../testing.ts';
import { spent } from '../testing/spending.ts';

const titles = ({ runner }: Story): (string | undefined)[] => runner.starts.map((start) => start.context.bead?.title);
const busy = ({ town }: Story): number => town.rows().runs.filter((run) => run.state !== 'ended').length;

describe('who goes first', () => {
  test('priority, then age, whatever the rig (RC-13)', () => {
    const one = story();
    const { town, rigId, wish, runner } = one;
    const other = one.addRig('lib');
    town.must({ kind: 'town.pause' });
    town.must({ kind: 'town.configure', maxPolecats: 1 });
    const line = [
      ['5', 'low'],
      ['3', 'medium'],
      ['1', 'critical'],
      ['4', 'medium'],
      ['6', 'low'],
      ['2', 'high'],
    ] as const;
    line.forEach(([title, priority], at) => {
      wish(`here ${title}`, { priority, rigId: at % 2 === 0 ? rigId : other });
      town.now += 1;
      wish(`then ${title}`, { priority, rigId: at % 2 === 0 ? other : rigId });
      town.now += 1;
    });
    town.must({ kind: 'town.resume' });
    runner.work();
    expect(titles(one)).toEqual(['1', '2', '3', '4', '5', '6'].flatMap((title) => [`here ${title}`, `then ${title}`]));
  });

  test('of one convoy over several rigs, which came at one moment: its own order (RC-13)', () => {
    const one = story();
    const { town, rigId, runner } = one;
    const other = one.addRig('lib');
    town.must({ kind: 'town.pause' });
    town.must({ kind: 'town.configure', maxPolecats: 1 });
    const tasks = [rigId, other, other, rigId, other, rigId].map((rig, at) => ({ rigId: rig, title: `part ${at}` }));
    town.must({ kind: 'convoy.create', title: 'a batch', tasks });
    town.must({ kind: 'town.resume' });
    runner.work();
    expect(titles(one)).toEqual(tasks.map(({ title }) => title));
  });
});

describe('slots', () => {
  test('of the town are shared by its rigs when many become ready at once; the Mayor takes none (RC-12, RC-16)', () => {
    const one = story({ polecat: silentPolecat });
    const { town, rigId, wish, runner } = one;
    const other = one.addRig('lib', { maxPolecats: 3 });
    town.must({ kind: 'town.configure', maxPolecats: 4 });
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    town.must({ kind: 'town.pause' });
    for (let n = 0; n < 6; n += 1) wish(`bead ${n}`, { rigId: n % 2 === 0 ? rigId : other });
    town.must({ kind: 'town.resume' });
    runner.work();
    expect(runner.starts.filter((start) => start.context.agent.role === 'polecat')).toHaveLength(4);
    expect(busy(one)).toBe(5);
  });

  test.each(['rig', 'town'] as const)(
    'of a %s that were made fewer than are busy: nothing starts until enough are free (RC-12, RC-16)',
    (of) => {
      const one = story({ polecat: silentPolecat });
      const { town, rigId, wish, runner } = one;
      for (let n = 0; n < 8; n += 1) wish(`bead ${n}`);
      runner.work();
      expect(busy(one)).toBe(3);
      if (of === 'rig') town.must({ kind: 'rig.update', rigId, maxPolecats: 1 });
      else town.must({ kind: 'town.configure', maxPolecats: 1 });
      const end = (): void => {
        const run = town.rows().runs.find((row) => row.state !== 'ended');
        town.must({ kind: 'bead.set_status', beadId: run!.beadId as BeadId, status: 'closed' });
        runner.work();
      };
      end();
      expect(busy(one)).toBe(2);
      end();
      expect(busy(one)).toBe(1);
      end();
      expect(busy(one)).toBe(1);
    },
  );
});

/** Toast and Maple are idle and have worked before, Toast on the bead, which waits in a paused town. */
function idlePair(script: Partial<Script> = {}) {
  const one = story({ polecat: silentPolecat, ...script });
  const { town, wish, runner } = one;
  const beadId = wish('goes on');
  const other = wish('is over');
  runner.work();
  const [toast, maple] = runner.starts.map((start) => start.agentId);
  town.must({ kind: 'town.pause' });
  town.must({ kind: 'bead.set_status', beadId: other, status: 'closed' });
  const { runId, generation } = runner.starts[0]!;
  runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
  const goOn = (): void => {
    town.must({ kind: 'town.resume' });
    runner.work();
  };
  const whose = (id: BeadId) => one.runsOf(id).at(-1)!.agentId;
  return { ...one, beadId, toast: toast!, maple: maple!, goOn, whose };
}

describe('whom somebody chose for a bead', () => {
  test('gets it, before the one that had it; the ledger says which run took it (RC-12, RC-23)', () => {
    const { town, beadId, maple, goOn, runsOf } = idlePair();
    town.must({ kind: 'bead.reassign', beadId, agentId: maple });
    goOn();
    const run = runsOf(beadId).at(-1)!;
    expect(run.agentId).toBe(maple);
    const moved = town.rows().events.filter((event) => event.beadId === beadId && event.after === 'in_progress');
    expect(moved.map((event) => event.data)).toMatchObject(runsOf(beadId).map(({ id }) => ({ runId: id })));
  });

  test('is asked once: when it was not free then, the bead stays with whoever took it', () => {
    const { town, runner, beadId, toast, maple, goOn, whose } = idlePair();
    town.must({ kind: 'agent.pause', agentId: maple });
    town.must({ kind: 'bead.reassign', beadId, agentId: maple });
    goOn();
    expect(whose(beadId)).toBe(toast);
    town.must({ kind: 'agent.resume', agentId: maple });
    const { runId, generation } = runner.starts.at(-1)!;
    runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
    runner.work();
    expect(whose(beadId)).toBe(toast);
  });

  test('does not get it when it is at work, has spent its limit or is retired by then', () => {
    const atWork = idlePair();
    const urgent = atWork.wish('urgent', { priority: 'critical' });
    for (const id of [urgent, atWork.beadId]) atWork.town.must({ kind: 'bead.reassign', beadId: id, agentId: atWork.maple });
    atWork.goOn();
    expect([urgent, atWork.beadId].map(atWork.whose)).toEqual([atWork.maple, atWork.toast]);

    const poor = idlePair();
    poor.town.must({ kind: 'spend.limit', level: 'agent', id: poor.maple, hardMicros: 10 });
    spent(poor, poor.runner.starts[1]!.runId, 10);
    poor.town.must({ kind: 'bead.reassign', beadId: poor.beadId, agentId: poor.maple });
    poor.goOn();
    expect(poor.whose(poor.beadId)).toBe(poor.toast);

    const gone = idlePair();
    gone.town.must({ kind: 'bead.reassign', beadId: gone.beadId, agentId: gone.maple });
    gone.town.sleep(2 * 86_400_000, () => gone.runner.work());
    gone.goOn();
    const statuses = gone.town.rows().agents.filter(({ id }) => id === gone.maple || id === gone.toast);
    expect(statuses.map(({ status }) => status)).toEqual(['dead', 'dead']);
    expect([gone.maple, gone.toast]).not.toContain(gone.whose(gone.beadId));
  });
});

describe('when nobody was chosen', () => {
  test('the idle polecat that is longest in the town goes on, of those that came at one moment the first by name (RC-12)', () => {
    const one = story({ polecat: silentPolecat });
    const { town, wish, runner } = one;
    town.must({ kind: 'town.pause' });
    const first = [wish('a'), wish('b')];
    town.must({ kind: 'town.resume' });
    town.now += 1_000;
    first.push(wish('c'));
    runner.work();
    const names = () => one.runner.starts.map((start) => start.context.agent.name);
    const [earliest, second, last] = names();
    town.must({ kind: 'town.pause' });
    for (const beadId of first) town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    ['d', 'e', 'f'].forEach((title) => wish(title));
    town.must({ kind: 'town.resume' });
    runner.work();
    expect(names().slice(3)).toEqual([...[earliest!, second!].toSorted((a, b) => a.localeCompare(b)), last]);
    expect([earliest, second, last].toSorted()).not.toEqual([earliest, second, last]);
  });

  test('a polecat of another rig stays in its own, also when it is idle (RC-12)', () => {
    const one = story();
    const other = one.addRig('lib');
    one.wish('here');
    one.runner.work();
    one.wish('there', { rigId: other });
    one.runner.work();
    const [here, there] = one.runner.starts;
    expect(there!.agentId).not.toBe(here!.agentId);
    expect(one.town.rows().agents.find((agent) => agent.id === there!.agentId)?.rigId).toBe(other);
  });
});

describe('a bead that is tried again', () => {
  test('goes on in its branch, whoever takes it, and its run says which attempt it is and with which model (RC-19, RC-31)', () => {
    const { town, beadId, toast, maple, runner, goOn, runsOf } = idlePair();
    runner.script['run.start'] = () => null;
    town.must({ kind: 'agent.pause', agentId: toast });
    goOn();
    const [first, second] = runsOf(beadId);
    expect(second).toMatchObject({ agentId: maple, state: 'starting', attempt: 2, model: 'scripted-1', branch: first!.branch });
    expect(first).toMatchObject({ attempt: 1, branch: expect.stringContaining('/toast/') });
  });

  test('ends the run that handed it in and is still in its turn, when a person opens it again (I2, I18)', () => {
    const one = story({
      'merge.test': () => null,
      polecat: (r, start) => {
        r.report({ kind: 'turn.started', runId: start.runId, generation: start.generation, nudgeId: null });
        r.done(start);
      },
    });
    const beadId = one.wish('not so');
    one.runner.work();
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'working', endReason: null }]);
    one.town.must({ kind: 'bead.set_status', beadId, status: 'open' });
    one.runner.work();
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'ended', endReason: 'stopped' }, { state: 'working' }]);
  });
});
