import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Keys } from './keys.ts';
import { Recent } from './recent.ts';
import { Watchers } from './watchers.ts';

const limits = { window: 100, lag: 300 };

test('output flows while the fastest watcher has credit, and when nobody watches', () => {
  const watchers = new Watchers(limits);
  expect(watchers.mayFlow()).toBe(true);
  watchers.join(1, 0);
  watchers.join(2, 0);
  expect(watchers.pass(100)).toEqual([1, 2]);
  expect(watchers.mayFlow()).toBe(false);
  watchers.shown(1, 50);
  expect(watchers.mayFlow()).toBe(true);
});

test('who falls far behind gets nothing more, then the screen as it is, and holds nobody up', () => {
  const watchers = new Watchers(limits);
  watchers.join(1, 0);
  watchers.join(2, 0);
  for (let end = 100; end <= 400; end += 100) {
    watchers.pass(end);
    watchers.shown(1, end);
    expect(watchers.mayFlow()).toBe(true);
  }
  expect(watchers.pass(500)).toEqual([1]);
  expect(watchers.shown(2, 200)).toBe(false);
  expect(watchers.shown(2, 300)).toBe(true);
  watchers.join(2, 500);
  expect(watchers.pass(600)).toEqual([1, 2]);
});

test('watchers who show nothing are given up on, and the program goes on', () => {
  const watchers = new Watchers(limits);
  watchers.join(1, 0);
  watchers.pass(100);
  expect(watchers.mayFlow()).toBe(false);
  watchers.giveUpOnAll();
  expect(watchers.mayFlow()).toBe(true);
  expect(watchers.pass(200)).toEqual([]);
  expect(watchers.shown(1, 100)).toBe(true);
});

test('the newest bytes are found by their place, and no others', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })), fc.nat(600), (pieces, offset) => {
      const recent = new Recent(64);
      for (const piece of pieces) recent.add(piece);
      const all = Buffer.concat(pieces);
      expect(recent.end).toBe(all.byteLength);
      const isHere = offset <= all.byteLength && all.byteLength - offset <= 64;
      const found = recent.from(offset);
      expect(found === null ? null : Buffer.from(found)).toEqual(isHere || found !== null ? all.subarray(offset) : null);
      expect(isHere && found === null).toBe(false);
    }),
  );
});

test('what was typed and comes again, whole or in part, is taken once (WS-8)', () => {
  const keys = new Keys();
  const take = (number: number, text: string): string | null => {
    const taken = keys.take('page', { number, bytes: Buffer.from(text) });
    return taken && Buffer.from(taken).toString();
  };
  expect([take(0, 'abc'), take(0, 'abc'), take(1, 'bcde'), take(9, 'x'), take(5, '!')]).toEqual(['abc', null, 'de', null, '!']);
  expect(keys.taken('page')).toBe(6);
  expect(keys.taken('another')).toBe(0);
});
