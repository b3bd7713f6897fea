import { failure, type ModelConfig, type ModelTrouble, type PersonCommand } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story } from '../testing.ts';

const PRICE = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 };
const SMALL = { provider: 'anthropic', model: 'small-1', price: PRICE } as const;
const TOWNS: ModelConfig = { provider: 'anthropic', model: 'scripted-1', baseUrl: null, price: null };
type Configure = Omit<Extract<PersonCommand, { kind: 'town.configure' }>, 'kind'>;

/** A Mayor that answers, a polecat that works on and on. */
function asked() {
  const one = story({ polecat: silentPolecat });
  const { town, runner } = one;
  const configure = (change: Configure) => town.must<{ warning: string | null }>({ kind: 'town.configure', ...change });
  const startsOf = (role: string) => runner.starts.filter(({ context }) => context.agent.role === role);
  const start = (role: string) => {
    const found = startsOf(role).at(-1);
    if (!found) throw new Error(`no ${role} was started`);
    return found;
  };
  const pass = (role: string) => {
    const passed = town.town.modelPass(`s-${start(role).runId}`);
    if (!passed.ok) throw new Error(passed.failure.message);
    return passed.value.model;
  };
  const tell = (text: string) => (town.must({ kind: 'mayor.tell', text }), runner.work());
  const work = (title: string) => (one.wish(title), runner.work());
  const row = (role: string) => town.rows().runs.find(({ id }) => id === start(role).runId);
  const trouble = (role: string, model: string, kind: ModelTrouble['kind'] = 'limit') =>
    town.send({
      kind: 'model.trouble',
      runId: start(role).runId,
      model: { provider: 'anthropic', model },
      since: town.now,
      trouble: { kind, until: null, message: 'Not now.' },
    });
  return { ...one, configure, startsOf, start, pass, tell, work, row, trouble };
}

describe('a role with a model or an effort of its own (CF-1)', () => {
  test('is started and asked with them, what it has not is the town’s; the run says so', () => {
    const { configure, start, pass, tell, work, row, town } = asked();
    configure({ model: { ...TOWNS, effort: 'low' }, roleModels: { polecat: { model: SMALL, effort: 'high' } } });
    tell('hello');
    work('one');
    expect(start('mayor').model).toBe('scripted-1');
    expect(start('polecat').model).toBe('small-1');
    expect(pass('mayor')).toEqual({ ...TOWNS, effort: 'low' });
    expect(pass('polecat')).toEqual({ ...TOWNS, model: 'small-1', price: PRICE, effort: 'high' });
    expect([row('mayor'), row('polecat')]).toMatchObject([
      { model: 'scripted-1', effort: 'low' },
      { model: 'small-1', effort: 'high' },
    ]);
    expect(town.town.models().map(({ model }) => model)).toEqual(['scripted-1', 'small-1']);
  });

  test('may have an effort alone, or ask for none where the town sets one; nothing set is `default`', () => {
    const { configure, pass, tell, work } = asked();
    tell('hello');
    expect(pass('mayor').effort).toBe('default');
    configure({ model: { ...TOWNS, effort: 'high' }, roleModels: { polecat: { model: null, effort: 'default' } } });
    work('one');
    expect(pass('polecat')).toEqual({ ...TOWNS, effort: 'default' });
  });

  test('what is absent stays, null goes back to the town’s (CF-3)', () => {
    const { configure, town } = asked();
    const roles = () => town.rows().town[0]?.roleModels;
    configure({ roleModels: { mayor: { model: null, effort: 'high' }, polecat: { model: SMALL } } });
    configure({ roleModels: { mayor: { model: null, effort: 'low' } } });
    expect(roles()).toEqual({ mayor: { model: null, effort: 'low' }, polecat: { model: SMALL } });
    configure({ roleModels: { polecat: null }, maxPolecats: 3 });
    configure({ gitName: 'Ada' });
    expect(roles()).toEqual({ mayor: { model: null, effort: 'low' } });
  });

  test('is refused a model of another provider, whose key the town has not, also in the change that brings that provider', () => {
    const { town, configure } = asked();
    const wish = (change: Configure) => town.person({ kind: 'town.configure', ...change });
    const other = { polecat: { model: { ...SMALL, provider: 'openai' } } } as const;
    const refused = { ok: false, failure: { code: 'invalid_input', details: { field: 'roleModels.polecat.model.provider' } } };
    expect(wish({ roleModels: other, gitName: 'X' })).toMatchObject(refused);
    expect(wish({ roleModels: other, gitName: 'X' })).toMatchObject({ failure: { message: expect.stringContaining('Anthropic') } });
    expect(town.rows().town[0]?.gitName).not.toBe('X');
    const openai = { provider: 'openai', model: 'm', baseUrl: null, price: null } as const;
    expect(wish({ model: openai, roleModels: { polecat: { model: SMALL } } })).toMatchObject(refused);
    configure({ model: openai, roleModels: other });
    expect(wish({ model: null, roleModels: other })).toMatchObject(refused);
  });

  test('has the town’s while the town has another provider, and its own again when that comes back', () => {
    const { configure, town } = asked();
    const names = () => town.town.models().map(({ model }) => model);
    configure({ roleModels: { polecat: { model: SMALL, effort: 'high' } } });
    configure({ model: { provider: 'openai', model: 'm', baseUrl: null, price: null } });
    expect(names()).toEqual(['m']);
    configure({ model: null });
    expect(names()).toEqual(['scripted-1', 'small-1']);
  });

  test('is warned of by name where its price is not known and a limit is set (RC-32)', () => {
    const { configure } = asked();
    configure({ model: { ...TOWNS, price: PRICE }, budgetMicros: 5 });
    expect(configure({ roleModels: { polecat: { model: SMALL } } }).warning).toBeNull();
    expect(configure({ roleModels: { polecat: { model: { ...SMALL, price: null } } } }).warning).toContain('small-1 is not known');
  });

  test('costs what its own price says, also of a model that the town has at another (RC-32)', () => {
    const { configure, pass, tell, work } = asked();
    const own = { provider: TOWNS.provider, model: TOWNS.model, price: PRICE };
    const dear = { ...PRICE, input: 90 };
    configure({ model: { ...TOWNS, price: dear }, roleModels: { polecat: { model: own } }, budgetMicros: 5_000_000 });
    tell('hello');
    work('one');
    expect([pass('mayor').price, pass('polecat').price]).toEqual([dear, PRICE]);
    expect(configure({ roleModels: { polecat: { model: { ...own, price: null } } } }).warning).toContain('is not known');
  });

  test('holds the provider for all when its model is refused (RC-34)', () => {
    const { configure, work, trouble, town } = asked();
    configure({ roleModels: { polecat: { model: SMALL } } });
    work('one');
    trouble('polecat', 'gone-1');
    expect(town.rows().town[0]?.modelHeld).toBeNull();
    trouble('polecat', 'small-1');
    expect(town.rows().town[0]?.modelHeld).toMatchObject({ failure: { code: 'model_rate_limited' } });
  });
});

describe('a setting that changes counts from the next session on (CT-4, CT-5)', () => {
  test('a polecat works on with what it began with, at the price that is set now; the next has the new one', () => {
    const { configure, pass, work, row } = asked();
    configure({ roleModels: { polecat: { model: SMALL, effort: 'low' } } });
    work('one');
    configure({ roleModels: { polecat: { model: { ...SMALL, price: { ...PRICE, input: 9 } }, effort: 'high' } } });
    expect(pass('polecat')).toMatchObject({ model: 'small-1', price: { input: 9 }, effort: 'low' });
    configure({ roleModels: { polecat: null } });
    expect(pass('polecat')).toMatchObject({ model: 'small-1', price: PRICE, effort: 'low' });
    expect(row('polecat')).toMatchObject({ model: 'small-1', effort: 'low' });
    work('two');
    expect(pass('polecat')).toMatchObject({ model: 'scripted-1', effort: 'default' });
  });

  test('the Mayor’s session ends with the next message, which goes into one that resumes the conversation; a price ends none', () => {
    const { configure, startsOf, pass, tell, town } = asked();
    tell('one');
    configure({ model: { ...TOWNS, price: PRICE } });
    tell('two');
    expect(startsOf('mayor')).toHaveLength(1);
    configure({ roleModels: { mayor: { model: null, effort: 'high' } } });
    expect(startsOf('mayor')).toHaveLength(1);
    expect(pass('mayor').effort).toBe('default');
    tell('three');
    const [first, second] = startsOf('mayor');
    expect(second).toMatchObject({ resumeSessionId: `s-${first!.runId}` });
    expect(startsOf('mayor')).toHaveLength(2);
    expect(pass('mayor').effort).toBe('high');
    const prompts = town.handed.flatMap(({ effect }) => (effect.kind === 'run.prompt' ? [[effect.text, effect.again]] : []));
    expect(prompts).toEqual(['one', 'two', 'three'].map((text) => [text, false]));
    expect(town.rows().runs.find(({ id }) => id === first!.runId)).toMatchObject({ endReason: 'done', failure: null });
  });

  test('a session from before there was a choice is asked with what is set now, and not ended for it (DM-18)', () => {
    const { configure, startsOf, pass, tell, row, town } = asked();
    tell('one');
    town.sql.run('UPDATE runs SET model_config = NULL');
    configure({ model: { ...TOWNS, effort: 'high' } });
    expect(pass('mayor').effort).toBe('high');
    tell('two');
    expect(startsOf('mayor')).toHaveLength(1);
    expect(row('mayor')).toMatchObject({ model: 'scripted-1', effort: null });
  });

  test('another provider or address counts at once: the key that is set now goes nowhere else (I16)', () => {
    const { configure, pass, work, row } = asked();
    configure({ roleModels: { polecat: { model: SMALL } } });
    work('one');
    configure({ model: { ...TOWNS, baseUrl: 'https://models.example' }, roleModels: { polecat: null } });
    expect(pass('polecat')).toMatchObject({ baseUrl: 'https://models.example', model: 'scripted-1' });
    expect(row('polecat')).toMatchObject({ model: 'scripted-1' });
    configure({ model: { provider: 'openai', model: 'm', baseUrl: null, price: null } });
    expect(pass('polecat')).toMatchObject({ provider: 'openai', model: 'm' });
    expect(row('polecat')).toMatchObject({ model: 'm', effort: 'default' });
  });

  test('the Mayor’s session ends for another provider also where its model was refused: the next one speaks that provider’s API (CT-5)', () => {
    const { configure, startsOf, tell, trouble } = asked();
    tell('one');
    trouble('mayor', 'scripted-1');
    configure({ model: { provider: 'openai', model: 'm', baseUrl: null, price: null } });
    tell('two');
    expect(startsOf('mayor').map(({ modelShape }) => modelShape)).toEqual(['anthropic', 'openai']);
  });

  test('a run whose model was refused goes on with the one that is set then, whichever came first', () => {
    const { configure, pass, work, trouble, row, town } = asked();
    const own = (model: string) => configure({ roleModels: { polecat: { model: { ...SMALL, model }, effort: 'low' } } });
    own('first-1');
    work('one');
    own('second-1');
    expect(pass('polecat').model).toBe('first-1');
    trouble('polecat', 'first-1');
    expect(pass('polecat').model).toBe('second-1');
    own('third-1');
    expect(row('polecat')).toMatchObject({ model: 'third-1', effort: 'low' });
    configure({ roleModels: { polecat: null } });
    expect(pass('polecat')).toMatchObject({ model: 'scripted-1', effort: 'default' });
    town.send({ kind: 'town.environment', model: { ...TOWNS, model: 'fourth-1' }, modelKeyHint: 'abcd', scripted: false });
    expect(pass('polecat').model).toBe('fourth-1');
  });

  test('a start that is tried again has what its run began with', () => {
    const one = story({ 'run.start': () => ({ state: 'failed', failure: failure('runner_full'), retry: true }) });
    one.wish('one');
    one.runner.work();
    one.town.must({ kind: 'town.configure', roleModels: { polecat: { model: SMALL } } });
    one.town.sleep(120_000, () => one.runner.work());
    const models = one.runner.test.handed.flatMap(({ effect }) => (effect.kind === 'run.start' ? [effect.model] : []));
    expect(models.length).toBeGreaterThan(1);
    expect(new Set(models)).toEqual(new Set(['scripted-1']));
  });
});
