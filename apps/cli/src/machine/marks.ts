/**
 * Which processes belong to a state folder. The sign is in their environment, which they inherit and cannot lose by being re-parented:
 * workerd and the rehearsal servers carry `GASTOWN_LAUNCHER_STATE=<state>`; a runner has `GASTOWN_STATE` under `<state>/towns/`, and what its
 * agents start has its HOME there.
 */
import path from 'node:path';
import { allPids, processFacts, variablesOf } from './processes.ts';
import type { ProcessFacts } from './processes.ts';

export const LAUNCHER_MARK = 'GASTOWN_LAUNCHER_STATE';
const TOWN_MARKS = ['GASTOWN_STATE', 'HOME'];

/** Everything that an earlier launcher of this state folder started. */
export const processesOfState = (state: string): ProcessFacts[] =>
  marked(
    (name, value) =>
      (name === LAUNCHER_MARK && value === state) || (TOWN_MARKS.includes(name) && isUnder(value, path.join(state, 'towns'))),
  );

/** Everything that lives in one town's container: its runner, its agents, and what they started. */
export const processesOfTown = (townFolder: string): ProcessFacts[] =>
  marked((name, value) => TOWN_MARKS.includes(name) && (value === townFolder || isUnder(value, townFolder)));

function marked(isMark: (name: string, value: string) => boolean): ProcessFacts[] {
  const carries = (variable: string): boolean => {
    const equals = variable.indexOf('=');
    return isMark(variable.slice(0, equals), variable.slice(equals + 1));
  };
  return allPids()
    .filter((pid) => pid !== process.pid && variablesOf(pid).some(carries))
    .flatMap((pid) => processFacts(pid) ?? []);
}

const isUnder = (file: string, folder: string): boolean => file.startsWith(folder + path.sep);
