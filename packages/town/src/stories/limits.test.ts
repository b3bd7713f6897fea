import { LIMITS, NO_USAGE, type BeadId, type ConvoyId, type SpendLevel, type Usage } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type Script, type Story } from '../testing.ts';

/** What may be spent, at each of the six levels (MT-5, RC-31, RC-32, I9). */
const SOFT = 800;
const HARD = 1_000;

/** One polecat at work on one bead, and two convoys that track it. */
function working(script: Partial<Script> = {}, options: Parameters<typeof story>[1] = {}) {
  const one = story({ polecat: silentPolecat, ...script }, options);
  const bead = one.wish('first');
  const convoyId = convoy(one, bead);
  one.runner.work();
  const [start] = one.runner.starts;
  const ids: Record<SpendLevel, string> = {
    run: start!.runId,
    bead,
    convoy: convoyId,
    agent: start!.agentId,
    rig: one.rigId,
    town: one.town.rows().town[0]!.id,
  };
  return { ...one, id: bead, start: start!, ids };
}
const convoy = ({ town }: Story, ...beadIds: BeadId[]): ConvoyId =>
  town.must<{ convoyId: ConvoyId }>({ kind: 'convoy.create', title: 'Convoy', beadIds, staged: false }).convoyId;
const cost = (costMicros: number): Usage => ({ ...NO_USAGE, costMicros });
const spent = ({ town }: Story, runId: string, costMicros: number) =>
  town.send({ kind: 'spend', runId: runId as never, usage: cost(costMicros), model: 'm' });
const session = (runId: string) => `s-${runId}`;

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
    '%s: a person is asked once, and not any more when the limit is raised (RC-32)',
    (level) => {
      const one = working();
      const { town, start, ids } = one;
      town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: HARD });
      spent(one, start.runId, HARD);
      spent(one, start.runId, HARD);
      const asked = () => town.rows().escalations.filter((row) => row.category === 'budget' && row.acknowledgedAt === null);
      expect(asked()).toHaveLength(1);
      expect(asked()[0]?.message).toContain('$0.0010 of $0.0010');
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

describe('late and strange', () => {
  test('what a run spent after it ended is counted everywhere, and holds what comes next', () => {
    const one = working();
    const { town, runner, start, id, ids } = one;
    town.must({ kind: 'spend.limit', level: 'bead', id: '*', hardMicros: HARD });
    runner.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: { code: 'agent_crashed', message: 'x' } });
    spent(one, start.runId, HARD);
    runner.work();
    expect(one.bead(id)).toMatchObject({ usage: { costMicros: HARD }, wait: { code: 'budget_spent', ref: `bead:${ids.bead}` } });
  });

  test('what was spent by a run that nobody knows any more is the town’s all the same', () => {
    const one = working();
    expect(one.town.send({ kind: 'spend', runId: 'run-000000000000' as never, usage: cost(5), model: 'm' }).ok).toBe(true);
    expect(one.town.rows().town[0]?.usage.costMicros).toBe(5);
  });

  test('what an agent spent whose row is damaged or gone is counted', () => {
    const one = working({}, { check: false });
    one.town.sql.run('DELETE FROM agents WHERE id = ?', one.start.agentId);
    spent(one, one.start.runId, 9);
    expect(one.town.rows().town[0]?.usage.costMicros).toBe(9);
    expect(one.town.rows().rigs[0]?.usage.costMicros).toBe(9);
  });

  test('a bead that is handed in when its money ends is tested and lands: no model is asked for that', () => {
    const one = working();
    const { town, runner, start, id } = one;
    town.must({ kind: 'spend.limit', level: 'bead', id, hardMicros: HARD });
    runner.done(start);
    spent(one, start.runId, HARD);
    runner.work();
    expect(one.bead(id).status).toBe('closed');
    expect(town.rows().escalations).toEqual([]);
  });

  test('a limit may be set below what is spent already: it holds at once', () => {
    const one = working();
    spent(one, one.start.runId, 500);
    one.town.must({ kind: 'town.configure', budgetMicros: 100 });
    expect(one.runsOf(one.id)[0]).toMatchObject({ state: 'ended', failure: { code: 'budget_spent' } });
    one.town.must({ kind: 'town.configure', budgetMicros: 0 });
    expect(one.bead(one.id).wait?.code).toBe('budget_spent');
  });

  test.each([
    [{ level: 'rig', id: 'rig-00000000', hardMicros: 1 }, 'unknown_rig'],
    [{ level: 'agent', id: 'ag-00000000', hardMicros: 1 }, 'unknown_agent'],
    [{ level: 'run', id: 'run-000000000000', hardMicros: 1 }, 'unknown_run'],
    [{ level: 'bead', id: 'gt-none', hardMicros: 1 }, 'unknown_bead'],
    [{ level: 'convoy', id: 'cv-none', hardMicros: 1 }, 'unknown_bead'],
    [{ level: 'bead', hardMicros: 1 }, 'unknown_bead'],
    [{ level: 'rig', id: '*', hardMicros: 1 }, 'invalid_input'],
    [{ level: 'agent', id: '*', hardMicros: 1 }, 'invalid_input'],
    [{ level: 'town', softMicros: 2, hardMicros: 1 }, 'invalid_input'],
  ] as const)('%j is refused as %s, and nothing is set', (wish, code) => {
    const one = working();
    expect(one.town.person({ kind: 'spend.limit', ...wish })).toMatchObject({ ok: false, failure: { code } });
    expect(one.town.rows().limits).toEqual([]);
  });

  test('a town has as many limits as it may have, and says so; one of them can still be changed', () => {
    const one = working({}, { check: false });
    for (let n = 0; n < LIMITS.spendLimits.value; n += 1)
      one.town.sql.run(`INSERT INTO spend_limits VALUES ('bead', ?, NULL, 5)`, `gt-${n}`);
    expect(one.town.person({ kind: 'spend.limit', level: 'town', hardMicros: 5 })).toMatchObject({
      ok: false,
      failure: { code: 'too_many_limits' },
    });
    one.town.must({ kind: 'spend.limit', level: 'bead', id: one.id, hardMicros: null });
    one.town.sql.run(`UPDATE spend_limits SET id = ? WHERE id = 'gt-3'`, one.id);
    one.town.must({ kind: 'spend.limit', level: 'bead', id: one.id, hardMicros: 7 });
    expect(one.town.rows().limits).toHaveLength(LIMITS.spendLimits.value);
  });

  test('a limit on a model whose price is not known says that it cannot hold; one whose provider tells its cost needs no price', () => {
    const one = working();
    const limit = (hardMicros: number) =>
      one.town.must<{ warning: string | null }>({ kind: 'spend.limit', level: 'town', hardMicros }).warning;
    expect(limit(5)).toContain('scripted-1 is not known');
    one.town.must({ kind: 'town.configure', model: { provider: 'openrouter', model: 'm', baseUrl: null, price: null } });
    expect(limit(6)).toBeNull();
  });

  test('the Mayor is not started anew where its money is spent', () => {
    const one = story();
    one.town.must({ kind: 'town.configure', budgetMicros: 0 });
    expect(one.town.person({ kind: 'mayor.restart' })).toMatchObject({ ok: false, failure: { code: 'budget_spent' } });
  });

  test('what is absent stays, null clears (CF-3)', () => {
    const one = working();
    const limits = () => one.town.rows().limits.map(({ softMicros, hardMicros }) => [softMicros, hardMicros]);
    one.town.must({ kind: 'spend.limit', level: 'town', softMicros: 1, hardMicros: 2 });
    one.town.must({ kind: 'spend.limit', level: 'town', hardMicros: 3 });
    expect(limits()).toEqual([[1, 3]]);
    one.town.must({ kind: 'spend.limit', level: 'town', softMicros: null });
    expect(limits()).toEqual([[null, 3]]);
    expect(one.town.rows().town[0]?.budgetMicros).toBe(3);
    one.town.must({ kind: 'town.configure', budgetMicros: null });
    expect(limits()).toEqual([]);
  });
});
