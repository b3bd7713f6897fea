/** Of a hundred mutants, so many are found by a test (design/reliability.md §3: what decides on leases, merges and money). */
export const GOAL = 90;

export interface Score {
  readonly slice: string;
  readonly score: number;
  readonly found: number;
  /** Of those found, how many because the tests did not end with them; a slow machine has more of these. */
  readonly timedOut: number;
  readonly survived: number;
  readonly untested: number;
}

/** Of a report of Stryker. Null: there was nothing to mutate. */
export function scoreOf(slice: string, report: string): Score | null {
  const { files } = JSON.parse(report) as { files: Record<string, { mutants: { status: string }[] }> };
  const statuses = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (...wanted: string[]): number => statuses.filter((status) => wanted.includes(status)).length;
  const [found, survived, untested] = [count('Killed', 'Timeout'), count('Survived'), count('NoCoverage')];
  const all = found + survived + untested;
  if (all === 0) return null;
  return { slice, score: Math.round((1_000 * found) / all) / 10, found, timedOut: count('Timeout'), survived, untested };
}

/** One mutant alone may survive in a change of few lines: some change nothing that can be seen, and one of five is no score. */
export const isEnough = ({ found, survived, untested }: Score, ofAChange: boolean): boolean =>
  100 * found >= GOAL * (found + survived + untested) || (ofAChange && survived <= 1 && untested === 0);
