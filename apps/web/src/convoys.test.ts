import { expect, test } from 'vitest';
import { ConvoyRow, NO_USAGE } from '@gastown/protocol';
import { byConvoy, closeWords, convoySign, convoyWhy, createdWords, titlesOf, wavesOf } from './convoys.ts';
import { aBead } from '@gastown/protocol/testing';

const convoy = (change: object = {}) =>
  ConvoyRow.parse({
    id: 'cv-1a2b3c4d',
    title: 'c',
    status: 'open',
    paused: false,
    mergeMode: 'review-and-merge',
    total: 3,
    closed: 1,
    failed: 0,
    usage: NO_USAGE,
    wait: null,
    createdBy: 'Mayor',
    createdAt: 1,
    landedAt: null,
    archivedAt: null,
    ...change,
  });

test('a convoy says what holds it before it says that it moves (CV-11, CV-17)', () => {
  expect(convoySign(convoy()).word).toBe('On its way');
  expect(convoySign(convoy({ paused: true })).word).toBe('Paused');
  expect(convoySign(convoy({ failed: 1 }))).toEqual({ signal: 'waiting_for_you', word: 'Blocked' });
  expect(convoySign(convoy({ paused: true, failed: 1 }))).toEqual({ signal: 'waiting_for_you', word: 'Paused, blocked' });
  expect(convoySign(convoy({ status: 'staged', failed: 1 })).word).toBe('Planned');
  expect(convoySign(convoy({ status: 'landed' }))).toMatchObject({ word: 'Landed', done: true });
});

test('a convoy whose beads are all planned is not on its way, and says what begins them (I10)', () => {
  expect(convoySign(convoy(), undefined, 2)).toEqual({ signal: 'idle', word: 'Beads planned' });
  expect(convoySign(convoy(), undefined, 1).word).toBe('On its way');
  expect(convoySign(convoy({ closed: 3 }), undefined, 0).word).toBe('Open');
  expect(convoyWhy(convoy(), () => undefined, 2)).toMatch(/planned: nothing of it begins/);
  expect(convoyWhy(convoy(), () => undefined, 1)).toBeNull();
});

test('a convoy that is paused and blocked says both (I10)', () => {
  const why = (change: object) => convoyWhy(convoy(change), () => undefined);
  const blocked = { failed: 2, wait: { code: 'blocked_by_failed', ref: 'gt-1', until: null } };
  expect(why({ ...blocked, paused: true })).toMatch(/^Paused; blocked by failed bead gt-1: retry it/);
  expect(why(blocked)).toMatch(/^Blocked by failed bead gt-1/);
  expect(why({ paused: true, wait: { code: 'convoy_paused', ref: 'cv-1a2b3c4d', until: null } })).toMatch(/^Paused: what is at work/);
  expect(why({ ...blocked, paused: true, status: 'cancelled' })).toBeNull();
});

test('to close a convoy asks with what is open and what failed, told apart (CV-22; issue, Build 6)', () => {
  const said = (total: number, closed: number, failed: number) => closeWords({ total, closed, failed });
  expect(said(4, 1, 2)).toBe('Close it with 1 open and 2 failed beads?');
  expect(said(2, 1, 0)).toBe('Close it with 1 open bead?');
  expect(said(3, 1, 2)).toBe('Close it with 2 failed beads?');
  expect(said(2, 2, 0)).toBe('Close it?');
});

test('a convoy that is started tells what of it stays planned (CV-16; issue, Build 6)', () => {
  expect(createdWords(0)).toBe('Convoy started');
  expect(createdWords(1)).toBe('Convoy started; 1 of its beads is still planned');
  expect(createdWords(2)).toBe('Convoy started; 2 of its beads are still planned');
});

test('in a town that is paused or stopped an open convoy says so (I10)', () => {
  const [paused, stopped] = [
    { paused: true, stopped: false },
    { paused: true, stopped: true },
  ];
  expect(convoySign(convoy(), paused)).toEqual({ signal: 'idle', word: 'Town paused' });
  expect(convoySign(convoy(), stopped).word).toBe('Town stopped');
  expect(convoySign(convoy(), { paused: false, stopped: false }).word).toBe('On its way');
  expect(convoySign(convoy({ status: 'staged' }), paused).word).toBe('Planned');
  expect(convoySign(convoy({ status: 'landed' }), paused).word).toBe('Landed');
});

test('what moves stands before what is planned and what is over', () => {
  const list = [
    convoy({ id: 'cv-00000001', status: 'landed', landedAt: 9 }),
    convoy({ id: 'cv-00000002', status: 'staged' }),
    convoy({ id: 'cv-00000003', createdAt: 2 }),
    convoy({ id: 'cv-00000004', createdAt: 5 }),
  ];
  expect(list.toSorted(byConvoy).map(({ id }) => id.at(-1))).toEqual(['4', '3', '2', '1']);
});

const after = (id: string, ...others: string[]) => aBead({ id, dependsOn: others.map((other) => ({ id: other, type: 'blocks' })) });
test('each wave waits only for the waves before it (CV-18)', () => {
  const beads = [after('gt-c', 'gt-a', 'gt-b'), after('gt-b', 'gt-a'), after('gt-a', 'gt-elsewhere'), after('gt-d')];
  expect(wavesOf(beads).map((wave) => wave.map(({ id }) => id).toSorted())).toEqual([['gt-a', 'gt-d'], ['gt-b'], ['gt-c']]);
});

test('a circle that came in from outside is shown, not walked for ever', () => {
  expect(wavesOf([after('gt-a', 'gt-b'), after('gt-b', 'gt-a')])).toHaveLength(1);
});

test('a pasted list becomes titles', () => expect(titlesOf('- Form\n\n2. Tests\n  Docs ')).toEqual(['Form', 'Tests', 'Docs']));
