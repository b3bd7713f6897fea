import { type ConvoyId, type SpendLevel } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { replica, silentPolecat, sortedTables, story } from '../testing.ts';
import { HARD, session, SOFT, spent, working } from '../testing/spending.ts';

/** What may be spent, at each of the six levels (MT-5, RC-31, RC-32, I9). */
const LEVELS: readonly SpendLevel[] = ['run', 'bead', 'convoy', 'agent', 'rig', 'town'];
/** An agent's limit lets another agent go on; the others hold the bead. */
const HOLDING = LEVELS.filter((level) => level !== 'agent');

describe.each(LEVELS)('a limit of the level %s', (level) => {
  test('what is spent is counted there, four kinds of tokens and money (MT-2)', () => {
    const one = working();
    const usage = { inputTokens: 5, outputTokens: 4, cacheReadTokens: 3, cacheWriteTokens: 2, costMicros: 77 };
    one.town.send({ kind: 'spend', runId: one.start.runId, usage, model: 'm' });
    one.town.send({ kind: 'spend', runId: one.start.runId, usage, model: 'm' });
    const [row] = one.town.sql.all('SELECT * FROM spend WHERE kind = ? AND id = ?', level, one.ids[level]);
    expect(row).toMatchObject({ input_tokens: 10, output_tokens: 8, cache_read_tokens: 6, cache_write_tokens: 4, cost_micros: 154 });
  });

  test('hard: the run ends in the same transaction, what was to be sent to it is gone, the door refuses, no attempt is charged (I9, RC-32)', () => {
    const one = working();
    const { town, runner, start, ids, id } = one;
    town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: HARD });
    spent(one, start.runId, HARD - 1);
    expect(town.town.modelPass(session(start.runId))).toMatchObject({ ok: true, value: { budgeted: true } });
    town.must({ kind: 'agent.nudge', agentId: start.agentId, text: 'mind this', mode: 'queue' });
    spent(one, start.runId, 1);
    expect(town.town.modelPass(session(start.runId))).toMatchObject({
      ok: false,
      failure: { code: 'budget_spent', message: expect.stringContaining('$0.0010 of $0.0010'), details: { level, id: ids[level] } },
    });
    expect(one.runsOf(id)[0]).toMatchObject({ state: 'ended', endReason: 'stopped', failure: { code: 'budget_spent' } });
    expect(one.bead(id)).toMatchObject({ attempts: 0 });
    const sent = town.take().filter((due) => due.effect.kind === 'run.prompt' || due.effect.kind === 'run.start');
    expect(sent.filter((due) => JSON.stringify(due).includes(start.runId))).toEqual([]);
    runner.work();
    town.sleep(3_600_000, () => runner.work());
    const again = one.runsOf(id).slice(1);
    expect(again.filter((run) => level !== 'agent' || run.agentId === start.agentId)).toEqual([]);
  });

  test('a sum that goes over it by far, in one call, is held all the same; the town says how much', () => {
    const one = working();
    one.town.must({ kind: 'spend.limit', level, id: one.ids[level], hardMicros: HARD });
    spent(one, one.start.runId, 50 * HARD);
    expect(one.runsOf(one.id)[0]?.failure?.message).toContain('$0.0500 of $0.0010');
  });
});

describe.each(HOLDING)('a bead held at the level %s', (level) => {
  test('soft: nothing new starts, what runs goes on and is not refused; more lets it go by itself (MT-5)', () => {
    const one = working();
    const { town, runner, start, ids, id } = one;
    town.must({ kind: 'spend.limit', level, id: ids[level], softMicros: SOFT, hardMicros: HARD });
    spent(one, start.runId, SOFT);
    expect(town.town.modelPass(session(start.runId)).ok).toBe(true);
    expect(one.bead(id).wait?.code).toBe('agent_working');
    runner.report({
      kind: 'run.lost',
      runId: start.runId,
      generation: start.generation,
      failure: { code: 'runner_lost', message: 'lost' },
    });
    runner.work();
    expect(one.bead(id)).toMatchObject({ status: 'open', wait: { code: 'soft_limit', ref: `${level}:${ids[level]}` } });
    town.must({ kind: 'spend.limit', level, id: ids[level], softMicros: null });
    runner.work();
    expect(one.bead(id).wait?.code).toBe('agent_working');
  });

  test('says so with level and figures, in one sentence; a higher limit or none lets it go on by itself, with the same agent (I10)', () => {
    for (const more of [{ hardMicros: 5 * HARD }, { hardMicros: null }]) {
      const one = working();
      const { town, runner, start, ids, id } = one;
      town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: HARD });
      spent(one, start.runId, HARD);
      runner.work();
      expect(one.bead(id)).toMatchObject({ status: 'open', wait: { code: 'budget_spent', ref: `${level}:${ids[level]}` } });
      town.must({ kind: 'spend.limit', level, id: ids[level], ...more });
      runner.work();
      expect(one.runsOf(id).map((run) => [run.state, run.agentId])).toEqual([
        ['ended', start.agentId],
        ['working', start.agentId],
      ]);
    }
  });
});

describe('a bead, a run, a convoy or an agent that spent its budget', () => {
  test.each(['run', 'bead', 'convoy', 'agent'] as const)(
    '%s: a person is asked once, and not any more when the limit is raised above what is spent (RC-32)',
    (level) => {
      const one = working();
      const { town, start, ids } = one;
      town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: HARD });
      spent(one, start.runId, HARD);
      spent(one, start.runId, HARD);
      const asked = () => town.rows().escalations.filter((row) => row.category === 'budget' && row.acknowledgedAt === null);
      expect(asked()).toHaveLength(1);
      expect(asked()[0]?.message).toContain('$0.0010 of $0.0010');
      town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: 2 * HARD });
      expect(asked()).toHaveLength(1);
      town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: 9 * HARD });
      expect(asked()).toEqual([]);
    },
  );

  test('a limit for each bead and for each run holds the one that spent, and no other; its own limit goes before it', () => {
    for (const level of ['bead', 'run'] as const) {
      const one = working();
      const { town, runner, start, id, ids } = one;
      const other = one.wish('other');
      runner.work();
      town.must({ kind: 'spend.limit', level, id: '*', hardMicros: HARD });
      spent(one, start.runId, HARD);
      runner.work();
      expect([one.bead(id).wait?.code, one.bead(other).wait?.code]).toEqual(['budget_spent', 'agent_working']);
      town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: 2 * HARD });
      runner.work();
      expect(one.bead(id).wait?.code).toBe('agent_working');
    }
  });

  test('the front of a line that may not start keeps nobody behind it from starting', () => {
    const one = story({ polecat: silentPolecat });
    const { town, runner, rigId } = one;
    town.must({ kind: 'rig.update', rigId, maxPolecats: 1 });
    const dear = [1, 2, 3].map((n) => one.wish(`dear ${n}`, { priority: 'critical' }));
    town.must({ kind: 'spend.limit', level: 'bead', id: '*', hardMicros: HARD });
    const cheap = one.wish('cheap');
    for (const bead of dear) {
      runner.work();
      spent(one, one.runsOf(bead)[0]!.id, HARD);
    }
    runner.work();
    expect(one.bead(cheap).wait?.code).toBe('agent_working');
    expect(dear.map((bead) => one.bead(bead).wait?.code)).toEqual(['budget_spent', 'budget_spent', 'budget_spent']);
  });

  test('another bead of the convoy is held as well, and one that leaves it is not', () => {
    const one = working();
    const { town, runner, start, ids, id } = one;
    const sister = one.wish('sister');
    const stranger = one.wish('stranger');
    town.must({ kind: 'convoy.add', convoyId: ids.convoy as ConvoyId, beadIds: [sister] });
    runner.work();
    town.must({ kind: 'spend.limit', level: 'convoy', id: '*', hardMicros: HARD });
    spent(one, start.runId, HARD);
    runner.work();
    expect([id, sister, stranger].map((bead) => one.bead(bead).wait?.code)).toEqual(['budget_spent', 'budget_spent', 'agent_working']);
    expect(town.rows().convoys[0]).toMatchObject({
      usage: { costMicros: HARD },
      wait: { code: 'budget_spent', ref: `convoy:${ids.convoy}` },
    });
    town.must({ kind: 'convoy.remove', convoyId: ids.convoy as ConvoyId, beadId: sister });
    runner.work();
    expect(one.bead(sister).wait?.code).toBe('agent_working');
    town.must({ kind: 'spend.limit', level: 'convoy', id: '*', hardMicros: null });
    expect(town.rows().convoys[0]?.wait).toBeNull();
  });
});

describe('what a page shows of money (I17)', () => {
  test.each(LEVELS)('a limit of the level %s that is reached shows on all that wait for it, at once', (level) => {
    const one = working();
    const { town, runner, rigId, start, ids } = one;
    town.must({ kind: 'rig.update', rigId, maxPolecats: 1 });
    const waiting = one.wish('waits for a slot');
    town.must({ kind: 'convoy.add', convoyId: ids.convoy as ConvoyId, beadIds: [waiting] });
    runner.work();
    const page = replica();
    const shown = () => (page.pull(town), { ...page.rows(), events: [] });
    const truth = () => ({ ...sortedTables(town.rows()), events: [] });
    town.must({ kind: 'spend.limit', level, id: ids[level], softMicros: SOFT, hardMicros: HARD });
    expect(shown()).toEqual(truth());
    for (const micros of [SOFT - 1, 1, HARD - SOFT - 1, 1, 5]) {
      spent(one, start.runId, micros);
      expect(shown()).toEqual(truth());
    }
    town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: null });
    expect(shown()).toEqual(truth());
  });
});

describe('levels together', () => {
  test('two at once: the first that is raised shows the second; both raised, it goes', () => {
    const one = working();
    const { town, runner, start, ids, id } = one;
    town.must({ kind: 'spend.limit', level: 'town', hardMicros: HARD });
    town.must({ kind: 'spend.limit', level: 'rig', id: ids.rig, hardMicros: HARD });
    spent(one, start.runId, HARD);
    runner.work();
    expect(one.bead(id).wait?.ref).toBe(`town:${ids.town}`);
    town.must({ kind: 'town.configure', budgetMicros: null });
    expect(one.bead(id).wait?.ref).toBe(`rig:${ids.rig}`);
    town.must({ kind: 'spend.limit', level: 'rig', id: ids.rig, hardMicros: null });
    runner.work();
    expect(one.bead(id).wait?.code).toBe('agent_working');
  });

  test.each([
    ['bead', 'convoy'],
    ['convoy', 'bead'],
  ] as const)('a hard limit of the level %s is told before a soft one of the level %s', (hard, soft) => {
    const one = working();
    const { town, runner, start, ids, id } = one;
    town.must({ kind: 'spend.limit', level: soft, id: ids[soft], softMicros: SOFT });
    town.must({ kind: 'spend.limit', level: hard, id: ids[hard], hardMicros: HARD });
    spent(one, start.runId, HARD);
    runner.work();
    expect(one.bead(id).wait).toMatchObject({ code: 'budget_spent', ref: `${hard}:${ids[hard]}` });
  });

  test('a bead whose own budget is spent together with its convoy’s: a person is asked about both, and what still holds it stays asked (RC-32)', () => {
    const one = working();
    const { town, runner, start, ids, id } = one;
    for (const level of ['bead', 'convoy'] as const) town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: HARD });
    spent(one, start.runId, HARD);
    const asked = () => town.rows().escalations.flatMap((row) => (row.acknowledgedAt === null && row.beadId ? [row.beadId as string] : []));
    expect(asked().toSorted()).toEqual([id, ids.convoy].toSorted());
    town.must({ kind: 'spend.limit', level: 'convoy', id: ids.convoy, hardMicros: null });
    runner.work();
    expect(one.bead(id).wait?.ref).toBe(`bead:${id}`);
    expect(asked()).toEqual([id]);
  });

  test('a bead that its convoy holds and whose own budget ends then: a person is asked about it too, until its own is raised (RC-32)', () => {
    const one = working();
    const { town, start, ids, id } = one;
    town.must({ kind: 'spend.limit', level: 'convoy', id: ids.convoy, hardMicros: HARD });
    town.must({ kind: 'spend.limit', level: 'bead', id, hardMicros: 2 * HARD });
    const asked = () => town.rows().escalations.flatMap((row) => (row.acknowledgedAt === null && row.beadId ? [row.beadId as string] : []));
    spent(one, start.runId, HARD);
    expect(asked()).toEqual([ids.convoy]);
    spent(one, start.runId, HARD);
    expect(asked().toSorted()).toEqual([id, ids.convoy].toSorted());
    town.must({ kind: 'spend.limit', level: 'bead', id, hardMicros: null });
    expect(asked()).toEqual([ids.convoy]);
    expect(one.bead(id).wait).toMatchObject({ code: 'budget_spent', ref: `convoy:${ids.convoy}` });
  });

  test('a bead that goes from its soft limit to its hard one is told to a person then (RC-32)', () => {
    const one = working();
    one.town.must({ kind: 'spend.limit', level: 'bead', id: '*', softMicros: SOFT, hardMicros: HARD });
    spent(one, one.start.runId, SOFT);
    expect(one.town.rows().escalations).toEqual([]);
    spent(one, one.start.runId, HARD - SOFT);
    expect(one.town.rows().escalations).toMatchObject([{ category: 'budget', beadId: one.id }]);
  });

  test('a run has one call at a time only where a hard limit could be reached by it (I9)', () => {
    const one = working();
    const { town, start, ids } = one;
    const budgeted = () => {
      const pass = town.town.modelPass(session(start.runId));
      return pass.ok && pass.value.budgeted;
    };
    expect(budgeted()).toBe(false);
    town.must({ kind: 'spend.limit', level: 'rig', id: one.addRig('far'), hardMicros: HARD });
    town.must({ kind: 'spend.limit', level: 'town', softMicros: SOFT });
    expect(budgeted()).toBe(false);
    for (const level of LEVELS) {
      town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: HARD });
      expect(budgeted()).toBe(true);
      town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: null });
      expect(budgeted()).toBe(false);
    }
  });

  test('several runs at once: a rig that is spent ends its own and leaves the others', () => {
    const one = working();
    const { town, runner, start, ids } = one;
    const far = one.addRig('far');
    const there = one.wish('there', { rigId: far });
    const here = one.wish('here');
    runner.work();
    town.must({ kind: 'spend.limit', level: 'rig', id: ids.rig, hardMicros: HARD });
    spent(one, start.runId, HARD / 2);
    spent(one, one.runsOf(here)[0]!.id, HARD / 2);
    expect([one.runsOf(one.id)[0], one.runsOf(here)[0], one.runsOf(there)[0]].map((run) => run?.state)).toEqual([
      'ended',
      'ended',
      'working',
    ]);
  });

  test('the Mayor answers above a soft limit and not above a hard one; then its messages wait (MT-5)', () => {
    const one = story();
    const { town, runner } = one;
    town.must({ kind: 'mayor.tell', text: 'one' });
    runner.work();
    const mayor = runner.starts[0]!;
    town.must({ kind: 'spend.limit', level: 'town', softMicros: SOFT, hardMicros: HARD });
    spent(one, mayor.runId, SOFT);
    town.must({ kind: 'mayor.tell', text: 'two' });
    runner.work();
    expect(town.rows().nudges.map((nudge) => nudge.state)).toEqual(['delivered', 'delivered']);
    spent(one, mayor.runId, HARD);
    town.must({ kind: 'mayor.tell', text: 'three' });
    runner.work();
    town.sleep(7_200_000, () => runner.work());
    expect(town.rows().nudges.find((nudge) => nudge.text === 'three')?.state).toBe('pending');
    town.must({ kind: 'spend.limit', level: 'town', hardMicros: null, softMicros: null });
    runner.work();
    expect(town.rows().nudges.find((nudge) => nudge.text === 'three')?.state).toBe('delivered');
  });

  test('a polecat above its soft limit finishes its bead and gets no other; another one does (MT-5)', () => {
    const one = working();
    const { town, runner, start, id } = one;
    town.must({ kind: 'spend.limit', level: 'agent', id: start.agentId, softMicros: SOFT });
    spent(one, start.runId, SOFT);
    expect(town.town.modelPass(session(start.runId)).ok).toBe(true);
    runner.report({
      kind: 'run.lost',
      runId: start.runId,
      generation: start.generation,
      failure: { code: 'runner_lost', message: 'lost' },
    });
    runner.work();
    expect(one.runsOf(id).map((run) => run.agentId === start.agentId)).toEqual([true, false]);
  });

  test('a limit for each run is not one for the Mayor, whose session goes on for days; one of its own is', () => {
    const one = story();
    const { town, runner } = one;
    town.must({ kind: 'mayor.tell', text: 'one' });
    runner.work();
    const mayor = runner.starts[0]!;
    town.must({ kind: 'spend.limit', level: 'run', id: '*', hardMicros: HARD });
    spent(one, mayor.runId, 5 * HARD);
    expect(town.town.modelPass(session(mayor.runId)).ok).toBe(true);
    town.must({ kind: 'spend.limit', level: 'agent', id: mayor.agentId, hardMicros: HARD });
    expect(town.town.modelPass(session(mayor.runId))).toMatchObject({ ok: false, failure: { code: 'budget_spent' } });
    town.must({ kind: 'mayor.tell', text: 'two' });
    runner.work();
    expect(town.rows().nudges.find((nudge) => nudge.text === 'two')?.state).toBe('pending');
  });
});
