import { childrenCpuMs } from './cpu.ts';
import { figures } from './figures.ts';
import type { Measured } from './measured.ts';
import { onWorkerd } from './runtime.ts';

const ROUNDS = 30;
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
    return {
      ok: true,
      why: [],
      figures: {
        goals: GOALS,
        commandsPerRound: n,
        townPerSecond: rate(town),
        barePerSecond: rate(bare),
        /** Of each round and the one after it: what slows one slows the other. */
        shareOfBare: figures(town.map((one, index) => one.perSecond / bare[index]!.perSecond)),
        cpuMs: { town: mine, bare: theirs, share: mine === null || theirs === null ? null : Math.round((theirs / mine) * 1_000) / 1_000 },
        townLatencyMs: figures(town.flatMap((one) => one.each)),
        bareLatencyMs: figures(bare.flatMap((one) => one.each)),
      },
    };
  });

/** The mean: a round is too short for the clock of the processor. */
function cpu(rounds: readonly Round[]): number | null {
  const known = rounds.flatMap((one) => one.cpuMs ?? []);
  return known.length < rounds.length ? null : Math.round((known.reduce((sum, one) => sum + one, 0) / known.length) * 1_000) / 1_000;
}
