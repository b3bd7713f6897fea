import type { StoredItem } from '@gastown/protocol';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { SubAgentCard } from './SubAgentCard.tsx';
import { linesOf, type ToolItem } from './sub-agents.ts';

const call = (id: string, more: Partial<ToolItem> = {}): ToolItem => ({
  id,
  runId: 'run-1',
  at: 1,
  kind: 'tool',
  tool: 'bash',
  title: `do ${id}`,
  state: 'completed',
  input: {},
  output: null,
  endedAt: 2,
  ...more,
});
const task = (more: Partial<ToolItem> = {}): ToolItem =>
  call('task', { tool: 'sub-agent', title: 'Plant a tree', input: { prompt: 'Plant one.', subagent_type: 'helper' }, ...more });
const stored = (items: readonly ToolItem[]): StoredItem[] => items.map((item, at) => ({ pos: at, rev: at, item }));
const words = (html: string): string => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

test('the calls of a sub-agent stand in its card, wherever they were written; of one that is not loaded they stand in the line (WS-2)', () => {
  const items = stored([
    call('early', { within: 'task' }),
    task(),
    call('own'),
    call('late', { within: 'task' }),
    call('lost', { within: 'other' }),
  ]);
  const { items: line, calls } = linesOf(items);
  expect(line.map(({ item }) => item.id)).toEqual(['task', 'own', 'lost']);
  expect(calls.get('task')?.map(({ id }) => id)).toEqual(['early', 'late']);
  const none = stored([call('own')]);
  expect(linesOf(none).items).toBe(none);
});

test('a sub-agent that names itself, or one that names it back, is hidden nowhere, and no call of a chain is; one that was begun in vain stands with who began it (WS-2)', () => {
  const one = task({ id: 'one', within: 'two' });
  const circles = stored([task({ within: 'task' }), one, task({ id: 'two', within: 'one' }), call('own', { within: 'two' })]);
  expect(linesOf(circles).items).toEqual(circles);
  const inVain = task({ id: 'inner', within: 'task', state: 'failed' });
  const { items: line, calls } = linesOf(stored([task(), inVain, call('deep', { within: 'inner' })]));
  expect(line.map(({ item }) => item.id)).toEqual(['task', 'deep']);
  expect(calls.get('task')).toEqual([inVain]);
});

test('of ten thousand calls a card draws the newest hundred, and says how many there are before them (UI-18)', () => {
  const calls = Array.from({ length: 10_000 }, (_, n) => call(`c${n}`, { within: 'task' }));
  const html = renderToStaticMarkup(<SubAgentCard item={task({ state: 'running', endedAt: null })} calls={calls} />);
  expect(words(html)).toMatch(/10,000 calls .* 9,900 earlier calls .*do c9900 /);
  expect(html.match(/<li/g)).toHaveLength(100);
  expect(words(html)).not.toContain('do c9899');
  const few = renderToStaticMarkup(<SubAgentCard item={task()} calls={calls.slice(0, 100)} />);
  expect(words(few)).not.toContain('earlier');
});

test('a card says what its sub-agent was told, what it does and what it answered; it is open while that goes on (UI-18)', () => {
  const calls = [call('a', { within: 'task', state: 'running', endedAt: null })];
  const running = renderToStaticMarkup(<SubAgentCard item={task({ state: 'running', endedAt: null })} calls={calls} />);
  expect(running).toMatch(/^<details[^>]* open=""/);
  expect(words(running)).toMatch(/Sub-agent Plant a tree 1 call .*Told to helper Plant one\..*bash do a/);
  const output = '<task id="ses_1" state="completed">\n<task_result>\nThe tree stands.\n</task_result>\n</task>';
  const done = renderToStaticMarkup(<SubAgentCard item={task({ output })} calls={[]} />);
  expect(done).not.toMatch(/^<details[^>]* open=""/);
  expect(words(done)).toContain('The tree stands.');
  expect(done).not.toContain('task_result');
});

test('one of which nobody knows how it ended says so, and so do the calls that it was about', () => {
  const calls = [call('a', { within: 'task', state: 'running', endedAt: null }), call('b', { within: 'task' })];
  const cut = renderToStaticMarkup(<SubAgentCard item={task({ state: 'running', endedAt: null })} calls={calls} cut />);
  expect(cut.match(/aria-label="Cut off"/g)).toHaveLength(2);
  expect(cut).not.toMatch(/^<details[^>]* open=""/);
});
