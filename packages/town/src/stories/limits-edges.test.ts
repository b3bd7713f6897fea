import { LIMITS, type ConvoyId, type ModelConfig } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { story } from '../testing.ts';
import { cost, HARD, spent, working } from '../testing/spending.ts';

describe('late and strange', () => {
  test('a bead of a convoy that is spent is not even begun when a slot gets free', () => {
    const one = working();
    const { town, runner, rigId, start, ids } = one;
    town.must({ kind: 'rig.update', rigId, maxPolecats: 1 });
    const sister = one.wish('sister');
    town.must({ kind: 'convoy.add', convoyId: ids.convoy as ConvoyId, beadIds: [sister] });
    town.must({ kind: 'spend.limit', level: 'convoy', id: '*', hardMicros: HARD });
    spent(one, start.runId, HARD);
    runner.work();
    expect(one.bead(sister).wait?.code).toBe('budget_spent');
    expect(one.runsOf(sister)).toEqual([]);
  });

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
    town.must({ kind: 'spend.limit', level: 'run', id: '*', hardMicros: HARD });
    runner.done(start);
    spent(one, start.runId, HARD);
    expect(one.runsOf(id)[0]).toMatchObject({ state: 'ended', endReason: 'done', failure: null });
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
    [{ level: 'convoy', id: 'cv-none', hardMicros: 1 }, 'unknown_convoy'],
    [{ level: 'bead', hardMicros: 1 }, 'invalid_input'],
    [{ level: 'town', id: 'rig-00000000', hardMicros: 1 }, 'invalid_input'],
    [{ level: 'rig', id: '*', hardMicros: 1 }, 'invalid_input'],
    [{ level: 'agent', id: '*', hardMicros: 1 }, 'invalid_input'],
    [{ level: 'town', softMicros: 2, hardMicros: 1 }, 'invalid_input'],
  ] as const)('%j is refused as %s, and nothing is set', (wish, code) => {
    const one = working();
    expect(one.town.person({ kind: 'spend.limit', ...wish })).toMatchObject({ ok: false, failure: { code } });
    expect(one.town.rows().limits).toEqual([]);
  });

  test.each([
    [{ level: 'bead', hardMicros: 1 }, 'id'],
    [{ level: 'rig', id: '*', hardMicros: 1 }, 'id'],
    [{ level: 'town', softMicros: 2, hardMicros: 1 }, 'softMicros'],
  ] as const)('%j is refused with its field: %s (AL-13)', (wish, field) => {
    expect(working().town.person({ kind: 'spend.limit', ...wish })).toMatchObject({ failure: { details: { field } } });
  });

  test('a soft limit above the hard one is refused in the money of both, whichever is set; one that equals it is not (AL-13)', () => {
    const one = working();
    one.town.must({ kind: 'spend.limit', level: 'town', softMicros: 2_500_000 });
    expect(one.town.person({ kind: 'spend.limit', level: 'town', hardMicros: 1_000_000 })).toMatchObject({
      failure: { message: 'A soft limit of $2.50 would be above the hard one of $1.00.' },
    });
    one.town.must({ kind: 'spend.limit', level: 'town', hardMicros: 2_500_000 });
    expect(one.town.rows().limits).toMatchObject([{ softMicros: 2_500_000, hardMicros: 2_500_000 }]);
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

  test('a model whose price is not known says so to whoever chooses it while limits are set (RC-32)', () => {
    const one = working();
    const chosen = (model: string, price: ModelConfig['price'] = null) =>
      one.town.must<{ warning: string | null }>({
        kind: 'town.configure',
        model: { provider: 'custom', model, baseUrl: 'https://models.example', price },
      }).warning;
    expect(chosen('dear')).toBeNull();
    expect(one.town.must<{ warning: string | null }>({ kind: 'town.configure', budgetMicros: 5 }).warning).toContain('dear is not known');
    expect(chosen('dearer')).toContain('dearer is not known');
    expect(chosen('dearest', { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 })).toBeNull();
    one.town.must({ kind: 'town.configure', budgetMicros: null });
    expect(chosen('dear')).toBeNull();
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
