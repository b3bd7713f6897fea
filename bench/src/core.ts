import { memorySql } from '@gastown/town/testing';
import { CASES } from './cases/index.ts';
import type { Billed, Trial } from './cases/trial.ts';
import { ownCpuMs } from './cpu.ts';
import { figures, type Figures } from './figures.ts';
import type { Measured } from './measured.ts';
import { countOnPlatform } from './platform.ts';

const WARM = 5;

/** Cases of the core: times on Node's SQLite with the naive answer in turns, rows in a Durable Object, where the platform counts what it bills. */
export async function core(name: string, n: number): Promise<Measured> {
  const billed = await countOnPlatform(name);
  const trials = (CASES[name] ?? []).flatMap((one, at) =>
    one(memorySql()).map((trial, place) => {
      trial.before?.();
      return { what: trial.name, ...times(trial, n), ...shown(billed[at]![place]!) };
    }),
  );
  const why = billed.flat().flatMap((bill) => bill.broken);
  return { ok: why.length === 0, why, figures: { trials } };
}
const shown = ({ found, statements, rowsRead, rowsWritten, steps }: Billed) => ({
  found,
  statements,
  rowsRead,
  rowsWritten,
  ...(steps.length > 0 && { steps }),
});

/** Each call of a trial gets a number of its own, so that it does not ask for what it did before. */
const used = new WeakMap<Trial, number>();
function next(trial: Trial): number {
  const index = used.get(trial) ?? 0;
  used.set(trial, index + 1);
  return index;
}

type Times = Pick<Trial, 'goalMs' | 'upstreamMs'> & { ms: Figures; cpuMs: number; naiveMs?: Figures; naiveShare?: number };

/** Ours and the naive answer in turns: what slows one slows the other. */
function times(trial: Trial, n: number): Times {
  const calls = trial.calls ?? 1;
  const ours: number[] = [];
  const naive: number[] = [];
  let cpu = 0;
  for (let round = -WARM; round < n; round += 1) {
    const indexes = Array.from({ length: calls }, () => next(trial));
    const cpuBefore = ownCpuMs();
    const mine = timed(indexes, (index) => trial.ours(index));
    const cpuAfter = ownCpuMs();
    trial.check?.();
    const other = timed(indexes, (index) => trial.naive?.(index));
    if (round < 0) continue;
    ours.push(mine);
    cpu += cpuAfter - cpuBefore;
    naive.push(other);
  }
  const { goalMs, upstreamMs } = trial;
  const ms = figures(ours);
  const said = {
    ...(goalMs !== undefined && { goalMs }),
    ...(upstreamMs !== undefined && { upstreamMs }),
    ms,
    cpuMs: Math.round((cpu / n) * 1_000) / 1_000,
  };
  if (!trial.naive) return said;
  const naiveMs = figures(naive);
  return { ...said, naiveMs, naiveShare: Math.round((ms.median / naiveMs.median) * 1_000) / 1_000 };
}
function timed(indexes: readonly number[], work: (index: number) => unknown): number {
  const began = performance.now();
  for (const index of indexes) work(index);
  return performance.now() - began;
}
