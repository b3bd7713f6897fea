/**
 * Work that flows while the git server goes down and comes back, and processes are killed:
 * `npm run outages -- [--beads N] [--outages N] [--kills N] [--agents N] [--seed N] [--rounds N] [--minutes N] [--json]`. Each round is a town of its own, with the next seed and so many minutes.
 * Only what needs no rights: no network, disk or clock of its own (`main.ts` has these). Ends with one JSON line: `{ok, beads, outages, refused, kills, …}`.
 */
import { flow, type Flow } from './flow.ts';
import { totalOf } from './total.ts';
import { wholeNumbers } from './whole-numbers.ts';

const { rounds, ...wish } = wholeNumbers({ beads: 200, outages: 4, kills: 20, agents: 8, seed: 1, rounds: 1, minutes: 15 });
const json = process.argv.includes('--json');
const began = Date.now();
const say = (line: string): void => {
  if (!json) console.log(`${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
};
const flows: Flow[] = [];
for (let round = 0; round < rounds; round += 1) {
  const one = await flow({ ...wish, seed: wish.seed + round }, say);
  for (const line of one.broken) console.error(`broken, seed ${wish.seed + round}: ${line}`);
  flows.push(one);
}
const seconds = (Date.now() - began) / 1_000;
const total = totalOf(wish, flows);
const beadsASecond = Math.round((total.beads / seconds) * 100) / 100;
console.log(JSON.stringify({ ...total, seed: wish.seed, rounds, agents: wish.agents, seconds: Math.round(seconds), beadsASecond }));
process.exit(total.ok ? 0 : 1);
