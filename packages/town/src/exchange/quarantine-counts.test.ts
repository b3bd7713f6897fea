import { BeadId, type BadLine } from '@gastown/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bring, line, quiet } from '../testing/bring.ts';

/** Whatever comes, in whatever order, into whichever repository: no bad line is lost without being counted (issue, Build 6). */
const id = fc.constantFrom('a', 'b', 'c', '', ' ', 'x/1', 'x/1 ', `${'x'.repeat(100)}1`, `${'x'.repeat(100)}2`, 'ghp_0123456789abcdefghij');
const title = fc.constantFrom<unknown>('A', 'B', 7, 8, undefined);
const updated_at = fc.constantFrom('2098-01-01T00:00:00Z', '2099-01-01T00:00:00Z', undefined);
const said = fc.oneof(
  { weight: 6, arbitrary: fc.record({ id, title, updated_at }).map(line) },
  fc.constantFrom('x', 'y', '{}', '[]', '{"id":7}'),
);
const file = fc.record({ lines: fc.array(said, { maxLength: 12 }), other: fc.boolean() });

/** What names a line, read anew from the line itself. */
function nameOf(text: string): string {
  try {
    const named = BeadId.safeParse((JSON.parse(text) as { id?: unknown }).id);
    return named.success ? named.data : `text ${text}`;
  } catch {
    return `text ${text}`;
  }
}

const isMeant = (text: string): boolean => !nameOf(text).startsWith('text ') || text.includes('"title":');

test('each bad line that is to be kept is in quarantine, new or known, and counted once', () => {
  fc.assert(
    fc.property(fc.array(file, { minLength: 1, maxLength: 5 }), (files) => {
      const one = quiet();
      const rigs = [one.rigId, one.addRig('other')] as const;
      const kept = (): BadLine[] => one.town.town.badLines({ after: 0, limit: 100 }).lines;
      for (const { lines, other } of files) {
        const rigId = rigs[Number(other)]!;
        const before = kept();
        const { counts, noBeads, lines: verdicts } = bring(one, lines, { rigId });
        const wanted = new Map<string, string>();
        for (const { line: at, verdict, field } of verdicts) {
          const text = lines[at - 1]!;
          const elsewhere = verdict === 'bad' && field === 'id' && !nameOf(text).startsWith('text ');
          if (verdict === 'bad' && !elsewhere) wanted.set(nameOf(text), text);
          else if (['created', 'updated', 'unchanged'].includes(verdict)) wanted.delete(nameOf(text));
        }
        const speaks = verdicts.some(({ verdict, line: at }) => verdict !== 'bad' || isMeant(lines[at - 1]!));
        expect(noBeads ?? false).toBe(!speaks && verdicts.length > 0);
        if (noBeads) wanted.clear();
        const now = kept().filter((row) => row.rigId === rigId);
        expect([counts.quarantined + counts.knownBad, counts.unkeptBad]).toEqual([wanted.size, 0]);
        const readable = [...wanted.values()].filter((text) => !text.includes('ghp_'));
        expect(now.map(({ text }) => text)).toEqual(expect.arrayContaining(readable));
        const news = kept().filter(({ importId, line: at }) => !before.some((row) => row.importId === importId && row.line === at));
        expect(news).toHaveLength(counts.quarantined);
        expect(counts.keptBad).toBe(kept().length);
        expect(kept().every(({ rig, rigId: at }) => rig === (at === one.rigId ? 'app' : 'other'))).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);
