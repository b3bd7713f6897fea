import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { merge, nothing, type Totals } from './batch.ts';
import { isWell, missedBy } from './verdict.ts';
import { FAULT_KINDS } from './world/faults.ts';

const often = { replicas: false };
const met = (change: Partial<Totals> = {}): Totals => ({
  ...nothing(),
  seeds: 2_000,
  networkFaults: 500,
  duplicates: 1_000,
  lateOrReordered: 1_000,
  faults: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 1])),
  ...change,
});

describe('a run of a commit is well only when it has met what the plan asks for (reliability §3)', () => {
  test('all of it met, in two parts', () => {
    const totals = met({ seeds: 1_000, faults: {}, networkFaults: 0 });
    merge(totals, met({ seeds: 1_000, duplicates: 0, lateOrReordered: 0 }));
    expect(missedBy(totals, often)).toEqual([]);
    expect(isWell(totals, often)).toBe(true);
  });
  test.each([
    [{ networkFaults: 499 }, 'networkFaults: 499 of 500'],
    [{ duplicates: 999 }, 'duplicates: 999 of 1000'],
    [{ lateOrReordered: 12 }, 'lateOrReordered: 12 of 1000'],
    [{ faults: { ...met().faults, 'link.cut': 0 } }, 'link.cut'],
  ])('%o is named', (change, named) => {
    expect(missedBy(met(change), often)).toEqual([named]);
    expect(isWell(met(change), often)).toBe(false);
  });
  test('fewer seeds, and pages in the middle, promise none of it; a rule that broke is never well', () => {
    const failed = [{ seed: 7, invariant: 'I6', message: 'm', step: 3 }];
    expect(isWell(met({ seeds: 1_999, duplicates: 0 }), often)).toBe(true);
    expect(isWell(met({ duplicates: 0 }), { replicas: true })).toBe(true);
    expect(isWell(met({ failed }), often)).toBe(false);
    expect(isWell(met({ failed }), { replicas: false, plant: 'silent_edge' })).toBe(true);
    expect(isWell(met({ failed }), { replicas: false, plant: 'no_lease' })).toBe(false);
    expect(isWell(met(), { replicas: false, plant: 'no_lease' })).toBe(false);
  });
});

interface Said {
  readonly code: number | string | null | undefined;
  readonly line: unknown;
}
const sim = (...options: string[]): Promise<Said> =>
  new Promise((resolve) => {
    const program = fileURLToPath(new URL('main.ts', import.meta.url));
    execFile(process.execPath, [program, ...options, '--json'], (error, stdout) =>
      resolve({ code: error ? error.code : 0, line: JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') }),
    );
  });

describe('the last line is JSON, and says what the exit code says', () => {
  test('of one seed, after its story', async () => {
    expect(await sim('--seed', '3', '--steps', '60')).toMatchObject({ code: 0, line: { ok: true, from: 3, seeds: 1, violations: 0 } });
  });
  test('of a planted bug that its rule finds, and of one that it does not', async () => {
    const [found, hidden] = await Promise.all([
      sim('--plant', 'page_left_behind', '--seeds', '2', '--steps', '60', '--no-shrink'),
      sim('--plant', 'silent_edge', '--seeds', '1', '--steps', '1', '--no-shrink'),
    ]);
    expect(found).toMatchObject({ code: 0, line: { ok: true, plant: 'page_left_behind', violations: 2 } });
    expect(hidden).toMatchObject({ code: 1, line: { ok: false, violations: 0 } });
  });
});
