import { readFileSync } from 'node:fs';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { expect, test } from 'vitest';
import { LIMITS, TranscriptItem } from '@gastown/protocol';
import type { ToolAnswer } from '@gastown/protocol';
import { makeAnswers } from '../runs/answers.ts';
import { logicalTool } from './agent-kind.ts';
import { AGENT_KINDS } from './catalogue.ts';
import { fittingItem } from './fit-item.ts';
import { makeStatusReader } from './status-line.ts';
import { makeTranscript } from './transcript.ts';

/** Recorded from Kilo CLI 7.7.9: a worker's turn, then a turn in which a role that may not work tried to. */
const RECORDED = readFileSync(new URL('fixtures/kilo-updates.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as SessionUpdate);
const fresh = (answers = makeAnswers()) =>
  makeTranscript({ runId: 'run-1', logicalTool: (name) => logicalTool(AGENT_KINDS[0]!, name), answerOf: answers.take });
const text = (kind: 'agent_message_chunk' | 'agent_thought_chunk', messageId: string, said: string): SessionUpdate => ({
  sessionUpdate: kind,
  messageId,
  content: { type: 'text', text: said },
});

test('a recorded turn becomes few items: each message once, each call once, with logical names', () => {
  const transcript = fresh();
  const stored = new Map<string, TranscriptItem>();
  let writes = 0;
  const keep = (items: readonly TranscriptItem[]) => {
    for (const item of items) {
      writes++;
      stored.set(item.id, TranscriptItem.parse(item));
    }
  };
  for (const [at, update] of RECORDED.entries()) keep(transcript.apply(update, at).items);
  keep(transcript.endTurn('end_turn', null, 100));
  const items = [...stored.values()];
  expect(
    items.map((item) => (item.kind === 'tool' ? `${item.tool} ${item.state}` : item.kind === 'assistant' ? item.text : item.kind)),
  ).toEqual([
    '# Working on it\n\nHello there.',
    'bash completed',
    'write completed',
    'write failed',
    'bash failed',
    'bash failed',
    'read failed',
    'todowrite completed',
    'plan',
    'gt_done completed',
    'All **done**.',
    'bash failed',
    'bash completed',
    'write failed',
    'fin',
    'turn_end',
  ]);
  expect(items.find((item) => item.kind === 'tool' && item.tool === 'gt_done')).toMatchObject({
    input: { summary: 'x' },
    output: 'recorded',
  });
  expect(writes).toBeLessThan(40);
});

/** As Kilo CLI 7.7.9 tells the end of a call: of the answer only its texts, joined. */
const ended = (toolCallId: string, said: string, status: 'completed' | 'failed' = 'completed'): SessionUpdate => ({
  sessionUpdate: 'tool_call_update',
  toolCallId,
  status,
  content: [{ type: 'content', content: { type: 'text', text: said } }],
});
const begun = (toolCallId: string, title: string): SessionUpdate => ({
  sessionUpdate: 'tool_call',
  toolCallId,
  title,
  kind: 'other',
  status: 'pending',
  rawInput: {},
});
const slung = (digit: string): ToolAnswer => {
  const id = `gt-${digit.repeat(8)}`;
  return { summary: `Created ${id}.`, data: { bead_id: id }, links: [{ kind: 'bead', id }] };
};
const said = ({ summary, data }: ToolAnswer): string => `${summary}\n\n${JSON.stringify(data, null, 2)}`;

test('a call of the town has the links of its own answer, whichever of two calls ends first (MY-3)', () => {
  const answers = makeAnswers();
  const transcript = fresh(answers);
  for (const id of ['a', 'b']) transcript.apply(begun(id, 'gt_sling'), 1);
  answers.keep('sling', slung('1'));
  answers.keep('sling', slung('2'));
  const told = ['b', 'a'].map((id) => transcript.apply(ended(id, said(slung(id === 'a' ? '1' : '2'))), 2).items[0]);
  expect(told.map((item) => TranscriptItem.parse(item))).toMatchObject([
    { tool: 'gt_sling', answer: { summary: 'Created gt-22222222.', links: [{ kind: 'bead', id: 'gt-22222222' }] } },
    { tool: 'gt_sling', answer: { summary: 'Created gt-11111111.', links: [{ kind: 'bead', id: 'gt-11111111' }] } },
  ]);
});

test('another tool, a refused call and an answer that was given out already have no answer', () => {
  const answers = makeAnswers();
  answers.keep('sling', slung('1'));
  const transcript = fresh(answers);
  const end = (id: string, tool: string, status?: 'failed') => {
    transcript.apply(begun(id, tool), 1);
    return transcript.apply(ended(id, said(slung('1')), status), 2).items[0];
  };
  expect(end('a', 'bash')).toMatchObject({ tool: 'bash', answer: null });
  expect(end('b', 'gt_sling', 'failed')).toMatchObject({ answer: null });
  expect(end('c', 'gt_sling')).toMatchObject({ answer: { summary: 'Created gt-11111111.' } });
  expect(end('d', 'gt_sling')).toMatchObject({ answer: null });
});

test('of answers that nobody fetches only the newest are kept', () => {
  const answers = makeAnswers();
  for (let n = 0; n < 100; n++) answers.keep('prime', { summary: `answer ${n}.`, data: null, links: [] });
  const left = Array.from({ length: 100 }, (_, n) => answers.take('gt_prime', `answer ${n}.`)).filter((told) => told !== null);
  expect(left.map((told) => told.summary)).toEqual(Array.from({ length: 32 }, (_, n) => `answer ${n + 68}.`));
});

test('text grows by offset while it is written and is settled as one item', () => {
  const transcript = fresh();
  expect(transcript.apply(text('agent_message_chunk', 'm1', 'Hel'), 1).grown).toMatchObject({ id: 'run-1-t1', offset: 0, text: 'Hel' });
  expect(transcript.apply(text('agent_message_chunk', 'm1', 'lo'), 2).grown).toMatchObject({ id: 'run-1-t1', offset: 3, text: 'lo' });
  expect(transcript.open()).toMatchObject({ text: 'Hello' });
  expect(transcript.endTurn('end_turn', null, 3)[0]).toEqual({ id: 'run-1-t1', runId: 'run-1', at: 1, kind: 'assistant', text: 'Hello' });
});

test('a message that does not end is settled where an item is full and goes on in the next: nothing of it is lost, and no more than an item is kept (DM-17)', () => {
  const transcript = fresh();
  const most = LIMITS.transcriptItemBytes.value / 4;
  // Its characters are pairs, and one lies across the end of an item.
  const whole = `x${'😀'.repeat(most)}${'y'.repeat(most)}`;
  const items: TranscriptItem[] = [];
  let heard = 0;
  for (const length of [11, most - 12, 3, most + 100, Infinity]) {
    const piece = whole.slice(heard, heard + length);
    heard += piece.length;
    const change = transcript.apply(text('agent_message_chunk', 'm1', piece), 1);
    items.push(...change.items);
    const { id, text: written } = transcript.open()!;
    expect(written.length).toBeLessThanOrEqual(most);
    expect(change.grown).toMatchObject({ id, offset: written.length - change.grown!.text.length });
    expect(written.endsWith(change.grown!.text)).toBe(true);
  }
  items.push(...transcript.endTurn('end_turn', null, 2));
  const texts = items.flatMap((item) => (item.kind === 'assistant' ? [item.text] : []));
  expect(texts.join('')).toBe(whole);
  expect(texts.every((each) => each.isWellFormed() && each.length <= most)).toBe(true);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  for (const item of items) expect(fittingItem(item)).toEqual(item);
});

test('of a line that does not end only a beginning is kept for the status (AG-16)', () => {
  const reader = makeStatusReader();
  expect(reader.add(`#${' '.repeat(5_000)}`)).toBeNull();
  reader.add('beyond');
  expect(reader.add('\n')).toBeNull();
  expect(reader.add('# Working\n')).toBe('Working');
});

test('an output that is too long is cut and says so (DM-17)', () => {
  const transcript = fresh();
  transcript.apply(begun('c', 'bash'), 1);
  const [item] = transcript.apply(ended('c', 'x'.repeat(400_000)), 2).items;
  expect(JSON.stringify(item).length).toBeLessThan(LIMITS.transcriptItemBytes.value);
  expect(item).toMatchObject({ kind: 'tool', output: expect.stringContaining('characters more)') });
});

test('a thought, the answer after it, and text after a tool call are items of their own', () => {
  const transcript = fresh();
  const items = [
    ...transcript.apply(text('agent_thought_chunk', 'm1', 'hm'), 1).items,
    ...transcript.apply(text('agent_message_chunk', 'm1', 'a'), 2).items,
    ...transcript.apply({ sessionUpdate: 'tool_call', toolCallId: 'c', title: 'bash', status: 'pending' }, 3).items,
    ...transcript.apply(text('agent_message_chunk', 'm1', 'b'), 4).items,
    ...transcript.endTurn('cancelled', null, 5),
  ];
  expect(items.map((item) => [item.id, item.kind])).toEqual([
    ['run-1-t1', 'thought'],
    ['run-1-t2', 'assistant'],
    ['run-1-t3', 'assistant'],
    ['run-1-c-c', 'tool'],
    ['run-1-e1', 'turn_end'],
  ]);
  expect(items.find((item) => item.kind === 'tool')).toMatchObject({ state: 'failed', endedAt: 5 });
});

test('a plan replaces the one before it', () => {
  const transcript = fresh();
  const entries = (status: 'pending' | 'completed') =>
    transcript.apply({ sessionUpdate: 'plan', entries: [{ content: 'read', status, priority: 'low' }] }, 1).items;
  expect(entries('pending')).toMatchObject([{ id: 'run-1-plan', entries: [{ text: 'read', state: 'pending' }] }]);
  expect(entries('completed')).toMatchObject([{ id: 'run-1-plan', entries: [{ state: 'completed' }] }]);
});

test('a plan that an agent writes down with a tool of its own is one too, when that was done', () => {
  const transcript = fresh();
  const call = (status: 'in_progress' | 'completed', name: string, rawInput: object) =>
    transcript.apply({ sessionUpdate: 'tool_call_update', toolCallId: name, name, status, rawInput } as SessionUpdate, 2).items;
  const todos = {
    todos: [
      { content: 'read', status: 'in_progress', priority: 'high' },
      { content: 'write', status: 'odd' },
    ],
  };
  expect(call('in_progress', 'todowrite', todos).filter(({ kind }) => kind === 'plan')).toEqual([]);
  expect(call('completed', 'todowrite', todos).at(-1)).toMatchObject({
    kind: 'plan',
    entries: [
      { text: 'read', state: 'in_progress' },
      { text: 'write', state: 'pending' },
    ],
  });
  expect(call('completed', 'update_plan', { plan: [{ step: 'look', status: 'completed' }] }).at(-1)).toMatchObject({ kind: 'plan' });
  expect(call('completed', 'bash', todos).map(({ kind }) => kind)).toEqual(['tool']);
});

test('the status line is the newest finished first-level heading, told once, at most 120 characters (AG-16)', () => {
  const reader = makeStatusReader();
  expect(reader.add('# Read')).toBe(null);
  expect(reader.add('ing it')).toBe(null);
  expect(reader.add('\nmore')).toBe('Reading it');
  expect(reader.add('\n# Reading it\n')).toBe(null);
  expect(reader.add('## Second level\n#no space\n')).toBe(null);
  expect(reader.add('```sh\n# a comment\n```\n')).toBe(null);
  expect(reader.add(`# ${'x'.repeat(300)}\n`)).toHaveLength(120);
  reader.add('# unfinished');
  reader.restart();
  expect(reader.add(' business\n')).toBe(null);
});

test('what a sub-agent says, and what it plans, is not what its agent says and plans', () => {
  const transcript = fresh();
  const _meta = { claudeCode: { parentToolUseId: 'helper' } };
  transcript.apply(
    { sessionUpdate: 'tool_call', toolCallId: 'helper', title: 'task', status: 'in_progress', rawInput: { prompt: 'Look.' } },
    1,
  );
  expect(transcript.apply({ ...text('agent_message_chunk', 'm', 'Looking'), _meta }, 2)).toEqual({ items: [], grown: null });
  const todos = [{ content: 'Look', status: 'pending' }];
  const plan = {
    sessionUpdate: 'tool_call',
    toolCallId: 'p',
    title: 'todowrite',
    status: 'completed',
    rawInput: { todos },
    _meta,
  } as const;
  expect(transcript.apply(plan, 3).items.map(({ kind }) => kind)).toEqual(['tool']);
  expect(transcript.endTurn('end_turn', null, 4).map((item) => (item.kind === 'tool' ? item.tool : item.kind))).toEqual([
    'sub-agent',
    'turn_end',
  ]);
});
