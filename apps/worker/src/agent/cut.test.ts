import { LIMITS, TranscriptItem } from '@gastown/protocol';
import { describe, expect, it } from 'vitest';
import { cutItem } from './cut.ts';

const base = { id: 'x', runId: 'run-1', at: 1 };
const size = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).byteLength;
const huge = '\u0001ü'.repeat(300_000);

describe('transcript items that are too long (DM-17)', () => {
  const items: TranscriptItem[] = [
    { ...base, kind: 'assistant', text: huge },
    { ...base, kind: 'user', text: huge, source: 'you' },
    { ...base, kind: 'notice', code: 'x', text: huge },
    { ...base, kind: 'tool', tool: 'bash', title: huge, state: 'completed', input: { command: huge }, output: huge, endedAt: 2 },
    { ...base, kind: 'plan', entries: Array.from({ length: 1_000 }, () => ({ text: huge.slice(0, 3_000), state: 'pending' as const })) },
  ];
  it.each(items.map((item) => [item.kind, item] as const))('%s is cut to the limit and stays a valid item', (_kind, item) => {
    const cut = cutItem(item);
    expect(size(item)).toBeGreaterThan(LIMITS.transcriptItemBytes.value);
    expect(size(cut)).toBeLessThanOrEqual(LIMITS.transcriptItemBytes.value);
    expect(TranscriptItem.parse(cut)).toEqual(cut);
    expect(JSON.stringify(cut)).toContain('bytes are not kept');
  });

  it('leaves an item within the limit alone', () => {
    const item: TranscriptItem = { ...base, kind: 'assistant', text: 'short' };
    expect(cutItem(item)).toBe(item);
  });
});
