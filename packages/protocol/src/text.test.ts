import { describe, expect, test } from 'vitest';
import { HOSTILE_CASES } from './hostile/texts.hostile.ts';
import { asKept, failure, PersonCommand, plainText } from './index.ts';

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
