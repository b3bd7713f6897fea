import { describe, expect, it } from 'vitest';
import type { StoredItem, StreamOut } from '@gastown/protocol';
import { EMPTY, applyFrame, prependOlder, type Transcript } from './merge.ts';

const item = (pos: number, rev: number, id: string, text: string): StoredItem => ({
  pos,
  rev,
  item: { id, runId: 'run-1', at: pos, kind: 'assistant', text },
});
const end = (pos: number, rev: number): StoredItem => ({
  pos,
  rev,
  item: { id: `end-${pos}`, runId: 'run-1', at: pos, kind: 'turn_end', stopReason: 'end_turn', usage: null },
});
const items = (rev: number, list: StoredItem[], more = false): StreamOut => ({ t: 'items', rev, items: list, more });
const live = (id: string, offset: number, text: string): StreamOut => ({
  t: 'live',
  id,
  runId: 'run-1',
  kind: 'assistant',
  offset,
  text,
  at: 1,
});
const play = (...frames: StreamOut[]): Transcript => frames.reduce(applyFrame, EMPTY);
const texts = (transcript: Transcript) => transcript.items.map(({ item: held }) => (held.kind === 'assistant' ? held.text : held.kind));

describe('the transcript', () => {
  it('shows items by their place, whatever order they came in', () => {
    expect(texts(play(items(3, [item(3, 3, 'c', 'C'), item(1, 1, 'a', 'A')]), items(4, [item(2, 4, 'b', 'B')])))).toEqual(['A', 'B', 'C']);
  });

  it('replaces an item by a newer write and never by an older one', () => {
    const transcript = play(items(2, [item(1, 2, 'a', 'newer')]), items(2, [item(1, 1, 'a', 'older')]));
    expect(texts(transcript)).toEqual(['newer']);
    expect(texts(applyFrame(transcript, items(5, [item(1, 5, 'a', 'newest')])))).toEqual(['newest']);
  });

  it('begins anew where the town does not say what followed: no gap, older items by request, and the text in writing stays (T3)', () => {
    const held = play(items(2, [item(1, 1, 'a', 'A'), item(2, 2, 'b', 'B')]), live('open', 0, 'Hel'));
    const anew = applyFrame(held, { t: 'items', rev: 90, items: [item(80, 90, 'z', 'Z')], more: true, anew: true });
    expect(texts(anew)).toEqual(['Z']);
    expect(anew).toMatchObject({ rev: 90, more: true, live: [{ text: 'Hel' }] });
    // The store is another, with fewer revisions.
    expect(applyFrame(anew, { t: 'items', rev: 3, items: [item(1, 3, 'a', 'A')], more: false, anew: true }).rev).toBe(3);
  });

  it('keeps the object of an item that did not change, so that its block renders once', () => {
    const first = play(items(1, [item(1, 1, 'a', 'A')]));
    const next = applyFrame(first, items(2, [item(2, 2, 'b', 'B')]));
    expect(next.items[0]).toBe(first.items[0]);
  });

  it('grows text in writing and gives way to the settled item', () => {
    const writing = play(items(0, []), live('x', 0, 'Hel'), live('x', 3, 'lo'));
    expect(writing.live.map((text) => text.text)).toEqual(['Hello']);
    const settled = applyFrame(writing, items(1, [item(1, 1, 'x', 'Hello.')]));
    expect(settled.live).toEqual([]);
    expect(texts(settled)).toEqual(['Hello.']);
    expect(applyFrame(settled, live('x', 5, '.'))).toBe(settled);
  });

  it('takes the same piece twice without doubling it', () => {
    expect(play(items(0, []), live('x', 0, 'Hello'), live('x', 3, 'lo'), live('x', 5, '!')).live[0]?.text).toBe('Hello!');
  });

  it('starts the text anew behind a hole and remembers where', () => {
    expect(play(items(0, []), live('x', 0, 'Hel'), live('x', 40, 'tail')).live[0]).toMatchObject({ base: 40, text: 'tail' });
  });

  it('drops text in writing when its turn ends without settling it', () => {
    expect(play(items(0, []), live('x', 0, 'half'), items(2, [end(2, 2)])).live).toEqual([]);
  });

  it('adds older pages in front, and knows when there are no more', () => {
    const transcript = play(items(9, [item(5, 9, 'e', 'E')], true));
    expect(transcript.more).toBe(true);
    const older = prependOlder(transcript, [item(1, 1, 'a', 'A')], false);
    expect(texts(older)).toEqual(['A', 'E']);
    expect(older.more).toBe(false);
    expect(applyFrame(older, items(10, [item(6, 10, 'f', 'F')], true)).more).toBe(false);
  });

  it('makes no gap when an item older than what is loaded is written anew: it waits for the pages between', () => {
    const begun = play(items(9, [item(5, 9, 'e', 'E')], true), items(10, [item(2, 10, 'plan', 'new plan')], true));
    expect(texts(begun)).toEqual(['E']);
    expect(begun.rev).toBe(10);
    const nearer = prependOlder(begun, [item(3, 3, 'c', 'C'), item(4, 4, 'd', 'D')], true);
    expect(texts(nearer)).toEqual(['C', 'D', 'E']);
    const whole = prependOlder(nearer, [item(1, 1, 'a', 'A'), item(2, 2, 'plan', 'old plan')], true);
    expect(texts(whole)).toEqual(['A', 'new plan', 'C', 'D', 'E']);
    expect(texts(applyFrame(whole, items(11, [item(2, 11, 'plan', 'newest plan')], true)))).toEqual(['A', 'newest plan', 'C', 'D', 'E']);
  });

  it('shows what waited when there are no older pages, and settles its text in writing meanwhile', () => {
    const begun = play(items(9, [item(5, 9, 'e', 'E')], true), live('x', 0, 'Hel'), items(10, [item(2, 10, 'x', 'Hello.')], true));
    expect(begun.live).toEqual([]);
    expect(applyFrame(begun, live('x', 5, '.')).live).toEqual([]);
    expect(texts(prependOlder(begun, [], false))).toEqual(['Hello.', 'E']);
  });
});
