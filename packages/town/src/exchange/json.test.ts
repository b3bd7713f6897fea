import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elementsOf, membersOf, withMembers } from './json.ts';

/** A JSON text with spaces of its own, and what it means. */
const spaced = fc
  .tuple(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.constantFrom(0, 1, '\t'))
  .map(([value, space]) => JSON.stringify(value, null, space as number));

describe('one field of a JSON text is replaced and everything else stays as it was', () => {
  test('the members found are those that a reader finds', () => {
    fc.assert(
      fc.property(spaced, (text) => {
        const read = Object.fromEntries(membersOf(text).map(({ key, value }) => [key, JSON.parse(text.slice(value.from, value.to))]));
        expect(JSON.stringify(read)).toBe(JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object))));
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });

  test('the elements of a list are those that a reader finds', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 1), (list, space) => {
        const text = JSON.stringify(list, null, space);
        expect(elementsOf(text).map((element) => JSON.parse(element) as unknown)).toEqual(JSON.parse(text));
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  test('what is set is so, what is left out is gone, and nothing else changed by a letter', () => {
    fc.assert(
      fc.property(spaced, fc.string(), fc.option(fc.jsonValue(), { nil: undefined }), (text, key, value) => {
        const next = withMembers(text, new Map([[key, value === undefined ? null : JSON.stringify(value)]]));
        const expected = Object.entries(JSON.parse(text) as object).filter(([name]) => name !== key);
        const now = JSON.parse(next) as object;
        expect(Object.entries(now).filter(([name]) => name !== key)).toEqual(expected);
        expect(Object.hasOwn(now, key)).toBe(value !== undefined);
        for (const member of membersOf(text).filter((one) => one.key !== key))
          expect(next).toContain(text.slice(member.whole.from, member.whole.to));
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });

  test('of a key that stands twice the last one counts, as for every reader', () => {
    expect(withMembers('{"a":1, "a":2}', new Map([['a', '3']]))).toBe('{"a":1, "a":3}');
    expect(withMembers('{"a":1, "a":2, "b":0}', new Map([['a', null]]))).toBe('{"b":0}');
    expect(withMembers('{ }', new Map([['a', '"x"']]))).toBe('{"a":"x"}');
  });

  test('depth is no danger', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"b":1}`;
    expect(membersOf(deep).map(({ key }) => key)).toEqual(['a', 'b']);
  });
});
