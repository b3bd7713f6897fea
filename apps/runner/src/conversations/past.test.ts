import { expect, test } from 'vitest';
import type { RunId, StoredItem, TranscriptItem } from '@gastown/protocol';
import { isUntold, pastTurns, turnsIn } from './past.ts';

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

test('the turns of one run alone are asked for no further than it goes, and end where another began (AG-24)', async () => {
  const of = (runId: string, item: TranscriptItem): TranscriptItem => ({ ...item, runId });
  const items = [user('u1', 'of another'), assistant('a1', 'of another'), ...['u2', 'u3'].map((id) => of('run-2', user(id, id)))];
  const asked: (number | null)[] = [];
  const page = (before: number | null) => {
    asked.push(before);
    const older = items.map((item, at): StoredItem => ({ pos: at + 1, rev: at + 1, item })).filter(({ pos }) => pos < (before ?? Infinity));
    return Promise.resolve(older.slice(-1));
  };
  const turns = await pastTurns(page, 50, 'run-2' as RunId);
  expect(turns.map(({ said }) => said)).toEqual(['u2', 'u3']);
  expect(asked).toEqual([null, 4, 3]);
});

test('a session that began in the place of a lost one is untold until anything was said to it (DR-23)', () => {
  const notice = (code: string): TranscriptItem => ({ ...base, id: code, kind: 'notice', code, text: code });
  const anew = [user('u1', 'hello'), assistant('a1', 'hi'), notice('session_lost'), notice('runner_lost')];
  expect(isUntold(anew)).toBe(true);
  expect(isUntold([...anew, user('u2', 'and?')])).toBe(false);
  expect(isUntold([user('u1', 'hello'), notice('session_full')])).toBe(true);
  expect(isUntold([user('u1', 'hello'), notice('resumed')])).toBe(false);
  expect(isUntold([notice('started')])).toBe(false);
  expect(isUntold([])).toBe(false);
});
