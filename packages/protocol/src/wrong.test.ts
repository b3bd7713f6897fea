import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PersonCommand } from './commands.ts';
import { EffectId } from './ids.ts';
import { wrongFields } from './wrong.ts';

const said = (schema: z.ZodType, value: unknown): string[] =>
  (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));

describe('what is wrong with a value is said in plain words (TL-4, I10)', () => {
  const cases: readonly (readonly [string, z.ZodType, unknown, string])[] = [
    ['nothing', z.string(), undefined, 'is missing; it must be a string'],
    ['another kind', z.string(), 7, 'must be a string'],
    ['a fraction', z.number().int(), 1.5, 'must be a whole number'],
    ['no list', z.array(z.string()), 'x', 'must be a list'],
    ['no object', z.object({}), null, 'must be an object'],
    ['no flag', z.boolean(), 'yes', 'must be true or false'],
    ['an empty text', z.string().min(1), '', 'must not be empty'],
    ['a short text', z.string().min(3), 'ab', 'must have at least 3 characters'],
    ['a long text', z.string().max(1), 'ab', 'must have at most 1 character'],
    ['a text of another length', z.string().length(4), 'ab', 'must have exactly 4 characters'],
    ['an empty list', z.array(z.string()).min(1), [], 'must not be empty'],
    ['a long list', z.array(z.string()).max(2), ['a', 'b', 'c'], 'must have at most 2 entries'],
    ['a small number', z.number().min(2), 1, 'must be at least 2'],
    ['a large number', z.number().max(2), 3, 'must be at most 2'],
    ['no more than nothing', z.number().positive(), 0, 'must be more than 0'],
    ['not less', z.number().lt(5), 5, 'must be less than 5'],
    ['an odd number', z.number().multipleOf(2), 3, 'must be a multiple of 2'],
    ['none of some', z.enum(['a', 'b']), 'c', 'must be one of "a", "b"'],
    ['not the one', z.literal(1), 2, 'must be 1'],
    ['a field too many', z.strictObject({ a: z.string().optional() }), { b: 1 }, 'unknown field "b"'],
    ['no address', z.url(), 'x', 'must be an address, https://example.com say'],
    ['another pattern', z.string().regex(/^a$/), 'b', 'is not written as it must be'],
    ['none of two forms', z.union([z.string(), z.number()]), true, 'has a form that it may not have'],
    ['a rule without words', z.string().refine(() => false), 'x', 'is not as it must be'],
    ['a rule with words', z.string().refine(() => false, 'is odd'), 'x', 'is odd'],
    ['an id', EffectId, 'x', 'must be the id of an effect, ef-1a2b3c4d5e6f say'],
  ];
  test.each(cases)('%s', (_name, schema, value, words) => {
    expect(said(schema, value)).toEqual([words]);
  });

  test('a command names its field, and what it must be', () => {
    expect(said(PersonCommand, { kind: 'effect.retry', effectId: '1' })).toEqual([
      'effectId: must be the id of an effect, ef-1a2b3c4d5e6f say',
    ]);
    expect(said(PersonCommand, { kind: 'bead.pin', beadId: '' })).toEqual(['beadId: must be the id of a bead, gt-1a2b3c4d say']);
    const [unknown] = said(PersonCommand, { kind: 'bead.fly' });
    expect(unknown).toMatch(/^kind: must be one of "[^"]+", .* and others$/);
  });

  test('everything that is wrong is one line, each behind its field', () => {
    const { error } = z.strictObject({ summary: z.string(), refs: z.array(z.int()) }).safeParse({ refs: [1, 'x'], more: 1 });
    expect(wrongFields(error!, 'arguments')).toBe(
      'summary: is missing; it must be a string; refs.1: must be a number; arguments: unknown field "more"',
    );
  });

  test('no schema of the protocol speaks as its library does', async () => {
    const protocol = (await import('./index.ts')) as Readonly<Record<string, unknown>>;
    const schemas = Object.entries(protocol).filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType);
    expect(schemas.length).toBeGreaterThan(50);
    const told = schemas.flatMap(([name, schema]) =>
      [undefined, null, '', 'x y', -1, 1.5, [], [1], {}, { kind: 'x', t: 'x' }].flatMap((value) =>
        said(schema, value).map((words) => `${name}: ${words}`),
      ),
    );
    expect(told.length).toBeGreaterThan(500);
    expect(told.filter((words) => /Invalid|expected|Too (small|big)|pattern|received/.test(words))).toEqual([]);
  });
});
