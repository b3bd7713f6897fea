import { BeadsQuery, type BeadId, type BeadsPage } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { expect, it, vi } from 'vitest';
import { askPage, idsOf, nextOlder, questionOf, refill } from './older.ts';
import { mayBeBeyond } from './ordering.ts';

const pages: Record<string, string[]> = { '': ['gt-1', 'gt-2'], '1': ['gt-3', 'gt-4'], '2': ['gt-5'] };
const asking = (asked: (string | null)[] = []) => ({
  asked,
  ask: async (after: string | null): Promise<BeadsPage> => {
    asked.push(after);
    const at = Number(after ?? 0);
    return { beads: pages[after ?? '']!.map((id) => aBead({ id })), total: 5, next: at < 2 ? String(at + 1) : null };
  },
});
const holding =
  (...ids: string[]) =>
  (id: BeadId) =>
    ids.includes(id);

it('the town is asked what the board is filtered by, and nothing that does not matter (UI-22)', () => {
  expect(questionOf({ q: '  PR #1019 ', rig: 'rig-1', kind: '', label: undefined })).toEqual({
    status: 'closed',
    archived: 'without',
    rig: 'rig-1',
    text: 'PR #1019',
  });
  expect(questionOf({ archived: true, convoy: 'cv-1' })).toEqual({ status: 'closed', archived: 'with', convoy: 'cv-1' });
  expect(questionOf({ archived: true }, 'only')).toMatchObject({ archived: 'only' });
});

it('of a pasted text the town is asked for as much as it takes', () => {
  const text = (q: string) => BeadsQuery.parse(questionOf({ q })).text;
  const words = Array.from({ length: 60 }, (_, n) => `w${n}`);
  expect(text(words.join('\n '))).toEqual(words.slice(0, 20));
  expect(text(`again again ${words.join(' ')}`)).toHaveLength(20);
  expect(text('x'.repeat(2_000))).toEqual(['x'.repeat(500)]);
});

it('a column that shows too few loads again only where more was shown after it loaded', () => {
  const loads = (...shown: string[]): number => {
    let last: string | null = null;
    return shown.filter((now) => {
      const next = refill(last, now, true);
      ({ last } = next);
      return next.loads;
    }).length;
  };
  expect(loads('0 [', '0 [', '0 [', '0 [')).toBe(1);
  expect(loads('0 a', '0 a', '7 a', '7 a')).toBe(2);
  expect(loads('0 a', '0 b')).toBe(2);
  expect(loads('19 a', '69 a', '19 a')).toBe(3);
  expect(refill(null, '0 a', false)).toEqual({ last: null, loads: false });
});

it('there may be closed beads beyond those that are held where a snapshot left some out; archived ones only when they are shown', () => {
  expect(mayBeBeyond({}, { closed: false, archived: true })).toBe(false);
  expect(mayBeBeyond({ archived: true }, { closed: false, archived: true })).toBe(true);
  expect(mayBeBeyond({}, { closed: true, archived: false })).toBe(true);
  expect(mayBeBeyond({ ready: true }, { closed: true, archived: true })).toBe(false);
});

it('what is older are the next that are not held, as many as are worth a press, or the last', async () => {
  const { ask, asked } = asking();
  const idsFrom = async (worth: number, after: string | null, ...held: string[]) =>
    (await nextOlder(ask, after, holding(...held), worth)).beads.map(({ id }) => id);
  expect(await idsFrom(1, null, 'gt-1')).toEqual(['gt-2']);
  expect(await idsFrom(2, null, 'gt-1')).toEqual(['gt-2', 'gt-3', 'gt-4']);
  expect(await idsFrom(1, null, 'gt-1', 'gt-2', 'gt-3')).toEqual(['gt-4']);
  expect(await idsFrom(9, '1', 'gt-3', 'gt-5')).toEqual(['gt-4']);
  expect(asked).toEqual([null, null, '1', null, '1', '1', '2']);
});

it('a question that is taken back is asked no longer', async () => {
  const answer = { beads: [], total: null, next: null };
  const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json({ ok: true, value: answer }));
  const { signal } = new AbortController();
  expect(await askPage('t', questionOf({}), '-5.2', { signal })).toEqual(answer);
  expect(fetched).toHaveBeenCalledWith('/api/towns/t/beads?status=closed&archived=without&after=-5.2', expect.objectContaining({ signal }));
});

it('all ids of a question are gathered page by page, as many as are wanted', async () => {
  expect(await idsOf(asking().ask)).toEqual(['gt-1', 'gt-2', 'gt-3', 'gt-4', 'gt-5']);
  expect(await idsOf(asking().ask, 3)).toEqual(['gt-1', 'gt-2', 'gt-3']);
});
