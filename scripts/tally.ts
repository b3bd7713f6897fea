export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** Counts of vitest's JSON report. A run that broke before it could report, or that ran nothing, counts as one failure. */
export function tallyOfVitest(report: string | null, exitCode: number): Tally {
  if (report === null) return { passed: 0, failed: 1 };
  const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(report) as { numPassedTests: number; numFailedTests: number };
  const broke = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: broke ? 1 : failed };
}
