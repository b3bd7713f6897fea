import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { countingSql, memorySql, story, type CountingSql, type SqlCounts } from '@gastown/town/testing';
import { makeTables, stepsByHand } from './by-hand.ts';
import type { Billed } from './cases/trial.ts';
import { ownCpuMs } from './cpu.ts';
import { figures, type Figures } from './figures.ts';
import type { Measured } from './measured.ts';
import { countOnPlatform } from './platform.ts';

/** Rows as Node's SQLite counts them, those of indexes not among them; of the platform's count `cases/life.ts` has the bounds. Statements on the average of the steps. */
const BOUNDS = { rowsWritten: 60, statementsAStep: 25, timesByHand: 3 };
const GOAL = { rowsWritten: 60, statementsOfAnyStep: 25 };
const WARM = 5;

/**
 * P4 over the real core: what a bead's life (create → run → done → gates → landed → closed) costs its store. Beside it the least that a ledgered store
 * could write by hand for the same life. Each step is one transaction in both; on disk a step is durable before the next begins, as in a Durable Object.
 * Rows are those that statements change; `onWorkerd` has what the platform bills, rows of indexes too, and what each step asks.
 */
export async function life(n: number): Promise<Measured> {
  const memory = beside(':memory:', n);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-bench-'));
  const disk = beside(path.join(folder, 'town.sqlite'), n);
  rmSync(folder, { recursive: true, force: true });
  const { ours } = memory;
  const onWorkerd = (await countOnPlatform('lives')).flat();
  const aStep = Math.round((ours.cost.statements / ours.steps) * 10) / 10;
  const why = [
    ...(ours.cost.rowsWritten > BOUNDS.rowsWritten ? [`a life writes ${ours.cost.rowsWritten} rows, more than ${BOUNDS.rowsWritten}`] : []),
    ...(aStep > BOUNDS.statementsAStep ? [`a step asks ${aStep} times on the average, more than ${BOUNDS.statementsAStep}`] : []),
    ...(disk.times > BOUNDS.timesByHand
      ? [`on disk a life takes ${disk.times} times as long as by hand, more than ${BOUNDS.timesByHand}`]
      : []),
    ...onWorkerd.flatMap(({ broken }) => broken),
  ];
  const figures = { steps: ours.steps, statementsAStep: aStep, goalMs: 10, memory, disk, onWorkerd: onWorkerd.map(asTold) };
  return { ok: why.length === 0, why, figures };
}

/** Each step that asks more often than the goal says. */
function asTold({ statements, rowsRead, rowsWritten, steps }: Billed) {
  const over = steps.filter((step) => step.statements > GOAL.statementsOfAnyStep);
  const goals = { rowsWritten: rowsWritten <= GOAL.rowsWritten, statementsOfAnyStep: over.length === 0 };
  return { statements, rowsRead, rowsWritten, goals, over: Object.fromEntries(over.map((step) => [step.name, step.statements])) };
}

interface Lived {
  /** Of the dearest life. */
  readonly cost: SqlCounts;
  readonly steps: number;
  readonly ms: Figures;
  readonly cpuMs: number;
}
interface Sample {
  readonly cost: SqlCounts;
  readonly steps: number;
  readonly ms: number;
  readonly cpuMs: number;
}
/** A life of ours and one by hand in turns: what slows one slows the other. */
function beside(file: string, n: number): { ours: Lived; byHand: Lived; times: number } {
  const [core, hand] = [oursOver(store(file)), handOver(store(file === ':memory:' ? file : `${file}.hand`))];
  const [ours, byHand]: [Sample[], Sample[]] = [[], []];
  for (let index = -WARM; index < n; index += 1) {
    const [one, other] = [sample(core, index + WARM), sample(hand, index + WARM)];
    if (index >= 0) ours.push(one);
    if (index >= 0) byHand.push(other);
  }
  const [mine, theirs] = [summary(ours), summary(byHand)];
  return { ours: mine, byHand: theirs, times: Math.round((mine.ms.median / theirs.ms.median) * 10) / 10 };
}

interface Life {
  readonly sql: CountingSql;
  /** One whole life; how many transactions it was. */
  live(index: number): number;
  /** Is the bead of the last life where it belongs? */
  check(): void;
}
function sample({ sql, live, check }: Life, index: number): Sample {
  let steps = 0;
  const cpu = ownCpuMs();
  const began = performance.now();
  const cost = sql.measure(() => void (steps = live(index)));
  const ms = performance.now() - began;
  const cpuMs = ownCpuMs() - cpu;
  check();
  return { cost, steps, ms, cpuMs };
}
function summary(found: readonly Sample[]): Lived {
  const dearest = found.reduce((most, one) => (one.cost.rowsWritten > most.cost.rowsWritten ? one : most));
  return {
    cost: dearest.cost,
    steps: dearest.steps,
    ms: figures(found.map((one) => one.ms)),
    cpuMs: figures(found.map((one) => one.cpuMs)).median,
  };
}

function store(file: string): Store {
  const made = memorySql(file);
  made.db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  return made;
}
type Store = ReturnType<typeof memorySql>;

/** Runs each piece of work in a transaction of its own, and counts them. */
function committing(made: Store) {
  let count = 0;
  return {
    count: () => count,
    step<T>(work: () => T): T {
      count += 1;
      made.db.exec('BEGIN IMMEDIATE');
      const value = work();
      made.db.exec('COMMIT');
      return value;
    },
  };
}

function oursOver(made: Store): Life {
  const { town, runner, wish, bead } = story({}, { check: false, store: made });
  wish('the first, with its polecat');
  runner.work();
  const { step, count } = committing(made);
  const { send, take } = town;
  town.send = (...said) => step(() => send(...said));
  town.take = () => step(take);
  let last = wish('the second, before anything is counted');
  runner.work();
  return {
    sql: town.sql,
    live(index) {
      const before = count();
      last = wish(`bead ${index}`);
      runner.work();
      return count() - before;
    },
    check() {
      const { status } = bead(last);
      if (status !== 'closed') throw new Error(`the bead did not land: ${status}`);
    },
  };
}

function handOver(made: Store): Life {
  const sql = countingSql(made);
  makeTables(sql);
  const { step } = committing(made);
  return {
    sql,
    live(index) {
      const steps = stepsByHand(sql, `bead-${index}`);
      for (const work of steps) step(work);
      return steps.length;
    },
    check: () => undefined,
  };
}
