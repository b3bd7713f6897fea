import { Dice } from './dice.ts';
import { killAtWork, type KillName } from './kills.ts';
import { outage } from './outage.ts';
import { isDue } from './pace.ts';
import { makePerson } from './person.ts';
import { storm } from './storm.ts';
import { brokenPromises } from './verdict.ts';
import { closedOf, handedInOf, isOver, openWorld, wait, type World } from './world.ts';

export interface FlowWish {
  readonly beads: number;
  readonly outages: number;
  readonly kills: number;
  readonly agents: number;
  readonly seed: number;
  readonly minutes: number;
}

/** What happened in one town from its first errand to its last. */
export interface Flow {
  readonly outages: number;
  /** Calls that met an outage. */
  readonly refused: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly runs: number;
  readonly retriedByAPerson: number;
  readonly resumedByAPerson: number;
  /** Promises, and what kept the town from getting to its end. */
  readonly broken: readonly string[];
}

/** Several merges at a time, half of them with a gate. */
const RIGS = ['alpha', 'beta', 'gamma', 'delta'].map((name, at) => ({ name, gated: at % 2 === 0 }));
const OUTAGE_MS = [5_000, 10_000] as const;
const KILLS: readonly KillName[] = ['agent', 'runner', 'container', 'everything'];
/** Of the kills beyond one of each: agents die most. */
const MORE: readonly KillName[] = ['agent', 'agent', 'agent', 'agent', 'runner', 'container'];
/** The last of them is due when so much is handed in: later there may be nobody at work any more. */
const KILLS_UNTIL = 0.8;

/** Errands in a town of its own, while the git server goes down and comes back and processes are killed, each in its time. */
export async function flow(wish: FlowWish, say: (line: string) => void): Promise<Flow> {
  const late = Date.now() + wish.minutes * 60_000;
  const inTime = (): void => {
    if (Date.now() > late) throw new Error(`not every errand is closed after ${wish.minutes} minutes`);
  };
  const person = makePerson(say, inTime);
  const dice = new Dice(wish.seed);
  const met = { outages: 0, refused: 0, kills: Object.fromEntries(KILLS.map((name) => [name, 0])) as Record<KillName, number> };
  let world: World | null = null;
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
    broken.push(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
    if (world) console.error(world.replica.describe(), world.house.logs());
  } finally {
    world?.replica.close();
    await world?.house.close();
  }
  const runs = world?.replica.all('runs').filter((run) => run.beadId !== null).length ?? 0;
  return { ...met, runs, retriedByAPerson: person.retried, resumedByAPerson: person.resumed, broken };

  async function until(world: World, due: () => boolean): Promise<void> {
    while (!isOver(world) && !due()) {
      inTime();
      await wait(200);
    }
  }

  async function outagesIn(world: World): Promise<void> {
    const rest = (): Promise<void> => until(world, () => isDue(met.outages, wish.outages, closedOf(world), wish.beads));
    await rest();
    await storm({
      faults: wish.outages,
      chosen: ['outage'],
      pick: () => 'outage',
      isOver: () => isOver(world),
      inTime,
      rest,
      async happen() {
        const calls = await outage(world.house.git, () => wait(dice.between(...OUTAGE_MS)));
        say(`the git server was down, ${calls} calls refused (${closedOf(world)} of ${wish.beads} closed)`);
        if (calls > 0) met.outages += 1;
        met.refused += calls;
        return calls > 0;
      },
    });
  }

  async function killsIn(world: World): Promise<void> {
    const done = (): number => Object.values(met.kills).reduce((sum, count) => sum + count, 0);
    const rest = (): Promise<void> => until(world, () => isDue(done(), wish.kills, handedInOf(world), wish.beads * KILLS_UNTIL));
    await rest();
    await storm({
      faults: wish.kills,
      chosen: KILLS,
      pick: () => dice.pick(MORE),
      isOver: () => isOver(world),
      inTime,
      rest,
      async happen(name) {
        const killed = await killAtWork(world, name, dice);
        if (killed) {
          say(`kill -9: ${name} (${closedOf(world)} of ${wish.beads} closed)`);
          met.kills[name] += 1;
        } else await wait(200);
        return killed;
      },
    });
  }
}
