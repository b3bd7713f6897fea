import { expect, test } from 'vitest';
import { brokenByTokens, type Seen } from './short-verdict.ts';

const ALPHA = { name: 'alpha', ends: 10, asks: 4 };
const GOOD: Seen = { rigs: [ALPHA, { name: 'beta', ends: 10, asks: 10 }], needs: [], told: [], leaks: [] };

test('a town that took new tokens by itself is told so (S11, S12)', () => {
  expect(brokenByTokens(GOOD)).toEqual([]);
});

test.each<[string, Partial<Seen>, RegExp]>([
  ['more asks than ends', { rigs: [{ ...ALPHA, asks: 11 }] }, /^alpha: 11 times asked for a new token, of which 10 ended/],
  ['ends that nobody met', { rigs: [{ ...ALPHA, asks: 0 }] }, /^alpha: nobody met the end/],
  ['a token that never ended', { rigs: [{ ...ALPHA, ends: 0, asks: 0 }] }, /^alpha: no token of it ended/],
  ['a person who is needed', { needs: ['alpha refuses the credentials'] }, /^a person was needed: alpha refuses/],
  ['an agent that hears of it', { told: ['repository_refused'] }, /^an agent heard of a refused token/],
  ['a token in a log', { leaks: ['logs/runner-1.log'] }, /^a token stands in logs\/runner-1.log/],
])('%s is found', (_what, seen, line) => {
  const broken = brokenByTokens({ ...GOOD, ...seen });
  expect(broken).toHaveLength(1);
  expect(broken[0]).toMatch(line);
});
