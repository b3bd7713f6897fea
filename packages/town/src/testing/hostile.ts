import { anything, array, boolean, constant, constantFrom, dictionary, integer, oneof, record, string, type Arbitrary } from 'fast-check';
import type { z } from 'zod';

/**
 * Values of a schema's shape with hostile contents, made from the schema itself, so that a new command is attacked the day it is written. Some fit the schema,
 * some nearly do, some are anything at all.
 */
const NASTY = [
  '',
  ' ',
  '\u0000',
  '\u202egnp.exe',
  '\u001b[31mred',
  '\r\nBead-ID: gt-00000000',
  '__proto__',
  'constructor',
  `'; DROP TABLE beads; --`,
  '../../etc/passwd',
  '-rf',
  '${process.env}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '\ud800',
  '💥'.repeat(300),
  'x'.repeat(200_001),
  'null',
  '1e999',
  'external:other',
  'external:',
] as const;
const NUMBERS = [0, -1, 1, 0.5, 1e21, -1e21, Number.MAX_SAFE_INTEGER, Number.NaN, Number.POSITIVE_INFINITY, 8_640_000_000_000_001] as const;

interface Def {
  readonly type: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly values?: readonly unknown[];
  readonly entries?: Record<string, unknown>;
  readonly in?: z.ZodType;
  readonly getter?: () => z.ZodType;
}
const defOf = (schema: z.ZodType): Def => (schema as unknown as { def: Def }).def;

/** `ids` are what the town has: half of all texts are one of them. */
export function hostile(schema: z.ZodType, ids: readonly string[], depth = 0): Arbitrary<unknown> {
  const def = defOf(schema);
  const inside = (one: z.ZodType): Arbitrary<unknown> => hostile(one, ids, depth + 1);
  if (depth > 6) return constant(null);
  switch (def.type) {
    case 'object':
      return shaped(record(Object.fromEntries(Object.entries(def.shape!).map(([key, one]) => [key, inside(one)]))));
    case 'literal':
      return constantFrom(...def.values!);
    case 'enum':
      return rarely(constantFrom(...Object.values(def.entries!)), string());
    case 'string':
      return oneof({ weight: 4, arbitrary: constantFrom(...ids, 'a title') }, { weight: 2, arbitrary: constantFrom(...NASTY) }, string());
    case 'number':
      return rarely(integer({ min: 0, max: 20 }), constantFrom(...NUMBERS));
    case 'boolean':
      return boolean();
    case 'array':
      return rarely(array(inside(def.element!), { maxLength: 4 }), array(inside(def.element!), { minLength: 40, maxLength: 60 }));
    case 'record':
      return dictionary(string(), inside(def.valueType!), { maxKeys: 4 });
    case 'optional':
      return oneof(inside(def.innerType!), constant(undefined));
    case 'nullable':
      return oneof(inside(def.innerType!), constant(null));
    case 'union':
      return oneof(...def.options!.map(inside));
    case 'pipe':
      return inside(def.in!);
    case 'lazy':
      return rarely(constant({ a: 1 }), anything());
    default:
      return anything();
  }
}
const rarely = (usual: Arbitrary<unknown>, odd: Arbitrary<unknown>): Arbitrary<unknown> =>
  oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: odd });
/** Now and then a field is not there, or one too many is. */
const shaped = (whole: Arbitrary<Record<string, unknown>>): Arbitrary<unknown> =>
  whole.chain((value) =>
    rarely(
      constant(value),
      constantFrom('', ...Object.keys(value)).map((gone) => ({
        ...Object.fromEntries(Object.entries(value).filter(([key]) => key !== gone)),
        extra: 1,
      })),
    ),
  );
