import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { add, merge, nothing, planFor, type Totals, type Wish } from './batch.ts';
import { plantOf } from './plants.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import { storyOf, testOf } from './story.ts';
import { isWell, missedBy } from './verdict.ts';

/** `npm run sim`: see the README of this package. */
const OPTIONS = {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  steps: { type: 'string' },
  from: { type: 'string', default: '1' },
  minutes: { type: 'string' },
  workers: { type: 'string', default: '1' },
  replicas: { type: 'boolean', default: false },
  plant: { type: 'string' },
  json: { type: 'boolean', default: false },
  'no-shrink': { type: 'boolean', default: false },
} as const;
const SHOWN = 10;
const BATCH = 25;
const YEAR_MS = 365 * 86_400_000;

function number(text: string | undefined, name: string, otherwise: number, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new Error(`--${name} wants a whole number from ${least} to ${most}, got ${text ?? ''}.`);
  return value;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS, strict: true });
  const { replicas, plant } = values;
  plantOf(plant);
  const steps = number(values.steps, 'steps', replicas ? 200 : 300);
  const began = performance.now();
  if (values.seed !== undefined) {
    const wish: Wish = { from: number(values.seed, 'seed', 1), seeds: 1, steps, replicas, plant };
    const totals = tellOne(wish);
    if (values.json) console.log(JSON.stringify(lineOf(wish, totals, performance.now() - began)));
    return Number(!isWell(totals, wish));
  }
  const wish: Wish = { from: number(values.from, 'from', 1), seeds: number(values.seeds, 'seeds', 100, 1), steps, replicas, plant };
  const until = values.minutes === undefined ? Number.POSITIVE_INFINITY : began + number(values.minutes, 'minutes', 80) * 60_000;
  const totals = await runAll(wish, number(values.workers, 'workers', 1, 1, 64), until);
  const ms = performance.now() - began;
  const [first] = totals.failed.toSorted((a, b) => a.seed - b.seed);
  if (first && !values['no-shrink']) showSmallest(first.seed, wish);
  if (!values.json) console.log(inWords(totals, missedBy(totals, wish), ms));
  else console.log(JSON.stringify(lineOf(wish, totals, ms)));
  return Number(!isWell(totals, wish));
}

/** One seed: its story, and when a rule broke the smallest run that still breaks it, as a test. */
function tellOne(wish: Wish): Totals {
  const totals = nothing();
  const ran = simulate(planFor(wish, wish.from), { telling: true });
  add(totals, ran);
  console.log(storyOf(ran));
  if (ran.violation) showSmallest(wish.from, wish);
  return totals;
}

function showSmallest(seed: number, how: Omit<Wish, 'from' | 'seeds'>): void {
  const { ran, tries } = shrink(simulate(planFor(how, seed)));
  const told = simulate(ran.plan, { telling: true });
  console.log(`\nThe smallest run found in ${tries} tries that breaks ${ran.violation?.invariant}:\n`);
  console.log(storyOf(told));
  console.log(`\nTo keep it (packages/simulator/src/regressions.test.ts):\n\n${testOf(ran)}\n`);
}

/** Seeds in small batches, handed to whoever is free, until all are done or the time is over. */
function runAll(wish: Wish, workers: number, until: number): Promise<Totals> {
  const { promise, resolve, reject } = Promise.withResolvers<Totals>();
  const totals = nothing();
  const end = wish.from + wish.seeds;
  let next = wish.from;
  let there = workers;
  const left = (): void => {
    there -= 1;
    if (there === 0) resolve(totals);
  };
  const hand = (worker: Worker): void => {
    if (next >= end || performance.now() >= until) return void worker.terminate().then(() => left());
    const seeds = Math.min(BATCH, end - next);
    worker.postMessage({ ...wish, from: next, seeds } satisfies Wish);
    next += seeds;
  };
  for (let n = 0; n < workers; n += 1) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    worker.on('error', reject);
    worker.on('message', (part: Totals) => {
      merge(totals, part);
      hand(worker);
    });
    hand(worker);
  }
  return promise;
}

function lineOf(wish: Wish, totals: Totals, ms: number) {
  const { failed, townMs, faults: _faults, ...sums } = totals;
  return {
    ok: isWell(totals, wish),
    ...sums,
    violations: failed.length,
    missed: missedBy(totals, wish),
    ...(wish.plant !== undefined && { plant: wish.plant }),
    stepsPerSecond: Math.round((sums.steps / ms) * 1_000),
    /** Of this process, all its threads: what a step costs when others use the machine too. */
    stepsPerCpuSecond: Math.round((sums.steps / cpuMs()) * 1_000),
    from: wish.from,
    stepsOfStorm: wish.steps,
    replicas: wish.replicas,
    townYears: Number((townMs / YEAR_MS).toFixed(4)),
    ms: Math.round(ms),
    failed: failed.toSorted((a, b) => a.seed - b.seed).slice(0, SHOWN),
  };
}
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
function inWords(totals: Totals, missed: readonly string[], ms: number): string {
  const { seeds, steps, commands, failed } = totals;
  const speed = Math.round((steps / ms) * 1_000);
  const broken = failed
    .slice(0, SHOWN)
    .map(({ seed, invariant, message }) => `  seed ${seed}: ${invariant}: ${message.split('\n')[0] ?? ''}`);
  return [
    `${seeds} seeds, ${steps} steps, ${commands} commands, ${speed} steps a second, ${failed.length} broken.`,
    ...broken,
    ...missed.map((one) => `  missed ${one}`),
  ].join('\n');
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
