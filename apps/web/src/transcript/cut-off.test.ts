import type { RunRow, TranscriptItem } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { cutOff } from './cut-off.ts';

const call = (id: string, runId: string, state: 'running' | 'completed' = 'running') =>
  ({ id, runId, kind: 'tool', state }) as TranscriptItem;
const said = (id: string, runId: string, kind: 'assistant' | 'turn_end' = 'assistant') => ({ id, runId, kind }) as TranscriptItem;
const runs = (of: Record<string, number | null>) =>
  new Map(Object.entries(of).map(([id, endedAt]): [string, Pick<RunRow, 'endedAt'>] => [id, { endedAt }]));

test('a call whose run ended in its midst is cut off, and not at work for ever (I6, UI-18)', () => {
  const items = [call('a', 'run-1', 'completed'), call('b', 'run-1'), said('c', 'run-2'), call('d', 'run-2')];
  expect([...cutOff(items, runs({ 'run-1': 5, 'run-2': null }))]).toEqual(['b']);
  expect([...cutOff(items, runs({ 'run-1': 5, 'run-2': 7 }))].toSorted()).toEqual(['b', 'd']);
});

test('so is one whose turn is over, or whose run is long forgotten and followed by another', () => {
  expect([...cutOff([call('a', 'run-1'), said('b', 'run-1', 'turn_end'), call('c', 'run-1')], runs({ 'run-1': null }))]).toEqual(['a']);
  expect([...cutOff([call('a', 'run-1'), said('b', 'run-2')], runs({}))]).toEqual(['a']);
});

test('one that may still run is at work, also before the page has heard of its run', () => {
  expect([...cutOff([call('a', 'run-1')], runs({}))]).toEqual([]);
  expect([...cutOff([said('a', 'run-1', 'turn_end'), call('b', 'run-1')], runs({ 'run-1': null }))]).toEqual([]);
});
