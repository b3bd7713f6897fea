import type { WaitCode } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { expect, test } from 'vitest';
import { notReady } from './not-ready.ts';

const wait = (code: WaitCode, ref: string | null = null) => ({ code, ref, until: null });
const [shop, api] = ['rig-1a2b3c4d', 'rig-2b3c4d5e'];
const convoys = new Map([
  ['cv-00000001', { status: 'staged', paused: false } as const],
  ['cv-00000002', { status: 'open', paused: true } as const],
]);
const beads = [
  aBead({ id: 'gt-01', rigId: api, hold: 'staged', wait: wait('staged') }),
  aBead({ id: 'gt-02', rigId: shop, hold: 'staged', deferUntil: 5, wait: wait('staged') }),
  aBead({ id: 'gt-03', rigId: shop, hold: 'staged', wait: wait('blocked_by_open', 'gt-1') }),
  aBead({ id: 'gt-04', rigId: shop, convoyId: 'cv-00000001', wait: wait('staged', 'cv-00000001') }),
  aBead({ id: 'gt-05', rigId: shop, convoyId: 'cv-00000002', wait: wait('convoy_paused', 'cv-00000002') }),
  aBead({ id: 'gt-06', rigId: shop, deferUntil: 5, wait: wait('deferred') }),
  aBead({ id: 'gt-07', rigId: shop, wait: wait('parent_deferred', 'gt-06') }),
  aBead({ id: 'gt-08', rigId: shop, wait: wait('blocked_by_failed', 'gt-90') }),
  aBead({ id: 'gt-09', rigId: shop, wait: wait('waits_for_children', 'gt-91') }),
  aBead({ id: 'gt-10', rigId: shop, hold: 'pinned', wait: wait('held') }),
  aBead({ id: 'gt-11', rigId: shop, status: 'closed' }),
  aBead({ id: 'gt-12', rigId: shop, status: 'in_progress', ready: true }),
];

test('a board on which nothing is ready counts each open bead once, by what keeps it (I10; issue, Build 6)', () => {
  const told = notReady(beads, { ready: true }, convoys)!;
  expect(told).toEqual({ planned: { [shop]: 2, [api]: 1 }, inConvoys: 1, pausedConvoys: 1, putOff: 2, blocked: 2, held: 1 });
});

test('it speaks of what the board is narrowed to, and only where nothing there is ready', () => {
  expect(notReady(beads, { ready: true, rig: api }, convoys)?.planned).toEqual({ [api]: 1 });
  expect(notReady(beads, {}, convoys)).toBeNull();
  const some = [...beads, aBead({ id: 'gt-13', rigId: shop, ready: true, wait: wait('town_paused') })];
  expect(notReady(some, { ready: true }, convoys)).toBeNull();
  expect(notReady(some, { ready: true, rig: api }, convoys)).not.toBeNull();
});
