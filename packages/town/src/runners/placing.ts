import { type RigId, type RunnerId, type RunnerKind, type Wait } from '@gastown/protocol';

/**
 * Who runs what (design/runner.md §5), as a pure question of what is known of the runners. `run`: a polecat's run. `test`: a merge result is built and tested.
 * `look`: something short that any runner may do with a repository.
 */
export const STANDINGS = ['ready', 'full', 'stopping', 'draining', 'paused', 'unfit', 'failed', 'away', 'wedged'] as const;
/** Whether a runner takes a polecat's run, or why it does not. */
export type Standing = (typeof STANDINGS)[number];
export type Work = 'run' | 'test' | 'look';

export interface Placeable {
  readonly id: RunnerId;
  readonly kind: RunnerKind;
  readonly rigs: readonly RigId[] | null;
  readonly standing: Standing;
  /** Polecats at work there, and how many there may be. */
  readonly busy: number;
  readonly places: number;
  /** Of these places is meant: not more. Else only the town's slots bound it. */
  readonly limited: boolean;
  /** Merge results under test there, and how many there may be. */
  readonly tests: number;
  readonly testPlaces: number;
}

/** A rig that any runner lists is pinned: only who lists it takes it. */
export function takersOf<R extends Pick<Placeable, 'rigs'>>(runners: readonly R[], rigId: string): R[] {
  const listing = runners.filter(({ rigs }) => (rigs as readonly string[] | null)?.includes(rigId));
  return listing.length > 0 ? listing : runners.filter(({ rigs }) => rigs === null);
}

/** What keeps a runner from each kind of work; a container that is down or stopping is started again for what is placed there. */
const KEEPS_FROM: Readonly<Record<Work, readonly Standing[]>> = {
  run: ['full', 'stopping', 'draining', 'paused', 'unfit', 'failed', 'away', 'wedged'],
  test: ['draining', 'paused', 'failed', 'away', 'wedged'],
  look: ['draining', 'away', 'wedged'],
};
const CONTAINER_LOOKS: readonly Standing[] = ['draining', 'failed'];

function mayTake(runner: Placeable, work: Work): boolean {
  if (work === 'look' && runner.kind === 'container' && CONTAINER_LOOKS.includes(runner.standing)) return true;
  if (work === 'test' && runner.tests >= runner.testPlaces) return false;
  return !KEEPS_FROM[work].includes(runner.standing);
}
const share = (runner: Placeable, work: Work): number =>
  work === 'test' ? runner.tests / runner.testPlaces : runner.busy / Math.max(1, runner.places);

/**
 * The runner for this piece of work, or null. One to avoid only if there is no other; a machine before the container, which costs money and a start; of several the one
 * with the smallest share of its places taken.
 */
export const place = (
  runners: readonly Placeable[],
  rigId: string,
  work: Work,
  avoided: ReadonlySet<RunnerId> = new Set(),
): RunnerId | null =>
  takersOf(runners, rigId)
    .filter((runner) => mayTake(runner, work))
    .toSorted(
      (a, b) =>
        Number(avoided.has(a.id)) - Number(avoided.has(b.id)) ||
        Number(a.kind === 'container') - Number(b.kind === 'container') ||
        share(a, work) - share(b, work),
    )[0]?.id ?? null;

/** As they are once this is placed there too. */
export const withOneMore = (runners: readonly Placeable[], runnerId: RunnerId, work: 'run' | 'test'): Placeable[] =>
  runners.map((runner) => {
    if (runner.id !== runnerId) return runner;
    if (work === 'test') return { ...runner, tests: runner.tests + 1 };
    const busy = runner.busy + 1;
    return { ...runner, busy, standing: runner.limited && busy >= runner.places ? 'full' : runner.standing };
  });

const WAITS: Readonly<Record<Exclude<Standing, 'ready'>, Wait['code']>> = {
  full: 'runner_places',
  stopping: 'container_stopping',
  draining: 'runner_draining',
  failed: 'container_failed',
  away: 'runner_away',
  wedged: 'runner_away',
  paused: 'runner_paused',
  unfit: 'runner_unfit',
};
/** Why no runner takes it: that of the runner which is soonest ready again. Null: one does, or will by itself. */
export function placingWait(runners: readonly Placeable[], rigId: string, work: Work): Wait | null {
  const takers = takersOf(runners, rigId);
  if (takers.length === 0) return { code: 'no_runner', ref: rigId, until: null };
  if (takers.some((runner) => mayTake(runner, work) || (work === 'test' && !KEEPS_FROM.test.includes(runner.standing)))) return null;
  const [soonest] = takers.toSorted((a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing));
  if (!soonest || soonest.standing === 'ready') return null;
  return { code: WAITS[soonest.standing], ref: soonest.id, until: null };
}
