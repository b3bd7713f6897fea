import { expect, test } from 'vitest';
import { CASES } from './cases/index.ts';
import { countOnPlatform } from './platform.ts';

/** Work is asserted here, on workerd, where the platform counts it; time is only reported by `npm run bench`. */
test.each(Object.keys(CASES))(
  '%s: no call looks at more rows, writes more or asks more often than its goal allows (P1, P2, P3, P4, P6)',
  async (name) => {
    const billed = (await countOnPlatform(name)).flat();
    expect(billed.flatMap((bill) => bill.broken)).toEqual([]);
    expect(billed.length).toBeGreaterThan(0);
  },
  300_000,
);
