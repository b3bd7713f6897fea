import { expect, test } from 'vitest';
import { boundWords } from './start-words.ts';

const figures = (softMicros: number | null, hardMicros: number | null) => ({ spentMicros: 400_000, softMicros, hardMicros });
const real = { scripted: false };

test('a large start says what bounds its spend: the limit of the town, or that there is none (I9)', () => {
  expect(boundWords(real, figures(5_000_000, 25_000_000))).toMatch(/\$0\.40 of the town’s limit of \$25\.00 .* agents are stopped/);
  expect(boundWords(real, figures(5_000_000, null))).toMatch(/\$5\.00 .* nothing new starts/);
  for (const none of [undefined, figures(null, null)]) expect(boundWords(real, none)).toMatch(/has no limit/);
});

test('a rehearsal spends nothing, and says so', () => {
  expect(boundWords({ scripted: true }, undefined)).toMatch(/no money is spent/);
});
