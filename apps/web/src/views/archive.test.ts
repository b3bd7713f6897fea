import { expect, test } from 'vitest';
import { inPieces } from './archive.ts';

test('many beads travel in commands of a thousand, none twice and none left out (AR-3)', () => {
  const ids = Array.from({ length: 2_001 }, (_, at) => at);
  expect(inPieces(ids).map((piece) => piece.length)).toEqual([1_000, 1_000, 1]);
  expect(inPieces(ids).flat()).toEqual(ids);
  expect(inPieces([])).toEqual([]);
});
