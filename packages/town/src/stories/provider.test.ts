import { failure, LIMITS, NO_USAGE, type ModelTrouble } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story } from '../testing.ts';

const MINUTE = 60_000;
const MODEL = { provider: 'anthropic', model: 'scripted-1' } as const;

/** A polecat in a turn, and a door that says what it sees of the provider. */
function atWork(beads = 1) {
  const one = story({ polecat: silentPolecat });
  const ids = Array.from({ length: beads }, (_, at) => one.wish(`bead ${at + 1}`));
  one.runner.work();
  const { town, runner } = one;
  const trouble = (kind: ModelTrouble['kind'], more: { until?: number; since?: number; run?: number; model?: string } = {}) =>
    town.send({
      kind: 'model.trouble',
      runId: runner.starts[more.run ?? 0]!.runId,
      model: { ...MODEL, model: more.model ?? MODEL.model },
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
    expect(held()).toBeNull();
    trouble('limit', { until: town.now + MINUTE });
    town.must({ kind: 'dispatch.reset' });
    expect(held()).toBeNull();
    const began = town.now;
    town.now += 5;
    town.must({ kind: 'town.set_model_key', key: 'other' });
    trouble('limit', { since: began });
    expect(held()).toBeNull();
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
    const third = atWork();
    third.trouble('overload', { until: third.town.now + MINUTE });
    third.breaks('agent_stalled');
    expect(third.run().failure?.code).toBe('model_overloaded');
    expect(third.bead(third.ids[0]!).attempts).toBe(0);
  });
});
