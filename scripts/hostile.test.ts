import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hostileCases } from './hostile.ts';

test('the catalogue of hostile cases has as many as the design says, each with a name of its own in its file (RC-9, I15, I16)', async () => {
  const counted = await hostileCases();
  const said = /(\d+) curated cases/.exec(readFileSync(new URL('../design/reliability.md', import.meta.url), 'utf8'));
  expect(counted.reduce((sum, { ids }) => sum + ids.length, 0)).toBeGreaterThanOrEqual(Number(said?.[1]));
  for (const { file, ids } of counted) expect([file, ids.length - new Set(ids).size]).toEqual([file, 0]);
});
