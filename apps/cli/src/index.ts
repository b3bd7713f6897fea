/** For tests and stories that start a whole town inside their own process. */
export { startTown } from './town.ts';
export type { RunningTown, TownOptions } from './town.ts';
export { openScreen } from './terminal/screen.ts';
export type { Screen } from './terminal/screen.ts';
