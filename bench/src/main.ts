/** Runs one benchmark beside its baseline: `npm run bench -- NAME [--n N | --minutes M] [--json]`. Counters are asserted; times are only reported. */
import os from 'node:os';
import { commands } from './commands.ts';
import { core } from './core.ts';
import { crowd } from './crowd.ts';
import { idle } from './idle.ts';
import { life } from './life.ts';
import type { Measured } from './measured.ts';
import { memory } from './memory.ts';
import { paint } from './paint.ts';
import { reconnect } from './reconnect.ts';
import { recovery } from './recovery.ts';
import { shapes } from './shapes.ts';
import { soak } from './soak.ts';
import { start } from './start.ts';
import { step } from './step.ts';
import { terminal } from './terminal.ts';
import { worktree } from './worktree.ts';

const BENCHMARKS: Record<string, { says: string; n: number; run: (n: number) => Promise<Measured>; counts?: 'minutes' }> = {
  life: {
    says: 'rows and statements of a bead’s whole life (P4), here and on workerd, beside the least that could be written by hand',
    n: 50,
    run: life,
  },
  commands: { says: 'commands a second in one TownDO beside a bare one-insert object (P5)', n: 300, run: commands },
  ready: { says: 'ready work among 10,000 and 20,000 beads (P1), beside a plain query', n: 50, run: (n) => core('ready', n) },
  beads: { says: 'create, update, close 100 (P2), beside a plain row and log line', n: 50, run: (n) => core('beads', n) },
  cycles: { says: 'an edge that would close a circle (P3), beside a walk bead by bead', n: 50, run: (n) => core('cycles', n) },
  quiet: { says: 'a tick with nothing to do (P6), beside a look at every open bead', n: 50, run: (n) => core('quiet', n) },
  everyday: { says: 'what is said to a town of ten thousand beads', n: 30, run: (n) => core('everyday', n) },
  shapes: { says: 'the eighteen shapes that beads measures itself with, its figures beside ours', n: 30, run: shapes },
  idle: { says: 'alarms of a town at rest in a day (P7), beside a loop that polls', n: 1, run: idle },
  reconnect: { says: 'a page that was away for an hour and 2,000 changes (P10), beside a whole snapshot', n: 30, run: reconnect },
  start: { says: 'ready bead → first agent event, warm (P16), beside a bare agent session', n: 30, run: start },
  worktree: { says: 'the second worktree of a rig (P16), beside a plain git worktree add', n: 30, run: worktree },
  terminal: {
    says: 'a key through a terminal, a flood, a screen for who comes late (P15), beside a bare pseudo-terminal',
    n: 100,
    run: terminal,
  },
  memory: {
    says: 'the runner by itself and with up to `--n` sessions, of the rehearsal agent and of Kilo (P19), beside bare Kilo with as many',
    n: 30,
    run: memory,
  },
  recovery: {
    says: '`kill -9` of the server and of the runner until all is as it was (P18), beside a bare server and a bare process',
    n: 30,
    run: recovery,
  },
  crowd: {
    says: 'thirty agents over five rigs in one runner, a bead each (ED-1, ED-12), beside the thinking of one',
    n: 30,
    run: crowd('rehearsal'),
  },
  'crowd-kilo': { says: 'the same with Kilo', n: 30, run: crowd('kilo') },
  step: { says: 'a tool call until it is committed and answered (P20), beside a bare request that inserts one row', n: 300, run: step },
  soak: {
    says: 'ten agents for an hour: does what is ours grow? `--minutes M`; beside what it is before its first agent',
    n: 60,
    run: soak,
    counts: 'minutes',
  },
  paint: { says: 'change → painted in a second browser (P8), beside polling', n: 30, run: paint },
};

const name = process.argv[2] ?? '';
const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (!benchmark) {
  console.error(
    `Which benchmark?\n${Object.entries(BENCHMARKS)
      .map(([key, { says }]) => `  ${key}: ${says}`)
      .join('\n')}`,
  );
  process.exit(2);
}
const flag = `--${benchmark.counts ?? 'n'}`;
const n = process.argv.includes(flag) ? Number(process.argv[process.argv.indexOf(flag) + 1]) : benchmark.n;
if (!Number.isSafeInteger(n) || n < 1) {
  console.error(`${flag} wants a whole number from 1 on.`);
  process.exit(2);
}
const measured = await benchmark.run(n);
const machine = {
  cpu: os.cpus()[0]?.model ?? 'unknown',
  cores: os.cpus().length,
  /** Of the minute before: over the number of cores, times on the wall are those of a busy machine. */
  load: Math.round(os.loadavg()[0]! * 10) / 10,
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  node: process.version,
};
const result = { bench: name, ok: measured.ok, ...(measured.why.length && { why: measured.why }), ...measured.figures, machine };
console.log(process.argv.includes('--json') ? JSON.stringify(result) : JSON.stringify(result, null, 2));
process.exit(measured.ok ? 0 : 1);
