/**
 * Landings over real git on bad days: `npm run histories -- [--histories N] [--from SEED] [--beads N] [--workers N] [--seed SEED] [--plant BUG] [--json]`.
 * Ends with one JSON line: `{ok, histories, …}`. A history that is found broken is played again with `--seed`. Node is kept small: starting a program costs it the more, the more memory
 * it holds, and a history starts hundreds.
 */
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { addTo, NOTHING_YET, type Counts } from './counts.ts';
import { History } from './history.ts';
import { PLANTS } from './plants.ts';
import { broken } from './verdict.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '50' },
    from: { type: 'string', default: '1' },
    beads: { type: 'string', default: '4' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string' },
    plant: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const number = (name: 'histories' | 'from' | 'beads' | 'workers' | 'seed'): number => {
  const given = Number(values[name]);
  if (Number.isSafeInteger(given) && given > 0) return given;
  return leave(`--${name} wants a whole number above 0, not "${values[name]}".`);
};
function leave(why: string): never {
  console.error(why);
  process.exit(2);
}
if (values.plant !== undefined && !Object.hasOwn(PLANTS, values.plant))
  leave(`There is no such bug: ${values.plant}. These are: ${Object.keys(PLANTS).join(', ')}.`);

const began = Date.now();
const first = values.seed === undefined ? number('from') : number('seed');
const seeds = Array.from({ length: values.seed === undefined ? number('histories') : 1 }, (_, at) => first + at);
const sum: Counts = { ...NOTHING_YET };
const found: { seed: number; lines: string[] }[] = [];
const limit = pLimit(number('workers'));
await Promise.all(seeds.map((seed) => limit(() => one(seed))));

async function one(seed: number): Promise<void> {
  try {
    const lines = await History.play({ seed, beads: number('beads'), plant: values.plant }, async (history) => {
      const lines = await broken(history);
      addTo(sum, history.counts);
      return lines;
    });
    if (lines.length > 0) found.push({ seed, lines });
  } catch (cause) {
    found.push({ seed, lines: [cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)] });
  }
}

for (const { seed, lines } of found) for (const line of lines) console.error(`seed ${seed}: ${line}`);
/** What never came about was not proved. */
const missed = seeds.length < 50 ? [] : (Object.keys(sum) as (keyof Counts)[]).filter((name) => sum[name] === 0);
const ok = found.length === 0 && missed.length === 0;
const seconds = Math.round((Date.now() - began) / 1_000);
const failed = found.map(({ seed }) => seed).toSorted((a, b) => a - b);
console.log(JSON.stringify({ ok, histories: seeds.length, from: first, ...sum, seconds, missed, failed }));
process.exit(ok ? 0 : 1);
