import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOSTILE_CASES } from './hostile/texts.hostile.ts';
import { asKept, failure, PersonCommand, plainLine, plainText } from './index.ts';

describe('text that acts on a terminal, hides, or turns what is around it (I16, RC-9)', () => {
  test.each(HOSTILE_CASES)('$id: nothing of that is left, and what people write stays', ({ text, plain }) => {
    expect(plainText(text)).toBe(plain);
    expect(plainText(plain)).toBe(plain);
  });

  test.each(HOSTILE_CASES)('$id: nor does it come in with what a person says, or with what failed', ({ text, plain }) => {
    const said = PersonCommand.parse({ kind: 'bead.create', rigId: 'rig-00000001', title: 'T', body: text });
    expect(said).toMatchObject({ body: plain });
    expect(asKept(failure('git_failed', text)).message).toBe(plain);
  });
});

/** All that is looked at, beside letters, in any order: what is taken out must not bring together what would be. */
const sign = fc.oneof(
  fc.constantFrom(...'ab \n\t[]m;1\u{1f3f4}\u{1f600}\u2764'),
  fc.constantFrom('\u001b[', '\u001b]', '\u001b', '\u0007', '\u009b', '\r', '\u2028', '\ud800', '\udc00'),
  fc.constantFrom(
    ...'\u200b\u200c\u200d\u200e\u200f\u00ad\u034f\u061c\u180e\u3164\u202e\u2060\ufeff\ufe00\ufe0f\u{e0001}\u{e0061}\u{e0067}\u{e007f}\u{e0100}',
  ),
);
const texts = fc.array(sign, { maxLength: 24 }).map((signs) => signs.join(''));

test('what is plain stays as it is, whatever the text was (I16)', () => {
  const isPlain = (make: (text: string) => string) =>
    fc.assert(
      fc.property(texts, (text) => {
        const plain = make(text);
        expect(make(plain)).toBe(plain);
        expect(plain).not.toMatch(/[\u200c-\u200f\u061c]{2}|[\ufe00-\ufe0f]{2}|[\u034f\u200b\u00ad\u180e\u3164]/);
      }),
      { numRuns: 3_000 },
    );
  isPlain(plainText);
  isPlain(plainLine);
});
