import { expect, test } from 'vitest';
import { LIMITS, TranscriptItem } from '@gastown/protocol';
import { fittingItem } from './fit-item.ts';

const base = { id: 'run-1-c-1', runId: 'run-1', at: 1 };
const bytes = (item: TranscriptItem): number => Buffer.byteLength(JSON.stringify({ t: 'item', seq: 1_000_000, item }));
const long = (characters: number): string => '\u0001'.repeat(characters);

test('an item that fits stays as it is', () => {
  const item: TranscriptItem = { ...base, kind: 'assistant', text: 'x'.repeat(60_000) };
  expect(fittingItem(item)).toBe(item);
});

test.each<[string, TranscriptItem]>([
  ['a plan with long entries', { ...base, kind: 'plan', entries: [{ text: long(2_000_000), state: 'pending' }] }],
  [
    'a plan with many entries',
    { ...base, kind: 'plan', entries: Array.from({ length: 50_000 }, () => ({ text: 'and then this', state: 'pending' })) },
  ],
  [
    'a tool with a name without end',
    { ...base, kind: 'tool', tool: long(900_000), title: 'x', state: 'running', input: null, output: null, endedAt: null },
  ],
  ['text that takes six times its length', { ...base, kind: 'assistant', text: long(250_000) }],
])('%s is made to fit a frame and stays what it was', (_what, item) => {
  const fitted = fittingItem(item);
  expect(bytes(fitted)).toBeLessThan(LIMITS.frameBytes.value);
  expect(TranscriptItem.parse(fitted)).toMatchObject({ ...base, kind: item.kind });
});

test('one that cannot be made shorter says so in its place', () => {
  const input = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key number ${at}`, at]));
  const fitted = fittingItem({ ...base, kind: 'tool', tool: 'x', title: 'x', state: 'running', input, output: null, endedAt: null });
  expect(fitted).toEqual({ ...base, kind: 'notice', code: 'too_large', text: expect.stringContaining('tool') });
});
