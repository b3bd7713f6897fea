import { failure, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, story, type Script } from '../testing.ts';
import { spent } from '../testing/spending.ts';

const TRIES = LIMITS.dispatchAttempts.value;
const COOL_DOWN = LIMITS.attemptsCoolDownMs.value;
const MINUTE = 60_000;

/** A town whose Mayor was written to, and what it was tried since. */
function written(script: Partial<Script>) {
  const one = story(script);
  const mayor = one.town.rows().agents.find((agent) => agent.role === 'mayor')!;
  const tell = (text: string) => one.town.must({ kind: 'mayor.tell', text });
  const tries = () => one.town.rows().runs.filter((run) => run.agentId === mayor.id);
  /** A command that has nothing to do with it. */
  const tick = () => one.town.must({ kind: 'town.rename', name: `at ${one.town.now}` });
  tell('hello');
  one.runner.work();
  return { ...one, mayor, tell, tries, tick };
}
const cannotStart: Partial<Script> = { 'run.start': () => bad('setup_failed', true, 'no space left') };

describe('a Mayor that cannot work', () => {
  test('is tried again when its time has come, not whenever something happens in the town (MY-12, I8)', () => {
    const { town, runner, tries, tick } = written(cannotStart);
    const failed = town.now;
    tick();
    expect(tries()).toHaveLength(1);
    town.sleep(MINUTE, () => runner.work());
    expect(tries()).toHaveLength(TRIES);
    expect(tries().every((run, at) => at === TRIES - 1 || run.startedAt > failed)).toBe(true);
  });

  test('out of tries, is tried once more after half an hour when the town is awake anyway (RC-33)', () => {
    const { town, runner, tries, tick } = written(cannotStart);
    town.sleep(MINUTE, () => runner.work());
    const last = Math.max(...tries().map((run) => run.endedAt!));
    town.sleep(last + COOL_DOWN - town.now, () => runner.work());
    tick();
    expect(tries()).toHaveLength(TRIES);
    town.now += 1;
    tick();
    expect(tries()).toHaveLength(TRIES + 1);
  });

  test('is tried at once when a person writes, whether it waits for its time or is out of tries (MY-13)', () => {
    const waiting = written(cannotStart);
    waiting.tell('now, please');
    expect(waiting.tries()).toHaveLength(2);

    const { town, runner, tries, tell } = written(cannotStart);
    town.sleep(MINUTE, () => runner.work());
    expect(tries()).toHaveLength(TRIES);
    tell('are you there?');
    expect(tries()).toHaveLength(TRIES + 1);
  });

  test('and then does is as good as new: what failed before it worked counts no more (I8)', () => {
    let prompts = 0;
    const { town, runner, mayor } = written({
      prompt: (r, prompt) => {
        const { runId, generation } = prompt;
        if ((prompts += 1) % TRIES === 0) r.turn(prompt, prompt.nudgeId);
        else r.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
      },
    });
    town.sleep(MINUTE, () => runner.work());
    expect(town.rows().nudges.map(({ state }) => state)).toEqual(['delivered']);
    town.must({ kind: 'mail.send', agentId: mayor.id, subject: 'again', body: 'and again' });
    runner.work();
    town.sleep(MINUTE, () => runner.work());
    expect(prompts).toBe(2 * TRIES);
    expect(town.rows().mail[0]?.deliveredAt).not.toBeNull();
    expect(town.rows().escalations.filter(({ message }) => message.startsWith('The Mayor could not work'))).toEqual([]);
  });

  test('for its own hard limit is not tried while it holds (MT-5, I9)', () => {
    const one = written({});
    const { town, runner, mayor, tell, tries, tick } = one;
    town.must({ kind: 'spend.limit', level: 'agent', id: mayor.id, hardMicros: 10 });
    spent(one, tries()[0]!.id, 10);
    tell('go on');
    runner.work();
    tick();
    expect(tries()).toMatchObject([{ state: 'ended', failure: { code: 'budget_spent' } }]);
    town.must({ kind: 'spend.limit', level: 'agent', id: mayor.id, hardMicros: 1_000 });
    runner.work();
    expect(tries()).toHaveLength(2);
  });
});
