import { describe, expect, test } from 'vitest';
import { type ConvoyId, type SpendLevel, type ToolName } from '@gastown/protocol';
import { replica, silentPolecat, story, testTown } from '../testing.ts';
import { HARD, session, SOFT, spent, working } from '../testing/spending.ts';

/** Who is told of a limit, in which words, and which rows of a page a model call changes (MT-5, RC-32, I9, I17). */
const LEVELS: readonly SpendLevel[] = ['run', 'bead', 'convoy', 'agent', 'rig', 'town'];

/** As people know it; a run has no name. */
function whose({ town }: ReturnType<typeof working>, level: SpendLevel, id: string): string {
  if (level === 'town') return 'the town';
  const { rigs, agents, beads, convoys } = town.rows();
  const name = [...rigs, ...agents].find((row) => row.id === id)?.name;
  const title = [...beads, ...convoys].find((row) => row.id === id)?.title;
  return `the ${level} ${name ?? (title ? `“${title}”` : id)}`;
}
const figures = (level: SpendLevel, id: string, limit: 'soft' | 'hard', spentMicros: number) => ({
  limit,
  level,
  id,
  spentMicros,
  limitMicros: limit === 'soft' ? SOFT : HARD,
});

describe.each(LEVELS)('a limit of the level %s', (level) => {
  test('is in the ledger once when it is reached, the soft one apart from the hard one, with its figures (MT-5)', () => {
    const one = working();
    const { town, start, ids, id } = one;
    town.must({ kind: 'spend.limit', level, id: ids[level], softMicros: SOFT, hardMicros: HARD });
    for (const micros of [SOFT - 1, 1, 1, HARD - SOFT - 1, 1]) spent(one, start.runId, micros);
    const told = town.rows().events.filter((event) => event.type === 'soft_limit' || event.type === 'budget_spent');
    expect(told.toSorted((a, b) => a.id - b.id)).toMatchObject([
      { type: 'soft_limit', beadId: id, agentId: start.agentId, data: figures(level, ids[level], 'soft', SOFT) },
      { type: 'budget_spent', beadId: id, agentId: start.agentId, data: figures(level, ids[level], 'hard', HARD) },
    ]);
  });

  test('set by a person is in the ledger with both its figures (CF-3)', () => {
    const { town, ids } = working();
    town.must({ kind: 'spend.limit', level, id: ids[level], softMicros: SOFT, hardMicros: HARD });
    const set = town.rows().events.filter((event) => event.type === 'spend_limit_set');
    expect(set).toMatchObject([{ data: { level, id: ids[level], softMicros: SOFT, hardMicros: HARD } }]);
  });

  test('is told at the door in one sentence that names it; a soft one asks no person (MT-5, RC-32)', () => {
    const one = working();
    const { town, start, ids } = one;
    town.must({ kind: 'spend.limit', level, id: ids[level], softMicros: SOFT, hardMicros: HARD });
    spent(one, start.runId, SOFT);
    expect(town.rows().escalations).toEqual([]);
    spent(one, start.runId, HARD - SOFT);
    expect(town.town.modelPass(session(start.runId))).toMatchObject({
      failure: { message: `The spend limit of ${whose(one, level, ids[level])} is reached: $0.0010 of $0.0010.` },
    });
  });

  test('that is reached changes on a page those it holds and nobody else (I17)', () => {
    const one = working();
    const { town, runner, rigId, start, ids, id } = one;
    town.must({ kind: 'rig.update', rigId, maxPolecats: 1 });
    const far = one.addRig('far');
    town.must({ kind: 'rig.pause', rigId: far });
    const beads = { alone: one.wish('alone'), sister: one.wish('sister'), far: one.wish('far', { rigId: far }) };
    town.must({ kind: 'convoy.add', convoyId: ids.convoy as ConvoyId, beadIds: [beads.sister] });
    town.must({ kind: 'spend.limit', level, id: ids[level], softMicros: SOFT });
    runner.work();
    const page = replica();
    page.pull(town);
    spent(one, start.runId, SOFT);
    const { put, ...frame } = page.pull(town);
    const held: Partial<Record<SpendLevel, string[]>> = {
      convoy: [beads.sister],
      rig: [beads.alone, beads.sister],
      town: Object.values(beads),
    };
    expect(put.beads?.map((bead) => bead.id).toSorted()).toEqual([id, ...(held[level] ?? [])].toSorted());
    expect(frame).toEqual({ t: 'delta', rev: expect.any(Number), epoch: expect.any(String), drop: {} });
    expect(put.convoys?.map((row) => row.id)).toEqual([ids.convoy]);
  });
});

describe('a person is asked', () => {
  test('about the convoy, or about the agent, that spent its budget (RC-32)', () => {
    for (const level of ['convoy', 'agent'] as const) {
      const one = working();
      const { town, start, ids } = one;
      town.must({ kind: 'spend.limit', level, id: ids[level], hardMicros: HARD });
      spent(one, start.runId, HARD);
      const about = { convoy: { beadId: ids.convoy, agentId: null }, agent: { beadId: null, agentId: ids.agent } }[level];
      const message = `The spend limit of ${whose(one, level, ids[level])} is reached: $0.0010 of $0.0010.`;
      expect(town.rows().escalations).toMatchObject([{ ...about, rigId: one.rigId, severity: 'high', category: 'budget', message }]);
    }
  });

  test('though the bead of the convoy is damaged or gone', () => {
    const one = working({}, { check: false });
    one.town.must({ kind: 'spend.limit', level: 'convoy', id: '*', hardMicros: HARD });
    one.town.sql.run('DELETE FROM beads WHERE id = ?', one.ids.convoy);
    spent(one, one.start.runId, HARD);
    expect(one.town.rows().escalations).toMatchObject([{ beadId: null, agentId: null, category: 'budget' }]);
    expect(one.runsOf(one.id)[0]).toMatchObject({ state: 'ended', failure: { code: 'budget_spent' } });
  });
});

describe('the money of the town is right on a page at once (I17)', () => {
  const shown = (page: ReturnType<typeof replica>, town: Parameters<typeof spent>[0]['town']) => {
    page.pull(town);
    return page.rows().town?.map((row) => ('usage' in row ? row.usage : null));
  };

  test('also what the Mayor spent, who works in no rig', () => {
    const one = story();
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    one.runner.work();
    const page = replica();
    page.pull(one.town);
    spent(one, one.runner.starts[0]!.runId, 7);
    expect(shown(page, one.town)).toMatchObject([{ costMicros: 7 }]);
  });

  test('also what a run spent that nobody knows any more', () => {
    const one = working();
    const page = replica();
    page.pull(one.town);
    spent(one, 'run-000000000000', 7);
    expect(shown(page, one.town)).toMatchObject([{ costMicros: 7 }]);
  });
});

describe('what the Mayor reads of money (MY-4, MY-17)', () => {
  test.each([
    ['soft', `The soft limit of WHOSE is reached: $0.0009 of $0.0008; what runs goes on, nothing new starts.`],
    ['hard', `The hard limit of WHOSE is reached: $0.0009 of $0.0009.`],
  ] as const)('a %s limit: why a bead and its convoy do not move, with the figures', (kind, sentence) => {
    const one = working({
      prompt: (runner, { runId, generation, nudgeId }) => void runner.report({ kind: 'turn.started', runId, generation, nudgeId }),
    });
    const { town, runner, start, id, ids } = one;
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const mayor = runner.starts.find((it) => it.context.agent.role === 'mayor')!;
    const data = (tool: ToolName, args: unknown) => {
      const answer = runner.tool(mayor, tool, args);
      return answer.ok ? (answer.value as { data: unknown }).data : answer.failure;
    };
    const limits = kind === 'soft' ? { softMicros: SOFT, hardMicros: HARD } : { softMicros: SOFT, hardMicros: 900 };
    for (const level of ['bead', 'convoy'] as const) town.must({ kind: 'spend.limit', level, id: ids[level], ...limits });
    spent(one, start.runId, 900);
    const { runId, generation } = start;
    runner.report({ kind: 'run.lost', runId, generation, failure: { code: 'runner_lost', message: 'lost' } });
    expect(data('bead_status', { bead_id: id })).toMatchObject({ why: sentence.replace('WHOSE', 'this bead') });
    expect(data('list_convoys', {})).toMatchObject([{ why: sentence.replace('WHOSE', 'this convoy') }]);
  });
});

describe('the door (I9)', () => {
  test('refuses where there is no town, and a session that no run has', () => {
    expect(testTown({ create: null }).town.modelPass('s-1')).toMatchObject({ ok: false, failure: { code: 'unknown_town' } });
    const { town } = working();
    expect(town.town.modelPass('s-1')).toMatchObject({ ok: false, failure: { code: 'unknown_run' } });
  });

  test.each([
    ['model', { model: null, modelKeyHint: 'abcd' }],
    ['key', { model: { provider: 'anthropic', model: 'scripted-1', baseUrl: null, price: null }, modelKeyHint: null }],
  ] as const)('refuses when the %s was taken from the environment while a run is at work (AG-23)', (_what, environment) => {
    const { town, start } = working();
    town.send({ kind: 'town.environment', scripted: false, ...environment });
    expect(town.town.modelPass(session(start.runId))).toMatchObject({ ok: false, failure: { code: 'no_model' } });
  });

  test('asks of the limits of a run only that there are none, where there are none (P4)', () => {
    const one = story({ polecat: silentPolecat }, { check: false });
    one.wish('Add X');
    one.runner.work();
    const ask = () => one.town.sql.measure(() => one.town.town.modelPass(session(one.runner.starts[0]!.runId))).statements;
    const without = ask();
    one.town.must({ kind: 'spend.limit', level: 'rig', id: one.addRig('far'), hardMicros: HARD });
    expect(without).toBeLessThan(ask());
  });
});
