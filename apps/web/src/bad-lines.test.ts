import { EventRow, LIMITS } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { onBadLines } from './bad-lines.ts';
import { TownConnection } from './replica/connection.ts';

const event = (id: number, type: string) =>
  EventRow.parse({ id, at: id, type, beadId: null, agentId: null, actor: 'Ada', before: null, after: null, data: {} });

test('the lines are looked at again when the feed tells of them, and not when it forgets that it did (issue, Build 6)', () => {
  const connection = new TownConnection('t');
  let rev = 0;
  const tell = (...events: EventRow[]) => {
    rev += 1;
    connection.replica.apply({ t: 'delta', rev, epoch: 'e1', put: { events }, drop: {} });
  };
  tell(event(1, 'lines_quarantined'), event(2, 'created'));
  let looks = 0;
  const leave = onBadLines(connection, () => (looks += 1));
  tell(event(3, 'created'));
  expect(looks).toBe(0);
  tell(event(4, 'lines_discarded'));
  tell(event(5, 'lines_mended'));
  expect(looks).toBe(2);
  for (let id = 6; id < 6 + 2 * LIMITS.feedEvents.value; id += 1) tell(event(id, 'created'));
  expect(looks).toBe(2);
  tell(event(1_000, 'lines_quarantined'));
  expect(looks).toBe(3);
  leave();
  tell(event(1_001, 'lines_quarantined'));
  expect(looks).toBe(3);
});

test('they are looked at again when the link is back: the feed may have missed what became of them', () => {
  const connection = new TownConnection('t');
  const listeners = new Set<() => void>();
  connection.onLink = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  let looks = 0;
  const leave = onBadLines(connection, () => (looks += 1));
  for (const link of [{ state: 'offline', since: 1, failures: 1 }, { state: 'live' }] as const) {
    connection.link = link;
    for (const listener of listeners) listener();
  }
  expect(looks).toBe(1);
  leave();
  expect(listeners.size).toBe(0);
});
