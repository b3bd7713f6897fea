/**
 * Crash points (reliability §3): every story killed at every point of it. `npm run crash -- [--json] [--schedulers 3] [--story NAME]`. One JSON line at the end;
 * a point from which the town does not come to the same end prints its timeline.
 */
import { parseArgs } from 'node:util';
import { ORDERS } from './order.ts';
import { STORIES } from './stories.ts';
import { crashEverywhere } from './suite.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, schedulers: { type: 'string', default: '1' }, story: { type: 'string' } },
});
const orders = ORDERS.slice(0, Math.max(1, Math.min(ORDERS.length, Number(values.schedulers) || 1)));
const stories = STORIES.filter((story) => !values.story || story.name.includes(values.story));
const SHOWN = 5;

let points = 0;
let diverged = 0;
const started = performance.now();
for (const story of stories) {
  for (const order of orders) {
    const done = crashEverywhere(story, order);
    points += done.points;
    diverged += done.diverged.length;
    if (!values.json) console.log(`${story.name} (${order().name}): ${done.points} points, ${done.diverged.length} diverged`);
    for (const one of done.diverged.slice(0, SHOWN)) {
      console.error(
        `\n✗ ${one.story}, ${one.order}, dies ${one.point}\n  ${one.why.join('\n  ')}\n${one.timeline.map((line) => `    ${line}`).join('\n')}`,
      );
    }
  }
}
const seconds = Math.round((performance.now() - started) / 100) / 10;
const ok = diverged === 0 && points > 0;
console.log(JSON.stringify({ ok, stories: stories.length, schedulers: orders.length, points, diverged, seconds }));
process.exit(ok ? 0 : 1);
