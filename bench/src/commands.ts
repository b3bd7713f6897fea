import { figures } from './figures.ts';
import type { Measured } from './measured.ts';
import { onWorkerd } from './runtime.ts';

const ROUNDS = 30;
const LEAST_PER_SECOND = 500;

interface Round {
  readonly perSecond: number;
  readonly each: number[];
}

/** P5: mixed commands a second in one TownDO on workerd, beside an object that inserts one row a call; in turns, so that a slow minute hits both. */
export const commands = (n: number): Promise<Measured> =>
  onWorkerd(async (ask) => {
    const round = async (what: string): Promise<Round> => {
      const { ms, each } = (await ask(`${what}?n=${n}`)) as { ms: number; each: number[] };
      return { perSecond: Math.round((n / ms) * 1_000), each };
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
    const slow = rate(town).median < LEAST_PER_SECOND;
    return {
      ok: !slow,
      why: slow ? [`fewer than ${LEAST_PER_SECOND} commands a second`] : [],
      figures: {
        commandsPerRound: n,
        townPerSecond: rate(town),
        barePerSecond: rate(bare),
        /** Of each round and the one after it: what slows one slows the other. */
        shareOfBare: figures(town.map((one, index) => one.perSecond / bare[index]!.perSecond)),
        townLatencyMs: figures(town.flatMap((one) => one.each)),
        bareLatencyMs: figures(bare.flatMap((one) => one.each)),
      },
    };
  });
