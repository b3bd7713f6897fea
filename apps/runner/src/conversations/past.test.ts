import { expect, test } from 'vitest';
import type { StoredItem, TranscriptItem } from '@gastown/protocol';
import { pastTurns, turnsIn } from './past.ts';

const base = { runId: 'run-1', at: 1 };
const user = (id: string, text: string): TranscriptItem => ({ ...base, id, kind: 'user', text, source: 'person' });
const assistant = (id: string, text: string): TranscriptItem => ({ ...base, id, kind: 'assistant', text });
const tool = (id: string, more: Partial<Extract<TranscriptItem, { kind: 'tool' }>> = {}): TranscriptItem => ({
  ...base,
  id,
  kind: 'tool',
  tool: 'gt_sling',
  title: 'sling',
  state: 'completed',
  input: {},
  output: null,
  endedAt: 2,
  ...more,
});

test('items become turns: text and tools in their order; thoughts, plans and notices are no part of what was said (DR-23)', () => {
  const turns = turnsIn([
    { ...base, id: 'n', kind: 'notice', code: 'started', text: 'A new session.' },
    user('u1', 'hello'),
    { ...base, id: 't', kind: 'thought', text: 'hmm' },
    assistant('a1', 'hi'),
    tool('c1', { answer: { summary: 'Created gt-1.', links: [] } }),
    assistant('a2', 'done'),
    { ...base, id: 'e', kind: 'turn_end', stopReason: 'end_turn', usage: null },
    user('u2', 'only tools'),
    tool('c2', { tool: 'bash', state: 'running' }),
    user('u3', 'cut off'),
  ]);
  expect(turns).toEqual([
    {
      said: 'hello',
      from: 'person',
      answers: [
        { kind: 'text', text: 'hi' },
        { kind: 'tool', tool: 'gt_sling', title: 'sling', outcome: 'Created gt-1.' },
        { kind: 'text', text: 'done' },
      ],
    },
    { said: 'only tools', from: 'person', answers: [{ kind: 'tool', tool: 'bash', title: 'sling', outcome: 'running' }] },
    { said: 'cut off', from: 'person', answers: [] },
  ]);
});

test('pages are read back until there are enough turns, and the last ones are given', async () => {
  const items: StoredItem[] = Array.from({ length: 1_000 }, (_, at) => ({
    pos: at + 1,
    rev: at + 1,
    item: at % 10 === 0 ? user(`u${at}`, `turn ${at / 10}`) : tool(`c${at}`),
  }));
  const asked: (number | null)[] = [];
  const page = (before: number | null, limit: number): Promise<StoredItem[]> => {
    asked.push(before);
    return Promise.resolve(items.filter(({ pos }) => before === null || pos < before).slice(-limit));
  };
  const turns = await pastTurns(page, 50);
  expect(turns.map(({ said }) => said)).toEqual(Array.from({ length: 50 }, (_, at) => `turn ${at + 50}`));
  expect(asked).toEqual([null, 801, 601]);
  expect(await pastTurns(() => Promise.resolve([]), 50)).toEqual([]);
});
