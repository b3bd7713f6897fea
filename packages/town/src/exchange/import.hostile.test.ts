import { expect, test } from 'vitest';
import { checkInvariants } from '../invariants.ts';
import { bring, exported, line, quiet, rowOf } from '../testing/bring.ts';
import { HOSTILE_CASES } from './import.hostile.ts';

test.each(HOSTILE_CASES)(
  '$id: such a line is $verdict, stops no other, and damages nothing (I1, I12, RC-9)',
  ({ line: evil, verdict, keeps = {} }) => {
    const one = quiet();
    const good = [1, 2].map((at) => line({ id: `good-${at}`, title: `Good ${at}` }));
    const answer = bring(one, [good[0]!, evil, good[1]!]);
    expect(answer.lines.map((each) => each.verdict)).toEqual(['created', verdict, 'created']);
    // What is told of it is for a person to read.
    expect(JSON.stringify(answer.lines[1]).length).toBeLessThan(2_000);
    const id = answer.lines[1]!.id ?? 'none';
    const { title, body } = rowOf(one, id) ?? {};
    expect({ title, body }).toMatchObject(keeps);
    expect(checkInvariants(one.town.sql, one.town.now)).toEqual([]);
    // Whoever reads the export finds the good ones, and each line is JSON.
    const ids = exported(one, true)
      .map((text) => (JSON.parse(text) as { id: string }).id)
      .filter((each) => !each.startsWith('ag-'));
    expect(ids).toEqual(expect.arrayContaining(['good-1', 'good-2']));
    expect(ids).toHaveLength(verdict === 'created' ? 3 : 2);
    const again = bring(one, [good[0]!, evil, good[1]!]).lines.map((each) => each.verdict);
    expect(again).toEqual(['unchanged', verdict === 'created' ? 'unchanged' : verdict, 'unchanged']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  },
);
