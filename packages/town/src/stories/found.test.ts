import { describe, expect, test } from 'vitest';
import { bad, good, replica, sortedTables, story, type Story } from '../testing.ts';

/** What the simulator found: each a small story of what had gone wrong, told once and kept. */
const inStep = ({ town }: Story, browser: ReturnType<typeof replica>): void => {
  browser.pull(town);
  expect({ ...browser.rows(), events: [] }).toEqual({ ...sortedTables(town.rows()), events: [] });
};

describe('found by the simulator', () => {
  test('the breaker of starts that opens, and that closes, shows on every bead that waits for it (I17, RC-20)', () => {
    let works = false;
    const one = story({
      'run.start': (effect) =>
        works ? good({ kind: 'session', sessionId: effect.runId, resumed: false, model: null }) : bad('dispatch_failed', true),
    });
    const browser = replica();
    for (let n = 0; n < 12; n += 1) one.wish(`bead ${n}`);
    const late = one.wish('the last in line', { priority: 'low' });
    browser.pull(one.town);
    one.runner.work();
    expect(one.bead(late).wait?.code).toBe('retry_later');
    inStep(one, browser);
    works = true;
    one.town.sleep(3_600_000, () => {
      one.runner.work();
      inStep(one, browser);
    });
    expect(one.bead(late).status).toBe('closed');
  });
});
