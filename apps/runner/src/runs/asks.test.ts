import { expect, test } from 'vitest';
import { Generation, LIMITS } from '@gastown/protocol';
import type { Report } from '@gastown/protocol';
import { RUN } from '../testing/fixtures.ts';
import { makeAsks } from './asks.ts';

function setUp() {
  const said: Report[] = [];
  let changes = 0;
  const asks = makeAsks({
    runId: RUN,
    generation: Generation.parse(1),
    now: () => 5,
    say: (report) => void said.push(report),
    onChange: () => void (changes += 1),
  });
  return { asks, said, changes: () => changes };
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
