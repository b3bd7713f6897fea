/**
 * Real processes on bad days: `npm run chaos -- [--beads N] [--faults N] [--agents N] [--seed N] [--only FAULT,FAULT] [--minutes N] [--json]`.
 * Errands are said on until each of the faults has happened. Ends with one JSON line: `{ok, beads, faults, …}`. Needs root, `nft`, `unshare` and a C compiler: it runs in a network and by a clock of its own.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Dice } from './dice.ts';
import { FAULT_NAMES, FAULTS, type FaultName } from './faults.ts';
import { mixed, openHarshWorld, type HarshWorld } from './harsh.ts';
import { makePerson } from './person.ts';
import { storm } from './storm.ts';
import { brokenPromises } from './verdict.ts';
import { wholeNumbers } from './whole-numbers.ts';
import { closedOf, isOver, sayErrand, wait } from './world.ts';

const wish = wholeNumbers({ beads: 60, faults: 40, agents: 10, seed: 1, minutes: 20 });
const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } }, strict: false });
const named = typeof values.only === 'string' ? values.only.split(',') : FAULT_NAMES;
const chosen = named.filter(isFault);
if (chosen.length < named.length) {
  console.error(`There is no such fault: ${named.filter((name) => !isFault(name)).join(', ')}. These are: ${FAULT_NAMES.join(', ')}`);
  process.exit(2);
}
if (process.env['GASTOWN_CHAOS_NETWORK'] === undefined) process.exit(insideOwnNetwork());

const began = Date.now();
const say = (line: string): void => {
  if (!values.json) console.log(`${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
};
const counts = Object.fromEntries(chosen.map((name) => [name, 0])) as Record<FaultName, number>;
let world: HarshWorld | null = null;
let failure: string | null = null;
let broken: string[] = [];
/** A fault that never happened proves nothing. */
const missed = (): FaultName[] => (wish.faults < chosen.length ? [] : chosen.filter((name) => counts[name] === 0));
const person = makePerson(say, inTime);
try {
  world = await openHarshWorld({ beads: wish.beads, agentsPerRig: Math.max(1, Math.round(wish.agents / 2)) });
  say(`${wish.beads} errands are said`);
  const bad: HarshWorld = world;
  const dice = new Dice(wish.seed);
  await storm({
    faults: wish.faults,
    chosen,
    pick: () => dice.pick(chosen),
    isOver: () => isOver(bad) && missed().length === 0,
    inTime,
    async happen(name) {
      const done = await FAULTS[name].happen(bad, dice);
      if (done) {
        say(`${FAULTS[name].says} (${closedOf(bad)} of ${bad.beads.length} closed)`);
        counts[name] += 1;
      }
      return done;
    },
    async rest(misses) {
      await person.act(bad);
      if (missed().length > 0) await keepBusy(bad);
      await wait(dice.between(500, 4_000) * Math.min(1 + misses, 8));
    },
  });
  await person.seeItThrough(bad);
  broken = await brokenPromises(bad);
} catch (cause) {
  failure = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  if (world) console.error(world.replica.describe(), world.house.logs());
} finally {
  world?.replica.close();
  await world?.house.stop();
  await world?.disk.unmount();
  await world?.house.close();
  await world?.clock.close();
}
if (failure !== null) console.error(failure);
for (const line of broken) console.error(`broken: ${line}`);
const result = {
  ok: failure === null && broken.length === 0 && missed().length === 0,
  seed: wish.seed,
  beads: world?.beads.length ?? 0,
  agents: wish.agents,
  faults: Object.values(counts).reduce((sum, count) => sum + count, 0),
  byFault: counts,
  missed: missed(),
  runs: world?.replica.all('runs').filter((run) => run.beadId !== null).length ?? 0,
  retriedByAPerson: person.retried,
  resumedByAPerson: person.resumed,
  keySavedByAPerson: person.savedKey,
  providerAskedAgainByAPerson: person.askedAgain,
  seconds: Math.round((Date.now() - began) / 1_000),
  broken: broken.length,
  ...(failure !== null && { failure: failure.split('\n')[0] }),
};
console.log(JSON.stringify(result));
process.exit(result.ok ? 0 : 1);

function inTime(): void {
  if (Date.now() - began > wish.minutes * 60_000) throw new Error(`not every errand is closed after ${wish.minutes} minutes`);
}

/** A town at rest meets nothing: there is as much to do as without end, until each fault has happened. */
async function keepBusy(world: HarshWorld): Promise<void> {
  while (world.beads.length - closedOf(world) < 2 * wish.agents) {
    const number = world.beads.length + 1;
    await sayErrand(world, number, mixed(number));
  }
}

function isFault(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/** The same command again, in a network where only this town is. */
function insideOwnNetwork(): number {
  const inside = spawnSync(
    'unshare',
    ['--net', '--mount', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, GASTOWN_CHAOS_NETWORK: '1' } },
  );
  return inside.status ?? 1;
}
