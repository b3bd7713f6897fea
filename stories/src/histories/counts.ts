/** How often things came about: histories in which nothing went wrong prove nothing. */
export const NOTHING_YET = {
  beads: 0,
  runs: 0,
  tested: 0,
  landed: 0,
  /** A gate said no to what git had merged without a word. */
  redByGate: 0,
  /** Git said no. */
  conflicts: 0,
  /** A gate said no to what was right. */
  flaked: 0,
  /** The target moved between the test and the landing. */
  movedUnder: 0,
  /** Somebody pushed between two commands of the runner's. */
  movedBetween: 0,
  refused: 0,
  unanswered: 0,
  answeredLate: 0,
  answeredTwice: 0,
  runnersKilled: 0,
  disksLost: 0,
  othersPushed: 0,
};
export type Counts = typeof NOTHING_YET;

export function addTo(sum: Counts, more: Counts): void {
  for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += more[name];
}
