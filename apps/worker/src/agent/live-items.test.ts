import { describe, expect, it } from 'vitest';
import { LiveItems } from './live-items.ts';

const frame = (offset: number, text: string, id = 'a') => ({
  t: 'live' as const,
  id,
  runId: 'run-1',
  kind: 'assistant' as const,
  offset,
  text,
  at: 1,
});

/** A watcher does what the page does: text at its offset. */
function watcher() {
  let text = '';
  return {
    take: (out: ReturnType<LiveItems['add']>) => {
      if (!out) return;
      expect(out.offset === 0 || out.offset === text.length).toBe(true);
      text = text.slice(0, out.offset) + out.text;
    },
    text: () => text,
  };
}

describe('live items', () => {
  it('reach a late watcher from their beginning', () => {
    const live = new LiveItems();
    live.add(frame(0, 'Hello '));
    live.add(frame(6, 'world'));
    expect(live.all()).toMatchObject([{ offset: 0, text: 'Hello world' }]);
    live.settle('a');
    expect(live.all()).toEqual([]);
  });

  it('pass each piece on once, also when it is sent again or overlaps', () => {
    const live = new LiveItems();
    const seen = watcher();
    for (const [offset, text] of [
      [0, 'abc'],
      [3, 'def'],
      [3, 'def'],
      [4, 'efgh'],
      [8, 'i'],
    ] as const)
      seen.take(live.add(frame(offset, text)));
    expect(seen.text()).toBe('abcdefghi');
  });

  it('are sent anew from offset 0 after a gap, and go on from there', () => {
    const live = new LiveItems();
    const seen = watcher();
    seen.take(live.add(frame(100, 'tail')));
    seen.take(live.add(frame(104, ' goes on')));
    expect(seen.text()).toBe('… tail goes on');
    seen.take(live.add(frame(200, 'later')));
    seen.take(live.add(frame(205, '!')));
    expect(seen.text()).toBe('… later!');
    expect(live.all()).toMatchObject([{ offset: 0, text: '… later!' }]);
  });

  it('never hold more than their limit', () => {
    const live = new LiveItems(100);
    const seen = watcher();
    for (let offset = 0; offset < 1_000; offset += 30) seen.take(live.add(frame(offset, 'x'.repeat(30))));
    expect(seen.text().length).toBeLessThanOrEqual(100);
    expect(live.all()[0]!.text).toBe(seen.text());
  });
});

it('items that are begun and never settled do not add up without end: the oldest goes', () => {
  const items = new LiveItems();
  for (let n = 0; n < 500; n += 1) items.add(frame(0, `text ${n}`, `item-${n}`));
  expect(items.all()).toHaveLength(64);
  expect(items.all().at(-1)?.text).toBe('text 499');
  items.add(frame(8, ' goes on', 'item-499'));
  expect(items.all().at(-1)?.text).toBe('text 499 goes on');
});
