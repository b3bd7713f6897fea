import { expect, onTestFinished, test } from 'vitest';
import { AgentId, failure, RunId } from '@gastown/protocol';
import type { Failure, TranscriptItem } from '@gastown/protocol';
import { openFakeTown } from '../testing/fake-town.ts';
import { AGENT } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { makeStreams } from './streams.ts';

const [FIRST, SECOND] = [RunId.parse('run-000000000001'), RunId.parse('run-000000000002')];
const OTHER = AgentId.parse('ag-00000002');

const notice = (runId: string, id: string, text = id): TranscriptItem => ({ id, runId, at: 1, kind: 'notice', code: 'x', text });

/** A town that is away. */
async function setUp(changes: { closingMs?: number; mostLeft?: number } = {}) {
  const asks: { answer: Failure | 'silence' | null; count: number } = { answer: 'silence', count: 0 };
  const town = await openFakeTown({ refusesStreams: () => (asks.count++, asks.answer) });
  const dropped: unknown[] = [];
  const streams = makeStreams({
    url: town.url,
    token: 'runner-secret-token',
    log: (event, { runId, items } = {}) => void (event === 'transcript.dropped' && dropped.push([runId, items])),
    redactor: { redact: (text) => text, begun: () => 0 },
    ...changes,
  });
  onTestFinished(async () => {
    streams.end();
    await town.close();
  });
  const open = (runId: RunId, agentId = AGENT) => streams.open(agentId, runId, () => undefined);
  return { town, streams, open, asks, dropped };
}

test("an agent's next run tells what the one before could not yet, first, over the only stream of the agent (WS-2, WS-3)", async () => {
  const { town, open, asks, dropped } = await setUp();
  const first = open(FIRST);
  for (const id of ['a', 'b']) first.put(notice(FIRST, id));
  first.close();
  const second = open(SECOND);
  second.put(notice(SECOND, 'c'));
  first.put(notice(FIRST, 'late'));
  asks.answer = null;
  await second.stored();
  expect([...town.items.values()].map(({ id, runId }) => [id, runId])).toEqual([
    ['a', FIRST],
    ['b', FIRST],
    ['c', SECOND],
    ['late', FIRST],
  ]);
  expect(town.openStreams()).toEqual([`/runner/agents/${AGENT}/stream?run=${SECOND}`]);
  expect([town.streams(), dropped]).toEqual([1, []]);
});

test('a stream that is closed for nothing is no way back: the next run of its agent begins with its own', async () => {
  const { town, open, asks } = await setUp();
  asks.answer = null;
  const first = open(FIRST);
  first.put(notice(FIRST, 'a'));
  await first.stored();
  first.close();
  await until('the stream is closed by the runner', () => town.openStreams().length === 0);
  const second = open(SECOND);
  second.put(notice(SECOND, 'b'));
  await second.stored();
  expect([...town.items.keys()]).toEqual(['a', 'b']);
});

test('where the runner ends no stream stays, closed by its run or not, and the log says what is lost', async () => {
  const { open, streams, asks, dropped } = await setUp();
  const first = open(FIRST);
  first.put(notice(FIRST, 'a'));
  first.close();
  open(SECOND, OTHER).put(notice(SECOND, 'b'));
  await until('both asked in vain', () => asks.count > 1);
  streams.end();
  expect(dropped).toEqual([
    [FIRST, 1],
    [SECOND, 1],
  ]);
  const before = asks.count;
  const third = open(FIRST);
  asks.answer = null;
  third.put(notice(FIRST, 'c'));
  await third.stored();
  expect(asks.count).toBe(before + 1);
});

test('a town that is away for too long costs the items of a run that is over, and the next run of its agent says so', async () => {
  const { town, open, asks, dropped } = await setUp({ closingMs: 1 });
  const first = open(FIRST);
  for (const id of ['a', 'b']) first.put(notice(FIRST, id));
  first.close();
  await until('it is given up', () => dropped.length > 0);
  asks.answer = null;
  const second = open(SECOND);
  second.put(notice(SECOND, 'c'));
  await second.stored();
  expect([...town.items.values()]).toMatchObject([
    { id: `${FIRST}-lost`, code: 'transcript_lost', text: expect.stringContaining(' 2 items') },
    { id: 'c' },
  ]);
  expect([town.streams(), dropped]).toEqual([1, [[FIRST, 2]]]);
});

test.each(['unknown_agent', 'forbidden'] as const)('an agent that is gone (%s) has no stream once its run is over', async (code) => {
  const { open, asks, dropped } = await setUp();
  asks.answer = failure(code);
  const first = open(FIRST);
  first.put(notice(FIRST, 'a'));
  await until('it was refused more than once', () => asks.count > 1);
  first.close();
  await first.stored();
  expect(dropped).toEqual([[FIRST, 1]]);
});

test('what runs that are over hold together is bounded, those of before give way, and say so', async () => {
  const { town, open, asks, dropped } = await setUp({ mostLeft: 1_500 });
  const first = open(FIRST);
  const second = open(SECOND, OTHER);
  first.put(notice(FIRST, 'a', 'x'.repeat(1_000)));
  second.put(notice(SECOND, 'b', 'x'.repeat(1_000)));
  first.close();
  expect(dropped).toEqual([]);
  second.close();
  expect(dropped).toEqual([[FIRST, 1]]);
  asks.answer = null;
  await until('both are told', () => town.items.size === 2);
  expect([...town.items.keys()].toSorted()).toEqual(['b', `${FIRST}-lost`]);
  await until('both ended', () => town.openStreams().length === 0);
});
