import { describe, expect, it } from 'vitest';
import { AgentRow, type AgentStatus } from '@gastown/protocol';
import { duration, money, when } from './format.ts';
import { byActivity } from './ordering.ts';

const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 0 };
const agent = (name: string, status: AgentStatus, lastActivityAt: number | null) =>
  AgentRow.parse({
    id: 'ag-00000001',
    name,
    role: 'polecat',
    identity: name,
    rigId: null,
    status,
    beadId: null,
    runId: null,
    statusLine: null,
    lastActivityAt,
    createdAt: 1,
    usage,
  });

describe('orders and figures', () => {
  it('lists agents active first, ties by last activity (AG-17)', () => {
    const list = [
      agent('exited', 'exited', 9),
      agent('idle', 'idle', 8),
      agent('starting', 'starting', 7),
      agent('older', 'working', 1),
      agent('newer', 'working', 2),
      agent('failed', 'failed', 3),
    ];
    expect(list.toSorted(byActivity).map((row) => row.name)).toEqual(['newer', 'older', 'starting', 'idle', 'exited', 'failed']);
  });

  it('writes money so that small sums stay true', () => {
    expect([0, 12_300, 612_300, 7_604_200].map(money)).toEqual(['$0.00', '$0.0123', '$0.61', '$7.60']);
  });

  it('writes durations in two figures', () => {
    expect([42, 8_412, 21_904, 93_000, 3_720_000].map(duration)).toEqual(['42 ms', '8.4 s', '21 s', '1 m 33 s', '1 h 02 m']);
  });

  it('dates what is not of today', () => {
    const now = new Date(2026, 10, 22, 12, 0).getTime();
    expect(when(new Date(2026, 10, 22, 9, 5).getTime(), now)).toBe('09:05');
    expect(when(new Date(2026, 10, 3, 12, 31).getTime(), now)).toBe('3 Nov 12:31');
  });
});
