import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SUB_AGENT } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { makeToolCalls } from './tool-calls.ts';
import type { ToolUpdate } from './tool-calls.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function setUp() {
  const asked: string[] = [];
  const calls = makeToolCalls({
    runId: 'run-1',
    logicalTool: (name) => name,
    answerOf(_tool, output) {
      asked.push(output);
      return null;
    },
  });
  return { calls, asked };
}
const begun = (toolCallId: string, rawInput: unknown = {}): ToolUpdate => ({
  sessionUpdate: 'tool_call',
  toolCallId,
  title: 'read',
  kind: 'read',
  status: 'pending',
  rawInput,
});
const changed = (
  toolCallId: string,
  change: Omit<Extract<ToolUpdate, { sessionUpdate: 'tool_call_update' }>, 'sessionUpdate' | 'toolCallId'>,
): ToolUpdate => ({
  sessionUpdate: 'tool_call_update',
  toolCallId,
  ...change,
});
const content = (text: string): { content: NonNullable<ToolUpdate['content']> } => ({
  content: [{ type: 'content', content: { type: 'text', text } }],
});

test('what a call gave while it runs is not stored by itself; it is there to be shown, until the call is over (DM-17)', () => {
  const { calls } = setUp();
  calls.apply(begun('a', { command: 'make' }), 1);
  expect(calls.growing(changed('a', {}))).toBeNull();
  expect(calls.apply(changed('a', { status: 'in_progress', ...content('one\n') }), 2)).toEqual([]);
  expect(calls.growing(changed('a', {}))).toMatchObject({ state: 'running', output: 'one\n', input: { command: 'make' } });
  calls.apply(changed('a', { status: 'completed', ...content('one\ntwo\n') }), 3);
  expect(calls.growing(changed('a', {}))).toBeNull();
});

test('of a thousand calls that are over no input and no output is kept while the turn goes on', () => {
  const { calls } = setUp();
  for (let n = 0; n < 1_000; n++) {
    calls.apply(begun(`c${n}`, { text: 'i'.repeat(50_000) }), n);
    const [item] = calls.apply(changed(`c${n}`, { status: n % 2 === 0 ? 'completed' : 'failed', ...content('o'.repeat(60_000)) }), n);
    expect(item).toMatchObject({ input: { text: 'i'.repeat(50_000) }, output: 'o'.repeat(60_000) });
  }
  const { running, characters } = calls.kept();
  expect(running).toBe(0);
  expect(characters).toBeLessThan(50_000);
});

test('however many calls a turn has, and whether it says how they end or not, what is kept is bounded', () => {
  const { calls } = setUp();
  const told = Array.from({ length: 5_000 }, (_, n) => calls.apply(changed(`done${n}`, { status: 'completed' }), n));
  expect(told.every((items) => items.length === 1)).toBe(true);
  const failed = Array.from({ length: 100 }, (_, n) => calls.apply(begun(`open${n}`), n)).flat();
  expect(calls.kept()).toMatchObject({ running: 64, told: 1_024 });
  expect(failed.map(({ id, state, endedAt }) => [id, state, endedAt])).toEqual(
    Array.from({ length: 36 }, (_, n) => [`run-1-c-open${n}`, 'failed', n + 64]),
  );
  expect(calls.end(9)).toHaveLength(64);
  expect(calls.kept()).toMatchObject({ running: 0, told: 0 });
});

test("what comes of a call after its end tells nothing, takes nobody's answer and does not make it one that failed", () => {
  const { calls, asked } = setUp();
  calls.apply(begun('a'), 1);
  expect(calls.apply(changed('a', { status: 'completed', ...content('done') }), 2)).toMatchObject([{ state: 'completed', output: 'done' }]);
  const late = [
    changed('a', {}),
    changed('a', { status: 'in_progress', rawInput: { other: true } }),
    changed('a', { status: 'completed', ...content('done') }),
    { ...begun('a'), status: 'completed' as const },
  ];
  expect(late.flatMap((update) => calls.apply(update, 3))).toEqual([]);
  expect(calls.end(4)).toEqual([]);
  expect(asked).toEqual(['done']);
});

test('a call that begins anew under the id of one that is over is told like any other', () => {
  const { calls } = setUp();
  calls.apply(changed('a', { status: 'completed', ...content('first') }), 1);
  calls.apply(begun('a'), 2);
  expect(calls.apply(changed('a', { status: 'completed', ...content('second') }), 3)).toMatchObject([
    { at: 2, output: 'second', endedAt: 3 },
  ]);
});

test('a command that ended badly is one that failed, though its program calls it completed (UI-18)', () => {
  const { calls } = setUp();
  const ended = (id: string, rawOutput: unknown) => {
    calls.apply(begun(id), 1);
    return calls.apply(changed(id, { status: 'completed', ...content('said'), rawOutput }), 2)[0]?.state;
  };
  const exit = (code: number | null) => ({ output: 'said', metadata: { output: 'said', exit: code, truncated: false } });
  expect(ended('good', exit(0))).toBe('completed');
  expect(ended('bad', exit(1))).toBe('failed');
  expect(ended('its time was over, or it was interrupted', exit(null))).toBe('failed');
  expect(ended('no command', { output: 'said', metadata: { truncated: false } })).toBe('completed');
  expect(ended('text', 'exit 1')).toBe('completed');
});

test('calls with names, ids and titles of any length keep little in memory', () => {
  const { calls } = setUp();
  const long = (n: number): string => `${n}${'y'.repeat(4_000_000)}`;
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 64; n++) calls.apply({ ...begun(long(n)), title: long(n) }, 1);
  for (let n = 64; n < 128; n++) calls.apply({ ...begun(long(n)), status: 'completed', title: long(n), ...content(long(n)) }, 1);
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(40_000_000);
  expect(calls.kept()).toMatchObject({ running: 64, told: 64 });
  expect(calls.kept().characters).toBeLessThan(200_000);
});

test('the calls of a sub-agent name its item, whoever tells them, and end with it; a call with its input is told at once', () => {
  const { calls } = setUp();
  calls.apply(begun('helper'), 1);
  const byPlugin = { ...begun('a', { command: 'ls' }), _meta: { gastown: { within: 'helper' } } };
  const byAdapter = { ...begun('b', { command: 'pwd' }), _meta: { claudeCode: { parentToolUseId: 'helper' } } };
  expect([byPlugin, byAdapter].flatMap((update) => calls.apply(update, 2))).toMatchObject([
    { id: 'run-1-c-a', within: 'run-1-c-helper', state: 'running' },
    { id: 'run-1-c-b', within: 'run-1-c-helper', state: 'running' },
  ]);
  expect(calls.apply(changed('b', { status: 'completed' }), 3)).toMatchObject([{ within: 'run-1-c-helper', state: 'completed' }]);
  const over = calls.apply(changed('helper', { status: 'completed', ...content('done') }), 4);
  expect(over).toMatchObject([
    { id: 'run-1-c-a', state: 'failed', endedAt: 4 },
    { id: 'run-1-c-helper', state: 'completed' },
  ]);
  expect(over[1]).not.toHaveProperty('within');
});

test('sub-agents whose calls are more at once than are kept are not told as failed: each is told with its answer (AG-10)', () => {
  const { calls } = setUp();
  const helpers = ['h0', 'h1', 'h2', 'h3'];
  for (const id of helpers) calls.apply({ ...begun(id), name: SUB_AGENT }, 1);
  const many = helpers.flatMap((helper) => Array.from({ length: 60 }, (_, n) => ({ id: `${helper}-${n}`, helper })));
  const told = many.flatMap(({ id, helper }) => calls.apply({ ...begun(id), _meta: { gastown: { within: helper } } }, 2));
  expect(told.filter(({ tool }) => tool === SUB_AGENT)).toEqual([]);
  expect(calls.kept().running).toBe(64);
  for (const id of helpers)
    expect(calls.apply(changed(id, { status: 'completed', ...content('done') }), 3).at(-1)).toMatchObject({
      id: `run-1-c-${id}`,
      state: 'completed',
      output: 'done',
    });
  for (let n = 0; n < 65; n++) calls.apply({ ...begun(`more${n}`), name: SUB_AGENT }, 4);
  expect(calls.kept().running).toBe(64);
});

test('a call that failed keeps the title that it had, where it is titled by its tool again', () => {
  const { calls } = setUp();
  calls.apply(begun('a'), 1);
  calls.apply(changed('a', { title: 'Look at the parser', status: 'in_progress' }), 2);
  expect(calls.apply(changed('a', { title: 'read', status: 'failed' }), 3)).toMatchObject([
    { title: 'Look at the parser', state: 'failed' },
  ]);
});
