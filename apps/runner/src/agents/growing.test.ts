import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeRedactor } from '../system/redact.ts';
import { makeGrowing } from './growing.ts';
import type { ToolItem } from './growing.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SECRET = 'forge-token-1234567890';
const call = (output: string, id = 'c1'): ToolItem => ({
  id,
  runId: 'run-1',
  at: 1,
  kind: 'tool',
  tool: 'bash',
  title: 'make',
  state: 'running',
  input: null,
  output,
  answer: null,
  endedAt: null,
});
function setUp() {
  const redactor = makeRedactor();
  redactor.add(SECRET);
  const put: string[] = [];
  const town = { free: true };
  const growing = makeGrowing({ redactor, isFree: () => town.free, put: ({ id, output }) => put.push(`${id}: ${output}`) });
  const told = (afterMs: number) => {
    vi.advanceTimersByTime(afterMs);
    return put.splice(0);
  };
  return { growing, told, town };
}

test('what a call gives is told every three seconds as it is by then, and not again while it stays so (DM-17, P10)', () => {
  const { growing, told } = setUp();
  growing.add(call('one\n'));
  growing.add(call('one\ntwo\n'));
  expect(told(2_999)).toEqual([]);
  expect(told(1)).toEqual(['c1: one\ntwo\n']);
  growing.add(call('one\ntwo\n'));
  growing.add(call('else\n', 'c2'));
  expect(told(3_000)).toEqual(['c2: else\n']);
  expect([told(60_000), vi.getTimerCount()]).toEqual([[], 0]);
});

test('of much only the end is told, from the beginning of a line, and that it is the end', () => {
  const { growing, told } = setUp();
  growing.add(call(Array.from({ length: 2_000 }, (_, at) => `line ${at}`).join('\n')));
  const [text = ''] = told(3_000);
  expect(text.length).toBeLessThan(4_100);
  expect(text).toMatch(/^c1: … \(the end of 18889 characters\)\nline \d+\n[^]*line 1999$/);
});

test('no part of a secret is told: neither its end, where it is cut, nor its beginning, while the rest is to come (I16)', () => {
  const { growing, told } = setUp();
  growing.add(call(`${'x'.repeat(500)}${SECRET}${'y'.repeat(3_990)}`));
  expect(told(3_000).join('')).not.toContain('567890');
  growing.add(call(`key ${SECRET.slice(0, 12)}`));
  expect(told(3_000)).toEqual(['c1: key ']);
  growing.add(call(`key ${SECRET}\n`));
  expect(told(3_000)).toEqual(['c1: key ****\n']);
});

test('a call that was told at its end is not told as it was before; with the run all of it ends', () => {
  const { growing, told } = setUp();
  growing.add(call('half'));
  growing.settle('c1');
  expect(told(3_000)).toEqual([]);
  growing.add(call('half'));
  growing.stop();
  expect([told(60_000), vi.getTimerCount()]).toEqual([[], 0]);
});

test('while other items wait for the town nothing is told in between; then what it is by that time', () => {
  const { growing, told, town } = setUp();
  town.free = false;
  growing.add(call('one'));
  expect(told(30_000)).toEqual([]);
  growing.add(call('one two'));
  town.free = true;
  expect(told(3_000)).toEqual(['c1: one two']);
});
