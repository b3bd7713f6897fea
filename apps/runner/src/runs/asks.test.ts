import { expect, test } from 'vitest';
import { Generation, LIMITS } from '@gastown/protocol';
import type { Report } from '@gastown/protocol';
import { RUN } from '../testing/fixtures.ts';
import { makeAsks } from './asks.ts';

function setUp() {
  const said: Report[] = [];
  const denied: string[] = [];
  let changes = 0;
  const asks = makeAsks({
    runId: RUN,
    generation: Generation.parse(1),
    now: () => 5,
    say: (report) => void said.push(report),
    onChange: () => void (changes += 1),
    onTooMany: (why) => void denied.push(why),
  });
  return { asks, said, denied, changes: () => changes };
}

test('a question goes to the town, cut to what it takes, and waits for its answer, whenever that comes and once (I18, I19)', async () => {
  const { asks, said, changes } = setUp();
  const waits = asks.ask({ category: 'commands', title: `npm\n${'x'.repeat(500)}`, detail: 'y'.repeat(9_000) });
  expect(asks.waiting()).toBe(true);
  expect(said).toEqual([expect.objectContaining({ kind: 'permission.asked', runId: RUN, requestId: 'rq-1', category: 'commands', at: 5 })]);
  const [asked] = said as Extract<Report, { kind: 'permission.asked' }>[];
  expect([asked!.title.length, asked!.detail.length]).toEqual([
    LIMITS.permissionTitleCharacters.value,
    LIMITS.permissionDetailCharacters.value,
  ]);
  asks.answer('rq-2', 'once');
  expect(asks.waiting()).toBe(true);
  asks.answer('rq-1', 'run');
  asks.answer('rq-1', 'deny');
  expect(await waits).toBe('run');
  expect(asks.waiting()).toBe(false);
  expect(changes()).toBe(2);
});

test('who does not wait any more is told to the town; the end of a turn ends every wait without a word', async () => {
  const { asks, said } = setUp();
  const patience = new AbortController();
  const first = asks.ask({ category: 'web', title: 'a', detail: '', signal: patience.signal });
  const second = asks.ask({ category: 'web', title: 'b', detail: '' });
  patience.abort();
  patience.abort();
  expect(await first).toBeNull();
  expect(said.map(({ kind }) => kind)).toEqual(['permission.asked', 'permission.asked', 'permission.withdrawn']);
  asks.drop();
  expect(await second).toBeNull();
  expect(said).toHaveLength(3);
});

test.each([false, true])(
  'a run that asks on and on, withdrawing each question: %j, keeps no more than it may ask; the town learns of one too many, then the answer is no, and why is said once (I1)',
  async (withdraws) => {
    const { asks, said, denied } = setUp();
    const most = LIMITS.permissionsPerRun.value;
    const ask = () => {
      const patience = new AbortController();
      const answer = asks.ask({ category: 'web', title: 'a', detail: '', signal: patience.signal });
      if (withdraws) patience.abort();
      return answer;
    };
    const first = Array.from({ length: most + 1 }, ask);
    expect(denied).toEqual([]);
    expect(said.filter(({ kind }) => kind === 'permission.asked')).toHaveLength(most + 1);
    const before = said.length;
    expect(await Promise.all(Array.from({ length: 500 }, ask))).toEqual(Array.from({ length: 500 }, () => 'deny'));
    expect(said).toHaveLength(before);
    expect(denied).toEqual([`The agent asked for permission ${most} times and asks on: what it asks now is denied.`]);
    asks.drop();
    expect(await Promise.all(first)).toEqual(first.map(() => null));
  },
);
