import { describe, expect, it, test } from 'vitest';
import { AgentRow, type AgentStatus, type WaitCode } from '@gastown/protocol';
import { duration, money, when } from './format.ts';
import { byActivity, columnOf, countOf, standingOf, standingsOf, wordsOf } from './ordering.ts';
import { aBead } from '@gastown/protocol/testing';

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
    asks: null,
    statusLine: null,
    paused: false,
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
    expect(when(new Date(2030, 0, 2, 9, 0).getTime(), now)).toBe('2 Jan 2030 09:00');
  });
});

describe('the filters of the board', () => {
  const beads = [
    aBead({ id: 'gt-1', kind: 'bug', labels: ['api'] }),
    aBead({ id: 'gt-2', labels: ['docs', 'api'] }),
    aBead({ id: 'gt-3', kind: 'bug', archivedAt: 5 }),
    aBead({ id: 'gt-4', status: 'closed', kind: 'bug' }),
    aBead({ id: 'es-1', type: 'escalation', kind: 'bug' }),
  ];
  const shown = (filter: Parameters<typeof columnOf>[2]) => columnOf(beads, 'open', filter).map((bead) => bead.id);

  it('shows what is archived only when asked (AR-2)', () => {
    expect(shown({})).toEqual(['gt-1', 'gt-2']);
    expect(shown({ archived: true })).toEqual(['gt-1', 'gt-2', 'gt-3']);
  });

  it('narrows by kind and by label', () => {
    expect(shown({ kind: 'bug' })).toEqual(['gt-1']);
    expect(shown({ label: 'api' })).toEqual(['gt-1', 'gt-2']);
    expect(shown({ label: 'api', kind: 'task' })).toEqual(['gt-2']);
  });

  it('offers the words that are in use, each once', () => {
    expect(wordsOf(beads)).toEqual({ kinds: ['bug', 'task'], labels: ['api', 'docs'] });
  });
});

it('the count of closed beads claims no sum where older ones are not loaded; other columns are always whole', () => {
  const none = { closed: false, archived: false };
  expect(countOf(500, 'closed', {}, none)).toEqual({ figure: '500', older: null });
  expect(countOf(500, 'closed', {}, { closed: true, archived: false })).toEqual({
    figure: '500+',
    older: expect.stringMatching(/not loaded/),
  });
  expect(countOf(12, 'closed', { q: 'x' }, { closed: true, archived: false }).figure).toBe('12+');
  expect(countOf(3, 'closed', {}, { closed: false, archived: true }).figure).toBe('3');
  expect(countOf(3, 'closed', { archived: true }, { closed: false, archived: true }).figure).toBe('3+');
  for (const status of ['open', 'in_progress', 'in_review', 'failed'] as const)
    expect(countOf(7, status, { archived: true }, { closed: true, archived: true })).toEqual({ figure: '7', older: null });
});

test('counts as queued only what could start; blocked, staged and held work are told apart or not at all', () => {
  const waits = (code: WaitCode | null, over = {}) => aBead({ ...over, wait: code && { code, ref: null, until: null } });
  const beads = [
    waits('no_slot'),
    waits('retry_later'),
    waits('blocked_by_open'),
    waits('blocked_by_failed'),
    waits('staged', { hold: 'staged' }),
    waits('staged', { convoyId: 'cv-00000001' }),
    waits('convoy_paused', { convoyId: 'cv-00000002' }),
    waits('town_stopped'),
    waits('runner_away'),
    waits('model_held'),
    waits('deferred', { hold: 'deferred' }),
    waits('not_dispatched', { kind: 'epic' }),
    waits('needs_person'),
    waits('agent_working', { status: 'in_progress' }),
    waits(null, { archivedAt: 5 }),
  ];
  expect(beads.map(standingOf)).toEqual([
    'queued',
    'queued',
    'blocked',
    'blocked',
    'staged',
    'staged',
    'held',
    'held',
    'held',
    'held',
    'held',
    'held',
    'waiting for you',
    null,
    null,
  ]);
  expect(standingsOf(beads)).toEqual(['2 queued', '1 waiting for you', '2 blocked', '2 staged']);
  expect(standingsOf([])).toEqual([]);
});
