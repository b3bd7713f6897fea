/**
 * The nightly figures of design/reliability.md §3 for the core and its shell. `--only NAME` runs one step; `--share N` runs one Nth of each figure.
 * Ends with one JSON line: what ran, how long, what each suite counted.
 */
import { PUBLIC_DATA } from './public-data.ts';
import { chosen, performAll, type Step } from './steps.ts';

const share = process.argv.includes('--share') ? Number(process.argv[process.argv.indexOf('--share') + 1]) : 1;
const part = (figure: number): string => String(Math.max(1, Math.round(figure / share)));
const sim = (name: string, ...options: string[]): Step => ({
  name,
  command: ['node', 'packages/simulator/src/main.ts', ...options, '--workers', '2', '--json'],
  counts: 'json',
});

/**
 * A test process becomes slower with each eviction, of a bare object too (12 ms at first, 460 after 1,250): the test pool keeps something of each.
 * So several processes share the figure.
 */
function evictions(figure: number): Step[] {
  const processes = Math.ceil(figure / 400);
  return Array.from({ length: processes }, () => ({
    name: 'evictions',
    command: ['vitest', 'run', '--root', 'apps/worker', 'test/evictions'],
    counts: 'vitest',
    environment: { EVICTIONS: String(Math.ceil(figure / processes)) },
  }));
}

const STEPS: readonly Step[] = [
  /** The steps of the storm; the calm after it is 500 more on average. With `--share 2` the first half: the other is `npm run sim` from seed 1,050,000. */
  sim('simulation', '--seeds', part(100_000), '--steps', '1000', '--from', '1000000'),
  sim('replicas', '--replicas', '--seeds', part(10_000), '--steps', '200', '--from', '1000000'),
  { name: 'crash points', command: ['node', 'packages/simulator/src/crash/main.ts', '--schedulers', '3', '--json'], counts: 'json' },
  ...evictions(Math.max(1, Math.round(5_000 / share))),
  {
    name: 'kill',
    command: ['node', 'stories/src/main.ts', 'kill', '--json'],
    counts: 'json',
    environment: { KILL_ROUNDS: part(500) },
  },
  {
    name: 'histories',
    command: ['npm', 'run', '--silent', 'histories', '--', '--histories', part(2_000), '--from', '1000', '--json'],
    counts: 'json',
  },
  PUBLIC_DATA,
  { name: 'runner', command: ['vitest', 'run', '--project', 'runner', 'night'], counts: 'vitest', environment: { NIGHT: '1' } },
  { name: 'runners', command: ['node', 'stories/src/main.ts', 'runners', '--json'], counts: 'json' },
  { name: 'agents', command: ['node', 'stories/src/main.ts', 'agents', '--json'], counts: 'json' },
  { name: 'terminals', command: ['node', 'stories/src/main.ts', 'terminal', '--json'], counts: 'json' },
  { name: 'routes', command: ['node', 'stories/src/routes/main.ts', '--sizes', 'all', '--json'], counts: 'json' },
  {
    name: 'hostile input',
    command: ['vitest', 'run', '--project', 'town', '--project', 'protocol'],
    counts: 'vitest',
    /** A file has ten lines, each of them a case. */
    environment: {
      FUZZ_RUNS: part(50_000),
      FUZZ_FILES: part(5_000),
      SPEND_RUNS: part(2_000),
      CHAOS_RUNS: part(2_000),
      RUNS: part(2_000),
    },
  },
];

/** Hours of real processes, each with a command of its own; here as parts of one night. They need root, and a machine that does nothing else. */
const LONG: readonly Step[] = [
  ...['kilo', 'opencode', 'claude', 'codex'].map((agent): Step => ({
    name: `conformance ${agent}`,
    command: ['node', 'apps/runner/src/conformance/main.ts', '--agent', agent, '--json'],
    counts: 'json',
  })),
  { name: 'escape', command: ['node', 'stories/src/escape/main.ts', '--json'], counts: 'json' },
  {
    name: 'chaos',
    command: ['node', 'stories/src/chaos/main.ts', '--beads', part(600), '--faults', part(400), '--minutes', '360', '--json'],
    counts: 'json',
  },
  /** 5,000 beads, 100 outages of the git server and 1,000 kills, in towns of 200 beads. */
  {
    name: 'outages',
    command: ['node', 'stories/src/chaos/outages.ts', '--rounds', part(25), '--kills', '40', '--seed', '100', '--json'],
    counts: 'json',
  },
  /** Ten minutes of work with tokens of a minute (S11, S12). */
  {
    name: 'tokens',
    command: ['node', 'stories/src/chaos/tokens.ts', '--life', '60', '--seconds', part(600), '--minutes', '30', '--json'],
    counts: 'json',
  },
  { name: 'soak', command: ['node', 'bench/src/main.ts', 'soak', '--minutes', part(62), '--json'], counts: 'json' },
  { name: 'mutation', command: ['node', 'scripts/mutation.ts', '--json'], counts: 'json' },
];

const began = Date.now();
const { total, performed } = await performAll(chosen([...STEPS, ...LONG]));
console.log(
  JSON.stringify({
    ok: total.failed === 0 && total.passed > 0,
    share,
    minutes: Math.round((Date.now() - began) / 6_000) / 10,
    ...total,
    steps: performed.map(({ name, seconds, tally, figures }) => ({ name, seconds, ...tally, figures })),
  }),
);
process.exit(total.failed || !total.passed ? 1 : 0);
