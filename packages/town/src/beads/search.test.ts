import { BeadsQuery, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { Sql } from '../api.ts';
import { beadsPage } from '../exchange/list.ts';
import type { Story } from '../testing.ts';
import { bring, line, quiet } from '../testing/bring.ts';

/** All beads of a town are found, however many came after them (DM-1, UI-22). */
const ask = (one: Story, query: Record<string, string>) => one.town.town.beads(BeadsQuery.parse(query));
const ids = (one: Story, query: Record<string, string>) => ask(one, query).beads.map(({ id }) => id as string);
const closed = (n: number, over: object = {}) =>
  line({ id: `old-${n}`, title: `old ${n}`, status: 'closed', closed_at: new Date(Date.UTC(2024, 0, 1 + n)).toISOString(), ...over });

function imported(): Story {
  const one = quiet();
  bring(one, [
    closed(1, { title: 'fix PR #1019 (50%_done)', labels: ['urgent'] }),
    closed(3, { title: 'Grün und ÖDE', issue_type: 'bug' }),
    closed(2, { description: 'a long text' }),
    line({ id: 'new-1', title: 'still open', labels: ['urgent'] }),
  ]);
  return one;
}

describe('the list of all beads', () => {
  test('has first what is not over, then what is, the last closed first; no texts', () => {
    const one = imported();
    expect(ids(one, {})).toEqual(['new-1', 'old-3', 'old-2', 'old-1']);
    expect(ids(one, { status: 'closed' })).toEqual(['old-3', 'old-2', 'old-1']);
    expect(ask(one, {}).beads.map(({ body }) => body)).toEqual([null, null, null, null]);
  });

  test('goes page by page, each bead once, counts them on the first, and ends', () => {
    const one = quiet();
    bring(
      one,
      Array.from({ length: 7 }, (_, n) => closed(Math.floor(n / 3), { id: `old-${n}` })),
    );
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 4; page += 1) {
      const answer = ask(one, { status: 'closed', limit: '2', ...(after !== null && { after }) });
      expect(answer.total).toBe(page === 0 ? 7 : null);
      seen.push(...answer.beads.map(({ id }) => id));
      after = answer.next;
      expect(after === null).toBe(page === 3);
    }
    expect(seen).toEqual(['old-6', 'old-5', 'old-4', 'old-3', 'old-2', 'old-1', 'old-0']);
    expect(ask(one, { status: 'closed', limit: '0' })).toEqual({ beads: [], total: 7, next: null });
  });

  test('is searched for words in title, id and label; no letter of them is a wildcard', () => {
    const one = imported();
    expect(ids(one, { text: 'pr #1019' })).toEqual(['old-1']);
    expect(ids(one, { text: '50%_d' })).toEqual(['old-1']);
    expect(ids(one, { text: '5%done' })).toEqual([]);
    expect(ids(one, { text: 'o_d' })).toEqual([]);
    expect(ids(one, { text: 'OLD-2' })).toEqual(['old-2']);
    expect(ids(one, { text: 'urgent' })).toEqual(['new-1', 'old-1']);
    expect(ids(one, { text: 'urgent fix' })).toEqual(['old-1']);
    expect(ids(one, { text: 'grün öde' })).toEqual(['old-3']);
    expect(ids(one, { text: 'x'.repeat(400) })).toEqual([]);
    expect(ask(one, { text: 'urgent', limit: '1' }).total).toBe(2);
    expect(BeadsQuery.safeParse({ text: Array.from({ length: 21 }, (_, n) => `w${n}`).join(' ') }).success).toBe(false);
  });

  test('is searched for labels as they are, not as they are stored', () => {
    const one = quiet();
    bring(one, [closed(1), closed(2, { labels: ['say "hi"', 'ui'] })]);
    for (const text of ['[', ']', ',', '","', '\\']) expect(ask(one, { text })).toEqual({ beads: [], total: 0, next: null });
    expect(ids(one, { text: 'say "hi"' })).toEqual(['old-2']);
    expect(ids(one, { text: 'old' })).toEqual(['old-2', 'old-1']);
  });

  test('ends though its beads were closed before 1970 (DM-17)', () => {
    const one = quiet();
    bring(
      one,
      [1, 2].map((n) => closed(n, { closed_at: '0001-01-01T00:00:00Z' })),
    );
    const first = ask(one, { limit: '1' });
    expect(first.next).toMatch(/^-/);
    expect([...first.beads.map(({ id }) => id), ...ids(one, { limit: '1', after: first.next! })]).toEqual(['old-2', 'old-1']);
  });

  test('is narrowed by rig, kind, label and type', () => {
    const one = imported();
    const other = one.town.must({ kind: 'rig.add', name: 'other', gitUrl: 'https://example.com/o.git' }) as { rigId: string };
    expect(ids(one, { rig: one.rigId, status: 'closed' })).toHaveLength(3);
    expect(ask(one, { rig: other.rigId, status: 'closed' })).toEqual({ beads: [], total: 0, next: null });
    expect(ids(one, { kind: 'bug' })).toEqual(['old-3']);
    expect(ids(one, { label: 'urgent', status: 'closed' })).toEqual(['old-1']);
    expect(ids(one, { label: 'urg' })).toEqual([]);
    expect(ids(one, { type: 'agent' }).length).toBeGreaterThan(0);
  });

  test('has what is archived when it is asked for (AR-2)', () => {
    const one = imported();
    one.town.must({ kind: 'bead.archive', beadIds: ids(one, { text: 'old-2' }) as never });
    expect(ids(one, { status: 'closed' })).toEqual(['old-3', 'old-1']);
    expect(ids(one, { status: 'closed', archived: 'with' })).toEqual(['old-3', 'old-2', 'old-1']);
    expect(ids(one, { status: 'closed', archived: 'only' })).toEqual(['old-2']);
  });

  test('never has more texts in memory than a frame carries (P10)', () => {
    const one = quiet();
    bring(
      one,
      Array.from({ length: 9 }, (_, n) => closed(n, { description: 'text' })),
    );
    const { sql } = one.town;
    const sizes: number[] = [];
    const watched: Sql = {
      ...sql,
      all: (text, ...bound) => {
        const rows = sql.all(text, ...bound);
        sizes.push(rows.filter(({ body }) => body === 'text').length);
        return rows;
      },
    };
    expect(beadsPage(watched, BeadsQuery.parse({})).beads.map(({ id, body }) => [id, body])).toEqual(
      [8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => [`old-${n}`, null]),
    );
    expect(Math.max(...sizes)).toBe(LIMITS.frameTextCharacters.value / LIMITS.importLineBytes.value);
  });

  test('a total by status and rig is read from an index alone (P10)', () => {
    const one = imported();
    one.town.sql.texts.clear();
    ask(one, { status: 'closed', limit: '0' });
    ask(one, { status: 'closed', rig: one.rigId, limit: '0' });
    const counts = [...one.town.sql.texts].filter((text) => text.startsWith('SELECT count(*) AS n FROM beads'));
    const plans = counts.map((text) => {
      const unbound = Array<null>(text.split('?').length - 1).fill(null);
      return String(one.town.sql.all(`EXPLAIN QUERY PLAN ${text}`, ...unbound)[0]!['detail']);
    });
    expect(plans).toEqual([expect.stringContaining('INDEX beads_listed ('), expect.stringContaining('INDEX beads_listed_rig (')]);
  });
});
