import { expect, test } from 'vitest';
import { ticksUntilSettled } from './leases.ts';

test('after an outage longer than a lease no run holds one that is over after one tick, whatever is heard first (P18)', () => {
  for (const { runs, ticks } of Object.values(ticksUntilSettled())) {
    expect(runs).toBe(30);
    expect(ticks).toBe(1);
  }
});
