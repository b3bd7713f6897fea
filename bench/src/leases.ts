import { silentPolecat, story } from '@gastown/town/testing';

const RIGS = 10;
const RUNS_A_RIG = 3;
const AWAY_MS = 120_000;

/**
 * P18, counted on the core: thirty runs at work, then nothing is heard for longer than a lease, as when the server is down. How many ticks until no run holds a lease that is over, by what is heard first.
 */
export function ticksUntilSettled(): Record<string, { runs: number; ticks: number }> {
  return {
    'nobody: the alarm': afterOutage((town) => void town.send({ kind: 'wake' })),
    'the same runner': afterOutage((_town, runner) => runner.hello(runner.instance)),
    'another runner': afterOutage((_town, runner) => runner.hello('instance-another')),
  };
}

type Told = ReturnType<typeof story>;

function afterOutage(heard: (town: Told['town'], runner: Told['runner']) => void): { runs: number; ticks: number } {
  const { town, runner, wish, addRig } = story({ polecat: silentPolecat }, { check: false });
  town.must({ kind: 'town.configure', maxPolecats: RIGS * RUNS_A_RIG });
  for (let at = 0; at < RIGS; at += 1) {
    const rigId = addRig(`rig${at}`, { maxPolecats: RUNS_A_RIG });
    for (let bead = 0; bead < RUNS_A_RIG; bead += 1) wish(`bead ${at}-${bead}`, { rigId });
  }
  runner.work();
  const runs = leases(town).length;
  town.now += AWAY_MS;
  let ticks = 0;
  for (; leases(town).some((until) => until <= town.now); ticks += 1) {
    if (ticks === 0) heard(town, runner);
    else town.send({ kind: 'wake' });
  }
  return { runs, ticks };
}

const leases = ({ sql }: Told['town']): number[] =>
  sql.all("SELECT lease_until FROM runs WHERE state <> 'ended' AND lease_until IS NOT NULL").map((row) => Number(row['lease_until']));
