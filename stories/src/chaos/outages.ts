/**
 * Work that flows while the git server goes down and comes back, and processes are killed: `npm run outages -- [--beads N] [--outages N] [--kills N] [--seed N] [--minutes N] [--json]`.
 * Only what needs no rights: no network, disk or clock of its own (`main.ts` has these). Ends with one JSON line: `{ok, beads, outages, refused, kills, …}`.
 */
import { Dice } from './dice.ts';
import { killAtWork, type KillName } from './kills.ts';
import { outage } from './outage.ts';
import { makePerson } from './person.ts';
import { isDue } from './pace.ts';
import { storm, type StormWish } from './storm.ts';
import { brokenPromises } from './verdict.ts';
import { wholeNumbers } from './whole-numbers.ts';
import { closedOf, handedInOf, isOver, openWorld, wait, type World } from './world.ts';

const RIGS = ['alpha', 'beta', 'gamma', 'delta'];
const KILL_NAMES: readonly KillName[] = ['agent', 'runner', 'container', 'everything'];
/** Of the kills beyond one of each: agents die most. */
const MORE: readonly KillName[] = ['agent', 'agent', 'agent', 'agent', 'runner', 'container'];

const wish = wholeNumbers({ beads: 200, outages: 4, kills: 20, agents: 12, seed: 1, minutes: 10 });
const json = process.argv.includes('--json');
const began = Date.now();
const say = (line: string): void => {
  if (!json) console.log(`${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
};
const inTime = (): void => {
  if (Date.now() - began > wish.minutes * 60_000) throw new Error(`not every errand is closed after ${wish.minutes} minutes`);
};
const person = makePerson(say, inTime);
const dice = new Dice(wish.seed);
const kills = Object.fromEntries(KILL_NAMES.map((name) => [name, 0])) as Record<KillName, number>;
const killed = (): number => Object.values(kills).reduce((sum, count) => sum + count, 0);
let [outages, refused] = [0, 0];
let world: World | null = null;
let failure: string | null = null;
let broken: string[] = [];
try {
  world = await openWorld({
    beads: wish.beads,
    rigs: RIGS,
    agentsPerRig: Math.ceil(wish.agents / RIGS.length),
    troubleOf: () => 'brief',
    thinkMs: 100,
  });
  say(`${wish.beads} errands are said`);
  await Promise.all([outagesIn(world), killsIn(world), person.seeItThrough(world)]);
  broken = await brokenPromises(world);
  say('looked at from outside');
} catch (cause) {
  failure = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  if (world) console.error(world.replica.describe(), world.house.logs());
} finally {
  world?.replica.close();
  await world?.house.close();
}
if (failure !== null) console.error(failure);
for (const line of broken) console.error(`broken: ${line}`);
const seconds = (Date.now() - began) / 1_000;
/** What did not happen proves nothing. */
const ok = failure === null && broken.length === 0 && outages === wish.outages && killed() === wish.kills;
console.log(
  JSON.stringify({
    ok,
    ...wish,
    outages,
    refused,
    kills: killed(),
    byKill: kills,
    runs: world?.replica.all('runs').filter((run) => run.beadId !== null).length ?? 0,
    retriedByAPerson: person.retried,
    resumedByAPerson: person.resumed,
    seconds: Math.round(seconds),
    beadsASecond: Math.round((wish.beads / seconds) * 100) / 100,
    broken: broken.length,
    ...(failure !== null && { failure: failure.split('\n')[0] }),
  }),
);
process.exit(ok ? 0 : 1);

/** Each when it is due; one that nobody met comes again soon. */
interface Pace {
  readonly troubles: number;
  readonly done: () => number;
  readonly progress: (world: World) => number;
}
function paced(
  world: World,
  { troubles, done, progress }: Pace,
): Pick<StormWish<string>, 'isOver' | 'inTime'> & { rest: () => Promise<void> } {
  return {
    isOver: () => isOver(world),
    inTime,
    async rest() {
      while (!isOver(world) && !isDue(done(), troubles, progress(world), wish.beads)) {
        inTime();
        await wait(200);
      }
    },
  };
}

async function outagesIn(world: World): Promise<void> {
  const pace = paced(world, { troubles: wish.outages, done: () => outages, progress: closedOf });
  await pace.rest();
  await storm({
    ...pace,
    faults: wish.outages,
    chosen: ['outage'],
    pick: () => 'outage',
    async happen() {
      const calls = await outage(world.house.git, () => wait(dice.between(5_000, 10_000)));
      say(`the git server was down, ${calls} calls refused (${closedOf(world)} of ${wish.beads} closed)`);
      if (calls > 0) outages += 1;
      refused += calls;
      return calls > 0;
    },
  });
}

async function killsIn(world: World): Promise<void> {
  const pace = paced(world, { troubles: wish.kills, done: killed, progress: handedInOf });
  await pace.rest();
  await storm({
    ...pace,
    faults: wish.kills,
    chosen: KILL_NAMES,
    pick: () => dice.pick(MORE),
    async happen(name) {
      const done = await killAtWork(world, name, dice);
      if (done) {
        say(`kill -9: ${name} (${closedOf(world)} of ${wish.beads} closed)`);
        kills[name] += 1;
      } else await wait(200);
      return done;
    },
  });
}
