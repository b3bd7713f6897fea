/**
 * Work of all kinds over two rigs whose tokens of the git server live for some seconds each, ended by turns: `npm run tokens -- [--life N] [--seconds N] [--agents N] [--minutes N] [--json]`.
 * Errands are said for so many seconds, and all of it ends within so many minutes. No person does anything but give the town its tokens. Ends with one JSON line: `{ok, beads, rigs, …}`.
 */
import { mixed } from './harsh.ts';
import { shortTokens, type ShortTokens } from './short-tokens.ts';
import { brokenByTokens, type Seen } from './short-verdict.ts';
import { watch, type Watch } from './short-watch.ts';
import { brokenPromises } from './verdict.ts';
import { wholeNumbers } from './whole-numbers.ts';
import { closedOf, isOver, issues, openWorld, sayErrand, wait, type World } from './world.ts';

const RIGS = ['alpha', 'beta'];
const wish = wholeNumbers({ life: 10, seconds: 100, agents: 4, minutes: 15 });
const json = process.argv.includes('--json');
const began = Date.now();
const say = (line: string): void => {
  if (!json) console.log(`${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
};

let world: World | null = null;
let seen: Seen | null = null;
let broken: string[] = [];
let refusals: readonly string[] = [];
try {
  world = await openWorld({
    beads: 0,
    rigs: RIGS.map((name) => ({ name, gated: true })),
    agentsPerRig: Math.max(1, Math.round(wish.agents / RIGS.length)),
    troubleOf: mixed,
    thinkMs: 300,
  });
  const [tokens, watched] = [shortTokens(world), watch(world)];
  try {
    await work(world, tokens, watched);
  } finally {
    // Of a town that is stuck it says why.
    seen = watched.seen(tokens);
    broken = brokenByTokens(seen);
    refusals = watched.refusals();
    for (const said of refusals) console.error(`an agent read: ${said}`);
  }
  broken.push(...(await brokenPromises(world)));
} catch (cause) {
  broken.push(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  if (world) console.error(world.replica.describe(), world.house.logs());
} finally {
  world?.replica.close();
  await world?.house.close();
}
for (const line of broken) console.error(`broken: ${line}`);
const result = {
  ok: broken.length === 0,
  ...wish,
  beads: world?.beads.length ?? 0,
  rigs: seen?.rigs ?? [],
  /** Calls that the forge did not take. */
  refused: world?.house.git.requests().filter(({ status }) => status === 401).length ?? 0,
  runs: world?.replica.all('runs').filter((run) => run.beadId !== null).length ?? 0,
  /** Of other causes than tokens: an agent that is told so does it again. */
  toolsRefused: refusals.length,
  took: Math.round((Date.now() - began) / 1_000),
  broken: broken.length,
};
console.log(JSON.stringify(result));
process.exit(result.ok ? 0 : 1);

/** Twice as many errands are open as agents are there, until the time for new ones is over; tokens end until the last errand is closed. */
async function work(world: World, tokens: ShortTokens, watched: Watch): Promise<void> {
  const until = Date.now() + wish.seconds * 1_000;
  let due = 0;
  for (let turn = 0; Date.now() < until || !isOver(world);) {
    if (Date.now() - began > wish.minutes * 60_000) throw new Error(`not every errand is closed after ${wish.minutes} minutes`);
    const said = world.beads.length;
    if (Date.now() < until && said - closedOf(world) < 2 * wish.agents) await sayErrand(world, said, mixed(said >> 1));
    if (Date.now() >= due) {
      const name = RIGS[turn % RIGS.length]!;
      await tokens.replace(name);
      say(`the token of ${name} ends (${closedOf(world)} of ${world.beads.length} closed)`);
      due = Date.now() + (wish.life * 1_000) / RIGS.length;
      turn += 1;
      watched.lookAtProcesses();
    }
    watched.look();
    const failed = issues(world).find(({ status }) => status === 'failed');
    if (failed) throw new Error(`“${failed.title}” failed: ${failed.failure?.message}`);
    await wait(200);
  }
  const everyRunIsOver = (): boolean => world.replica.all('runs').every((run) => run.beadId === null || run.state === 'ended');
  await world.replica.until('every run is over', everyRunIsOver);
  watched.look();
  say('every errand is closed');
}
