import type { BeadId } from '@gastown/protocol';
import { story, type SqlCounts } from '@gastown/town/testing';
import { childrenCpuMs } from './cpu.ts';
import { figures } from './figures.ts';
import { atLeast, atMost } from './goals.ts';
import type { Measured } from './measured.ts';
import { onWorkerd } from './runtime.ts';

const ROUNDS = 30;
/** Of the dearest command of a kind in a town of a hundred beads. */
const BOUNDS = { statements: 30, rowsWritten: 6 };
/** Medians of the rounds, and of all commands the 99th of a hundred. Told with whether they are met; work is asserted. */
const GOALS = { perSecond: 500, shareOfBare: 0.5, p99Ms: 50 };

interface Round {
  readonly perSecond: number;
  readonly each: number[];
  /** What workerd spent on the processor for one command. */
  readonly cpuMs: number | null;
}

/** P5: mixed commands a second in one TownDO on workerd, beside an object that inserts one row a call; in turns, so that a slow minute hits both. */
export const commands = (n: number): Promise<Measured> =>
  onWorkerd(async (ask) => {
    const round = async (what: string): Promise<Round> => {
      const before = childrenCpuMs();
      const { ms, each } = (await ask(`${what}?n=${n}`)) as { ms: number; each: number[] };
      const after = childrenCpuMs();
      return { perSecond: Math.round((n / ms) * 1_000), each, cpuMs: before === null || after === null ? null : (after - before) / n };
    };
    await round('/town');
    await round('/bare');
    const town: Round[] = [];
    const bare: Round[] = [];
    for (let index = 0; index < ROUNDS; index += 1) {
      town.push(await round('/town'));
      bare.push(await round('/bare'));
    }
    const rate = (rounds: Round[]) => figures(rounds.map((one) => one.perSecond));
    const [mine, theirs] = [cpu(town), cpu(bare)];
    const [perSecond, shareOfBare] = [rate(town), figures(town.map((one, index) => one.perSecond / bare[index]!.perSecond))];
    const townLatencyMs = figures(town.flatMap((one) => one.each));
    const costs = costOfCommands();
    const why = Object.entries(costs).flatMap(([kind, cost]) => tooDear(kind, cost));
    return {
      ok: why.length === 0,
      why,
      figures: {
        goals: {
          perSecond: atLeast(GOALS.perSecond, perSecond.median),
          shareOfBare: atLeast(GOALS.shareOfBare, shareOfBare.median),
          p99Ms: atMost(GOALS.p99Ms, townLatencyMs.p99),
        },
        bounds: BOUNDS,
        costs,
        commandsPerRound: n,
        townPerSecond: perSecond,
        barePerSecond: rate(bare),
        /** Of each round and the one after it: what slows one slows the other. */
        shareOfBare,
        cpuMs: { town: mine, bare: theirs, share: mine === null || theirs === null ? null : Math.round((theirs / mine) * 1_000) / 1_000 },
        townLatencyMs,
        bareLatencyMs: figures(bare.flatMap((one) => one.each)),
      },
    };
  });

/** The mean: a round is too short for the clock of the processor. */
function cpu(rounds: readonly Round[]): number | null {
  const known = rounds.flatMap((one) => one.cpuMs ?? []);
  return known.length < rounds.length ? null : Math.round((known.reduce((sum, one) => sum + one, 0) / known.length) * 1_000) / 1_000;
}

/** What the store of the core is asked by each of the mixed commands. */
function costOfCommands(): Record<string, Pick<SqlCounts, 'statements' | 'rowsWritten'>> {
  const { town, wish } = story({}, { check: false });
  town.must({ kind: 'town.pause' });
  const beads: BeadId[] = [];
  const create = (): void => void beads.push(wish(`Bead ${beads.length}`));
  const kinds = {
    create,
    update: (index: number) => town.must({ kind: 'bead.update', beadId: beads[index]!, priority: index % 2 ? 'high' : 'low' }),
    depend: (index: number) => town.must({ kind: 'bead.add_dependency', beadId: beads[index + 1]!, dependsOn: beads[0]!, type: 'related' }),
  };
  for (let index = 0; index < 100; index += 1) create();
  const dearest = (command: (index: number) => unknown): Pick<SqlCounts, 'statements' | 'rowsWritten'> => {
    const found = Array.from({ length: 50 }, (_, index) => town.sql.measure(() => void command(index)));
    return {
      statements: Math.max(...found.map(({ statements }) => statements)),
      rowsWritten: Math.max(...found.map(({ rowsWritten }) => rowsWritten)),
    };
  };
  return Object.fromEntries(Object.entries(kinds).map(([kind, command]) => [kind, dearest(command)]));
}

const tooDear = (kind: string, { statements, rowsWritten }: Pick<SqlCounts, 'statements' | 'rowsWritten'>): string[] => [
  ...(statements > BOUNDS.statements ? [`${kind} asks ${statements} times, more than ${BOUNDS.statements}`] : []),
  ...(rowsWritten > BOUNDS.rowsWritten ? [`${kind} writes ${rowsWritten} rows, more than ${BOUNDS.rowsWritten}`] : []),
];
