import { meaningOf, wrongIn } from './meaning.ts';
import type { ORDERS } from './order.ts';
import { pointName, Reaper, type Point } from './reaper.ts';
import type { Story } from './story.ts';
import { World } from './world.ts';

const HALF_A_DAY = 12 * 3_600_000;

export interface Divergence {
  readonly story: string;
  readonly order: string;
  readonly point: string;
  readonly why: readonly string[];
  readonly timeline: readonly string[];
}
interface Told {
  readonly meaning: string[];
  readonly wrong: string[];
  readonly timeline: readonly string[];
  readonly points: readonly Point[];
  readonly struck: boolean;
}

/** One telling of a story, to its end and until the town rests. */
export function tell(story: Story, order: (typeof ORDERS)[number], target: Point | null): Told {
  const reaper = new Reaper(target);
  const world = new World(reaper, order(), story);
  const told = (wrong: string[], meaning: string[]): Told => ({
    meaning,
    wrong,
    timeline: world.story,
    points: reaper.points,
    struck: reaper.struck,
  });
  try {
    reaper.armed = story.fromTheBeginning ?? false;
    world.person({ kind: 'rig.add', name: 'app', gitUrl: 'https://example.test/app.git', gates: ['npm test'] });
    world.work();
    reaper.armed = true;
    story.tell(world, world.rows().rigs[0]!.id);
    world.sleep(HALF_A_DAY);
    return told(wrongIn(world), meaningOf(world));
  } catch (error) {
    return told([error instanceof Error ? (error.stack ?? error.message) : String(error)], []);
  }
}

/** Every point of a story, each in a run of its own. */
export function crashEverywhere(story: Story, order: (typeof ORDERS)[number]): { points: number; diverged: Divergence[] } {
  const whole = tell(story, order, null);
  const { name } = order();
  const diverged = (point: string, why: string[], timeline: readonly string[]): Divergence => ({
    story: story.name,
    order: name,
    point,
    why,
    timeline,
  });
  if (whole.wrong.length > 0) return { points: 0, diverged: [diverged('never', whole.wrong, whole.timeline)] };
  const found: Divergence[] = [];
  for (const point of whole.points) {
    const crashed = tell(story, order, point);
    const why = [
      ...crashed.wrong,
      ...(crashed.struck ? [] : ['the shell never came to this point']),
      ...differences(whole.meaning, crashed),
    ];
    if (why.length > 0) found.push(diverged(pointName(point), why, crashed.timeline));
  }
  return { points: whole.points.length, diverged: found };
}

function differences(meaning: readonly string[], crashed: Told): string[] {
  if (crashed.wrong.length > 0) return [];
  const left = [...crashed.meaning];
  const missing = meaning.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [...missing.map((line) => `without the crash: ${line}`), ...left.map((line) => `with the crash:    ${line}`)];
}
