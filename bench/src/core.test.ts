import { expect, test } from 'vitest';
import { CASES } from './cases/index.ts';
import { core } from './core.ts';

/** Work is asserted here, time is only reported by `npm run bench`: rows as the platform counts them, on workerd, and statements. */
test.each(Object.keys(CASES))(
  '%s: no call looks at more rows, writes more or asks more often than its goal allows (P1, P2, P3, P6)',
  async (name) => {
    const { why } = await core(name, 1);
    expect(why).toEqual([]);
  },
  120_000,
);
