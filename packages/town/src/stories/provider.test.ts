import { failure, LIMITS, NO_USAGE, type ModelTrouble } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { replica, silentPolecat, sortedTables, story } from '../testing.ts';

const MINUTE = 60_000;
const MODEL = { provider: 'anthropic', model: 'scripted-1' } as const;

/** A polecat in a turn, and a door that says what it sees of the provider. */
function atWork(beads = 1) {
  const one = story({ polecat: silentPolecat });
  const ids = Array.from({ length: beads }, (_, at) => one.wish(`bead ${at + 1}`));
  one.runner.work();
  const { town, runner } = one;
  const trouble = (
    kind: ModelTrouble['kind'],
    more: { until?: number; since?: number; run?: number; model?: string; provider?: 'openai' } = {},
  ) =>
    town.send({
      kind: 'model.trouble',
      runId: runner.starts[more.run ?? 0]!.runId,
      model: { provider: more.provider ?? MODEL.provider, model: more.model ?? MODEL.model },
      since: more.since ?? town.now,
      trouble: { kind, until: more.until ?? null, message: `The provider says ${kind}.` },
    });
  const breaks = (code: Parameters<typeof failure>[0] = 'model_unreachable', run = 0, stopReason = 'error') => {
    const { runId, generation } = runner.starts[run]!;
    runner.report({ kind: 'turn.ended', runId, generation, stopReason, failure: code === 'internal' ? null : failure(code) });
  };
  const spent = (run = 0) =>
    town.send({ kind: 'spend', runId: runner.starts[run]!.runId, usage: { ...NO_USAGE, outputTokens: 1 }, model: 'm' });
  const held = () => town.rows().town[0]!.modelHeld;
  const run = (at = 0) => town.rows().runs.find((row) => row.id === runner.starts[at]!.runId)!;
  return { ...one, ids, trouble, breaks, spent, held, run };
}

describe('a provider that wants to wait (RC-34)', () => {
  test.each(['limit', 'overload'] as const)('%s: nothing new starts until then, the bead says so, and nobody is charged', (kind) => {
    const { ids, trouble, breaks, held, bead, town, runner, wish } = atWork();
    const until = town.now + 7 * MINUTE;
    trouble(kind, { until });
    breaks();
    const other = wish('another');
    runner.work();
    const code = kind === 'limit' ? 'model_rate_limited' : 'model_overloaded';
    for (const id of [...ids, other])
      expect(bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'model_held', ref: code, until } });
    expect(held()).toMatchObject({ until, failure: { code } });
    expect(runner.starts).toHaveLength(1);
    town.sleep(7 * MINUTE - 1, () => runner.work());
    expect(runner.starts).toHaveLength(1);
    town.sleep(1, () => runner.work());
    expect(runner.starts).toHaveLength(3);
    expect(town.rows().runs.at(-1)?.attempt).toBe(1);
  });

  test('that does not say how long is waited for ever longer, up to a bound, and shorter again once a call went through', () => {
    const { trouble, held, spent, town, runner } = atWork();
    const waits: number[] = [];
    const meet = () => {
      trouble('overload');
      waits.push(held()!.until - town.now);
      town.sleep(waits.at(-1)!, () => runner.work());
    };
    for (let n = 0; n < 8; n += 1) meet();
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 900, 900].map((seconds) => seconds * 1_000));
    expect(held()).toBeNull();
    spent();
    meet();
    expect(waits.at(-1)).toBe(15_000);
  });

  test('refuses all that is under way at once: that is one hold; what asks for longer makes it longer, up to an hour', () => {
    const { trouble, held, spent, town } = atWork(2);
    trouble('limit', { until: town.now + MINUTE });
    const first = held()!.until;
    trouble('limit', { run: 1 });
    trouble('overload', { until: town.now + 1_000 });
    expect(held()!.until).toBe(first);
    spent(1);
    expect(held()!.until).toBe(first);
    trouble('limit', { until: town.now + 100 * MINUTE * 60 });
    expect(held()!.until).toBe(town.now + LIMITS.modelHoldCapMs.value);
  });

  test('is not waited for when the model was changed, or a person says so', () => {
    const { trouble, held, town } = atWork();
    trouble('limit', { model: 'another' });
    trouble('limit', { provider: 'openai' });
    expect(held()).toBeNull();
    trouble('limit', { until: town.now + MINUTE });
    town.must({ kind: 'dispatch.reset' });
    expect(held()).toBeNull();
    const began = town.now;
    town.now += 5;
    town.must({ kind: 'town.set_model_key', key: 'other' });
    trouble('limit', { since: began });
    expect(held()).toBeNull();
    trouble('limit');
    expect(held()).not.toBeNull();
  });

  test('is no matter of a town that has no model any more', () => {
    const { trouble, held, town } = atWork();
    town.send({ kind: 'town.environment', model: null, modelKeyHint: null, scripted: false });
    expect(trouble('limit')).toMatchObject({ ok: true });
    expect(held()).toBeNull();
  });

  test('that asks for a time which is past is waited for a second; the same time told again changes nothing', () => {
    const { trouble, held, town } = atWork();
    trouble('limit', { until: town.now - 5 * MINUTE });
    const until = town.now + 1_000;
    expect(held()).toMatchObject({ until, failure: { code: 'model_rate_limited' } });
    const rev = town.town.rev();
    trouble('overload', { until });
    expect(held()).toMatchObject({ until, failure: { code: 'model_rate_limited' } });
    expect(town.town.since(rev).put.town ?? []).toEqual([]);
  });

  test('that refuses again in the moment in which its time is over holds anew, and for longer', () => {
    const { trouble, held, town } = atWork();
    trouble('overload');
    town.now = held()!.until;
    trouble('overload');
    expect(held()?.until).toBe(town.now + 30_000);
  });

  test.each([
    ['less than half an hour', 30 * MINUTE - 1, 30_000],
    ['half an hour', 30 * MINUTE, 15_000],
  ])('that wanted to wait %s ago is remembered that long, and no command makes a page hear of it', (_name, ago, wait) => {
    const { trouble, held, town } = atWork();
    trouble('overload');
    const until = town.now + ago;
    town.sleep(15_000);
    const rev = town.town.rev();
    town.send({ kind: 'wake' });
    expect(town.town.rev()).toBe(rev);
    town.sleep(until - town.now);
    trouble('overload');
    expect(held()!.until - town.now).toBe(wait);
  });

  test('whoever waits for something else meanwhile shows the provider, and the other again when it is over (I10, I17)', () => {
    const { ids, trouble, bead, town, run } = atWork(4);
    const browser = replica();
    const shown = () => {
      browser.pull(town);
      expect(browser.rows()).toEqual(sortedTables(town.rows()));
      return bead(ids[3]!).wait?.code;
    };
    const before = shown();
    expect([before, run(2).state]).toEqual(['no_slot', 'working']);
    trouble('limit', { until: town.now + MINUTE });
    expect(shown()).toBe('model_held');
    town.sleep(MINUTE);
    expect(shown()).toBe(before);
    trouble('limit');
    expect(shown()).toBe('model_held');
    town.must({ kind: 'town.resume' });
    expect(shown()).toBe(before);
    trouble('quota');
    expect(shown()).toBe('no_model');
  });

  test('counts for no start and opens no breaker, however many runs meet it; they go on as soon as it is over (RC-20, RC-34)', () => {
    const one = story({ polecat: silentPolecat });
    const rigs = [one.rigId, one.addRig('lib')];
    const ids = Array.from({ length: LIMITS.dispatchFailuresInARow.value + 1 }, (_, at) =>
      one.wish(`bead ${at}`, { rigId: rigs[at % 2]! }),
    );
    const { town, runner } = one;
    runner.work();
    const under = [...runner.starts];
    expect(under).toHaveLength(ids.length);
    const trouble = { kind: 'limit', until: town.now + 1_000, message: 'Too many.' } as const;
    for (const { runId, generation } of under) {
      town.send({ kind: 'model.trouble', runId, model: MODEL, since: town.now, trouble });
      runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'error', failure: failure('model_unreachable') });
    }
    expect(town.rows().town[0]).toMatchObject({ dispatchHeld: null, modelHeld: { until: town.now + 1_000 } });
    expect(ids.map((id) => one.bead(id).wait?.code)).toEqual(ids.map(() => 'model_held'));
    town.sleep(1_000, () => runner.work());
    expect(ids.map((id) => one.bead(id).wait?.code)).toEqual(ids.map(() => 'agent_working'));
  });

  test('is another matter than one of which only an agent speaks: its bead tries again later, without an attempt (RC-31)', () => {
    const { ids, breaks, bead, held } = atWork();
    breaks('model_unreachable');
    expect(held()).toBeNull();
    expect(bead(ids[0]!)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'retry_later' } });
  });

  test('is told of by calls of runs that are over or unknown as well; of such a run itself nothing changes (I18)', () => {
    const { trouble, breaks, held, town, runner } = atWork();
    breaks('agent_crashed');
    town.must({ kind: 'town.pause' });
    const rev = town.town.rev();
    trouble('context');
    expect(town.town.rev()).toBe(rev);
    const { runId } = runner.starts[0]!;
    expect(town.sql.all('SELECT trouble FROM runs WHERE id = ?', runId)).toEqual([{ trouble: null }]);
    const nobody = 'run-00000000000a' as never;
    const overload = { kind: 'overload', until: null, message: 'Too much.' } as const;
    expect(town.send({ kind: 'model.trouble', runId: nobody, model: MODEL, since: town.now, trouble: overload })).toMatchObject({
      ok: true,
    });
    expect(held()).not.toBeNull();
    expect(town.send({ kind: 'spend', runId: nobody, usage: { ...NO_USAGE, outputTokens: 1 }, model: 'm' })).toMatchObject({ ok: true });
  });

  test('makes the Mayor wait as well, and what was said to it', () => {
    const { trouble, town, runner } = atWork();
    trouble('limit', { until: town.now + MINUTE });
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const sessions = () => town.rows().runs.filter((row) => row.beadId === null).length;
    expect(sessions()).toBe(0);
    town.sleep(MINUTE, () => runner.work());
    expect(sessions()).toBe(1);
    expect(town.rows().nudges[0]?.state).toBe('delivered');
  });
});

describe('a provider that wants no calls at all', () => {
  test.each(['no_model', 'model_key_refused', 'model_quota_spent', 'budget_spent', 'town_stopped'] as const)(
    '%s: what only an agent says holds nobody else up, and is a failed attempt of its own (RC-34, I8)',
    (code) => {
      const { ids, breaks, bead, town, runner } = atWork(2);
      breaks(code);
      runner.work();
      expect(town.rows().town[0]).toMatchObject({ modelHeld: null, stopped: false });
      expect(bead(ids[0]!)).toMatchObject({
        attempts: 1,
        failure: { code: 'agent_crashed', message: expect.stringContaining('no call of it') },
      });
      expect(bead(ids[1]!).status).toBe('in_progress');
    },
  );

  test.each(['quota', 'auth'] as const)('%s: nothing starts, a person is asked once, and a new key ends both', (kind) => {
    const { ids, trouble, breaks, bead, town, runner } = atWork(3);
    trouble(kind);
    trouble(kind, { run: 1 });
    for (const at of [0, 1, 2]) breaks('model_unreachable', at);
    runner.work();
    const code = kind === 'quota' ? 'model_quota_spent' : 'model_key_refused';
    const asked = () => town.rows().escalations.filter((one) => one.acknowledgedAt === null);
    expect(asked()).toHaveLength(1);
    expect(asked()[0]).toMatchObject({ beadId: null, severity: 'high', message: expect.stringContaining(`The provider says ${kind}.`) });
    for (const id of ids) expect(bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'no_model', ref: code } });
    town.sleep(60 * MINUTE, () => runner.work());
    expect(runner.starts).toHaveLength(3);
    town.must({ kind: 'town.set_model_key', key: 'good' });
    runner.work();
    expect(asked()).toEqual([]);
    expect(runner.starts).toHaveLength(6);
  });

  test('a key that is good again before the turn breaks: what was refused before costs no attempt (RC-34)', () => {
    const { ids, trouble, breaks, bead, town } = atWork();
    trouble('quota');
    town.must({ kind: 'town.set_model_key', key: 'good' });
    breaks('model_quota_spent');
    expect(bead(ids[0]!)).toMatchObject({ status: 'in_progress', attempts: 0 });
  });

  test('a model that is taken away while an agent works: what it meets is no attempt, and the bead waits for a model (RC-34, I10)', () => {
    const { ids, breaks, bead, town } = atWork();
    town.send({ kind: 'town.environment', model: null, modelKeyHint: null, scripted: false });
    breaks('no_model');
    expect(bead(ids[0]!)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'no_model' } });
  });

  test('is tried again when a person says so, without a new key', () => {
    const { trouble, breaks, town, runner } = atWork();
    trouble('quota');
    breaks();
    runner.work();
    town.must({ kind: 'dispatch.reset' });
    runner.work();
    expect(runner.starts).toHaveLength(2);
  });
});

describe('what is the run’s own', () => {
  test.each([
    ['context', 'model_context_full'],
    ['refused', 'model_refused'],
  ] as const)('%s ends the run with its own code, as an attempt', (kind, code) => {
    const { ids, trouble, breaks, bead, held, run, town } = atWork();
    trouble(kind);
    breaks();
    expect(run().failure).toMatchObject({ code, message: `The provider says ${kind}.` });
    expect(bead(ids[0]!)).toMatchObject({ attempts: 1 });
    expect(held()).toBeNull();
    expect(town.rows().town[0]?.modelHeld).toBeNull();
  });

  test('a refusal that the agent takes for the end of its turn fails the run all the same', () => {
    const { breaks, run } = atWork();
    breaks('internal', 0, 'refusal');
    expect(run()).toMatchObject({ state: 'ended', failure: { code: 'model_refused' } });
  });

  test('what the door saw goes before what the agent guesses, unless a call went through since, or it says something else', () => {
    const first = atWork();
    first.trouble('context');
    first.spent();
    first.breaks('model_unreachable');
    expect(first.run().failure?.code).toBe('model_unreachable');
    const second = atWork();
    second.trouble('overload');
    second.breaks('agent_crashed');
    expect(second.run().failure?.code).toBe('agent_crashed');
    expect(second.bead(second.ids[0]!).attempts).toBe(1);
    const third = atWork();
    third.trouble('overload', { until: third.town.now + MINUTE });
    third.breaks('agent_stalled');
    expect(third.run().failure?.code).toBe('model_overloaded');
    expect(third.bead(third.ids[0]!).attempts).toBe(0);
  });
});
