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

/** A suite that ends with one JSON line counts as one test: it ended well, and its last line says so too. One that says nothing, or `ok` of something else than true, has failed. */
export function tallyOfJson(lastLine: string, exitCode: number): Tally {
  if (exitCode !== 0 || !isOk(jsonOf(lastLine))) return { passed: 0, failed: 1 };
  return { passed: skippedBy(lastLine) === null ? 1 : 0, failed: 0 };
}

/** Why a suite that ended well did nothing, in its own words; it counts neither way. Null: it did something. */
export function skippedBy(lastLine: string): string | null {
  const said = jsonOf(lastLine);
  return typeof said === 'object' && said !== null && 'skipped' in said && typeof said.skipped === 'string' ? said.skipped : null;
}

/** Null: the line is no JSON. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
}
const isOk = (said: unknown): boolean => typeof said === 'object' && said !== null && 'ok' in said && said.ok === true;
