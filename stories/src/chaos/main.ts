/**
 * Real processes on bad days: `npm run chaos -- [--beads N] [--faults N] [--agents N] [--seed N] [--only FAULT,FAULT] [--minutes N] [--json]`.
 * Ends with one JSON line: `{ok, beads, faults, …}`. Needs root, `nft`, `unshare` and a C compiler: it runs in a network and by a clock of its own.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Dice } from './dice.ts';
import { FAULT_NAMES, FAULTS, type FaultName } from './faults.ts';
import { storm } from './storm.ts';
import { brokenPromises } from './verdict.ts';
import { issues, openWorld, wait, type World } from './world.ts';

const { values } = parseArgs({
  options: {
    beads: { type: 'string', default: '60' },
    faults: { type: 'string', default: '40' },
    agents: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '20' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const number = (name: 'beads' | 'faults' | 'agents' | 'seed' | 'minutes'): number => {
  const given = Number(values[name]);
  if (Number.isSafeInteger(given) && given >= 0) return given;
  console.error(`--${name} wants a whole number, not "${values[name]}".`);
  process.exit(2);
};
const wish = {
  beads: number('beads'),
  faults: number('faults'),
  agents: number('agents'),
  seed: number('seed'),
  minutes: number('minutes'),
};
const named = values.only?.split(',') ?? FAULT_NAMES;
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
let world: World | null = null;
let failure: string | null = null;
let broken: string[] = [];
const asked = { retried: 0, resumed: 0 };
try {
  world = await openWorld({ beads: wish.beads, agentsPerRig: Math.max(1, Math.round(wish.agents / 2)) });
  say(`${wish.beads} errands are said`);
  const bad: World = world;
  const dice = new Dice(wish.seed);
  await storm({
    faults: wish.faults,
    chosen,
    pick: () => dice.pick(chosen),
    isOver: () => isOver(bad),
    inTime,
    async happen(name) {
      const done = await FAULTS[name].happen(bad, dice);
      if (done) {
        say(`${FAULTS[name].says} (${closedOf(bad)} of ${wish.beads} closed)`);
        counts[name] += 1;
      }
      return done;
    },
    async rest(misses) {
      await actAsAPerson(bad);
      await wait(dice.between(500, 4_000) * Math.min(1 + misses, 8));
    },
  });
  await calm(bad);
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
/** A fault that never happened proves nothing. */
const missed = wish.faults < chosen.length ? [] : chosen.filter((name) => counts[name] === 0);
const result = {
  ok: failure === null && broken.length === 0 && missed.length === 0,
  seed: wish.seed,
  beads: wish.beads,
  agents: wish.agents,
  faults: Object.values(counts).reduce((sum, count) => sum + count, 0),
  byFault: counts,
  missed,
  runs: world?.replica.all('runs').filter((run) => run.beadId !== null).length ?? 0,
  retriedByAPerson: asked.retried,
  resumedByAPerson: asked.resumed,
  seconds: Math.round((Date.now() - began) / 1_000),
  broken: broken.length,
  ...(failure !== null && { failure: failure.split('\n')[0] }),
};
console.log(JSON.stringify(result));
process.exit(result.ok ? 0 : 1);

async function calm(world: World): Promise<void> {
  say(`calm (${closedOf(world)} of ${wish.beads} closed)`);
  while (!isOver(world)) {
    inTime();
    await actAsAPerson(world);
    await wait(1_000);
  }
  await world.replica.until('every run is over', () =>
    world.replica.all('runs').every((run) => run.beadId === null || run.state === 'ended'),
  );
  say('every errand is closed');
}

function inTime(): void {
  if (Date.now() - began > wish.minutes * 60_000) throw new Error(`not every errand is closed after ${wish.minutes} minutes`);
}

/** What a person does: a bead that failed may be tried again, a town whose runner ended too often goes on. */
async function actAsAPerson({ client, town, ...rest }: World): Promise<void> {
  if (rest.replica.all('town')[0]?.container.state === 'failed') {
    await client.command(town, { kind: 'town.resume' }).catch((cause: unknown) => say(String(cause)));
    asked.resumed += 1;
  }
  for (const bead of issues({ client, town, ...rest }).filter(({ status }) => status === 'failed')) {
    await client.command(town, { kind: 'bead.retry', beadId: bead.id }).catch((cause: unknown) => say(String(cause)));
    asked.retried += 1;
  }
}

function closedOf(world: World): number {
  return issues(world).filter(({ status }) => status === 'closed').length;
}

function isOver(world: World): boolean {
  return closedOf(world) === wish.beads;
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
